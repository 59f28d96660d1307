import type { Browser, Page } from 'playwright-core';
import type { SoarServer } from './soar-server';
import { WatchedPage } from './watched-page';

export const password = 'a sentence is better than a puzzle';

/** The first administrator of a new server, made and signed in by hand. */
export async function setUp(watched: WatchedPage, server: SoarServer): Promise<void> {
  const { page } = watched;
  await page.goto(`/setup#${server.setUpCode}`);
  await page.getByLabel('Name', { exact: true }).fill('ana');
  await page.getByLabel('Full name (optional)').fill('Ана Стојанова');
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
  await page.getByRole('button', { name: 'Make the administrator' }).click();
  await page.getByText('Done. Sign in with the new name.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ana');
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
}

/** Calls the API as the page's user, as a program would. */
export async function call<T>(page: Page, method: string, path: string, body?: unknown): Promise<T> {
  return page.evaluate(async ([verb, where, what]) => {
    const me = (await (await fetch('/api/me')).json()) as { antiforgery: string };
    const response = await fetch(where, { method: verb, headers: { 'Content-Type': 'application/json', 'X-Soar-Antiforgery': me.antiforgery }, ...(what === undefined ? {} : { body: JSON.stringify(what) }) });
    if (!response.ok) throw new Error(`${verb} ${where}: ${String(response.status)} ${await response.text()}`);
    return (await response.json()) as never;
  }, [method, path, body] as const);
}

/** A second person, made by the first one, with a window of their own. */
export async function colleague(browser: Browser, server: SoarServer, watched: WatchedPage, name: string, roles: readonly string[]): Promise<WatchedPage> {
  const { code } = await call<{ code: string }>(watched.page, 'POST', '/api/users', { name, roles, sight: { clearance: 'Red', see: ['*'], run: ['*'], edit: ['*'] } });
  const other = await WatchedPage.open(browser, server.address);
  await other.page.goto(`/password#${code}`);
  await other.page.getByLabel('Password', { exact: true }).fill(password);
  await other.page.getByRole('button', { name: 'Set the password' }).click();
  await other.page.getByText('The password is set. Sign in.').waitFor();
  await other.page.getByLabel('Name', { exact: true }).fill(name);
  await other.page.getByLabel('Password').fill(password);
  await other.page.keyboard.press('Enter');
  await other.page.getByRole('heading', { name: 'Inbox' }).waitFor();
  return other;
}

/** Starts a playbook from its page, with the form of its inputs. */
export async function startPlaybook(watched: WatchedPage, name: string, inputs: Readonly<Record<string, string>>, live: boolean): Promise<void> {
  const { page } = watched;
  await watched.goto(`/playbooks/${name}`);
  await page.getByRole('button', { name: 'Run…' }).click();
  const dialog = page.getByRole('dialog');
  for (const [input, value] of Object.entries(inputs)) await dialog.getByLabel(new RegExp(`^${input}`)).fill(value);
  if (live) await dialog.getByRole('radio', { name: /^Live/ }).check();
  await dialog.getByRole('button', { name: live ? 'Start' : 'Start the dry run', exact: true }).click();
  await page.waitForURL('**/runs/*');
}
