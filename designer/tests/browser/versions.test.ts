import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, password, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const text = (version: string, said: string) => `Playbook("note-it", version: "${version}", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Says something.");\n\n// Say it\nawait Note("${said}");\nreturn Outcome.Completed();\n`;

let server: SoarServer;
let browser: Browser;
let ana: WatchedPage;
let eva: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start({ 'note-it': text('1.0.0', 'one'), 'uses-it': 'Playbook("uses-it", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Runs another.");\nawait Run("note-it");\nreturn Outcome.Completed();\n' });
  browser = await startBrowser();
  ana = await WatchedPage.open(browser, server.address);
  await setUp(ana, server);
  const { code } = await call<{ code: string }>(ana.page, 'POST', '/api/users', { name: 'eva', roles: ['engineer'], sight: { clearance: 'Red', see: ['*'], run: ['*'], edit: ['*'] } });
  eva = await WatchedPage.open(browser, server.address);
  await eva.page.goto('/login');
  await eva.page.evaluate(async ([secret, word]) => { await fetch('/api/password', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ code: secret, password: word }) }); }, [code, password] as const);
  await eva.page.getByLabel('Name', { exact: true }).fill('eva');
  await eva.page.getByLabel('Password').fill(password);
  await eva.page.keyboard.press('Enter');
  await eva.page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

async function publish(version: string, said: string, basedOn: number): Promise<void> {
  const { version: draft } = await call<{ version: number }>(eva.page, 'PUT', '/api/drafts/note-it', { source: text(version, said), basedOn });
  await eva.goto('/playbooks/note-it');
  await eva.page.getByLabel('A word for whoever reviews it').fill('please');
  await eva.page.getByRole('button', { name: 'Submit for review' }).click();
  await eva.page.getByText('waits for a review').first().waitFor();
  await ana.goto('/playbooks/note-it');
  await ana.page.getByRole('button', { name: 'Approve' }).click();
  await ana.page.getByText(/approved, waits to be published/).first().waitFor();
  await ana.page.getByRole('button', { name: 'Publish', exact: true }).click();
  await ana.page.locator('.table').getByText(version).first().waitFor();
  expect(draft).toBeGreaterThan(0);
}

it('A draft is submitted by one, approved and published by another; versions are compared and gone back to; who uses it stands there', async () => {
  await publish('1.1.0', 'two', 0);
  await publish('1.2.0', 'three', 0);
  await ana.goto('/playbooks/note-it');
  await ana.page.getByRole('heading', { name: 'Used by' }).waitFor();
  await ana.page.getByRole('link', { name: 'uses-it' }).waitFor();
  expect(await ana.violations()).toEqual([]);
  await ana.page.getByRole('button', { name: 'Compare' }).click();
  await ana.page.getByText('await Note("two");').first().waitFor();
  expect(await ana.violations()).toEqual([]);
  await ana.page.getByRole('button', { name: 'Roll back' }).first().click();
  const dialog = ana.page.getByRole('dialog');
  await dialog.getByLabel('Why').fill('three says too much');
  expect(await ana.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await dialog.waitFor({ state: 'detached' });
  await ana.page.locator('tr', { hasText: '1.1.0' }).getByText('current').waitFor();
  expect([...ana.wrong, ...eva.wrong]).toEqual([]);
});

it('The head of the page says what the draft says while somebody edits', async () => {
  const { page } = eva;
  await eva.goto('/playbooks/note-it');
  await page.locator('.tlp.green').first().waitFor();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.locator('.cm-content').waitFor();
  await page.locator('.react-flow__node[data-id="start"]').click();
  await page.getByLabel('TLP', { exact: true }).selectOption('Red');
  await page.locator('.tlp.red').first().waitFor();
  expect(await eva.violations()).toEqual([]);
  expect(eva.wrong).toEqual([]);
});
