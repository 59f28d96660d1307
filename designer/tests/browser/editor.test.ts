import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const shots = process.env.SOAR_SHOTS;
const playbook = 'block-attacking-address';

let server: SoarServer;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start();
  browser = await startBrowser();
  watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
  await watched.goto(`/playbooks/${playbook}`);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const node = (id: string) => watched.page.locator(`.react-flow__node[data-id="${id}"]`);
/** By its code: what is not in view of the picture is not there for the pointer. */
async function choose(line: string, id: string): Promise<void> {
  await watched.page.locator('.cm-line').filter({ hasText: line }).first().click();
  await watched.page.locator(`.react-flow__node.selected[data-id="${id}"]`).waitFor();
}

const code = async () => (await watched.page.locator('.cm-line').allInnerTexts()).map(line => line.replace(/\n$/, '')).join('\n');
const saved = async () => call<{ source: string; version: number; savedBy: string }>(watched.page, 'GET', `/api/drafts/${playbook}`);

async function shoot(name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await watched.page.screenshot({ path: join(shots, `${name}.png`) });
}

it('The editor is loaded when it is opened, and shows the same playbook twice', async () => {
  expect([...watched.scripts.keys()].filter(url => url.includes('/editor-'))).toEqual([]);
  await watched.page.getByRole('button', { name: 'Edit', exact: true }).click();
  await watched.page.locator('.cm-content').waitFor();
  await node('start').waitFor();
  await watched.page.getByText('The checker has nothing to say.').waitFor();
  await shoot('editor-open');
});

it('A step chosen in the picture is chosen in the code, and the other way round', async () => {
  const { page } = watched;
  await choose('await Isp.Report', 'tell-its-provider');
  await page.getByLabel('Title').waitFor();
  expect(await page.getByLabel('Title').inputValue()).toBe('Tell its provider');
  expect(await page.getByRole('group', { name: 'Arguments' }).locator('input').first().inputValue()).toBe('owner');
  await node('ask').click();
  await expect.poll(async () => page.evaluate(() => document.getSelection()?.toString() ?? ''), { timeout: 60_000 }).toContain('Ask("shift-lead"');
  await shoot('editor-selected');
});

it('A + on a line opens the palette, and what is chosen stands there in both views; undo takes it back to the character', async () => {
  const { page } = watched;
  const before = await code();
  await choose('await Isp.Report', 'tell-its-provider');
  await page.locator('.insert-point').last().click();
  await page.getByRole('combobox', { name: 'Search actions, words, playbooks' }).fill('note');
  await page.getByRole('option').filter({ hasText: 'Note' }).first().waitFor();
  await shoot('editor-palette');
  await page.keyboard.press('Enter');
  await node('note').waitFor();
  expect(await code()).toContain('await Note("What happened");\n');
  await page.getByLabel('Title').fill('Write it down');
  await page.keyboard.press('Enter');
  await node('write-it-down').waitFor();
  expect(await code()).toContain('// Write it down\nawait Note("What happened");\n');
  await shoot('editor-inserted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  await node('write-it-down').waitFor({ state: 'detached' });
  expect(await code()).toBe(before);
});

it('The keyboard alone inserts, moves and deletes', async () => {
  const { page } = watched;
  await choose('await Isp.Report', 'tell-its-provider');
  await node('tell-its-provider').focus();
  await page.keyboard.press('+');
  await page.getByRole('combobox', { name: 'Search actions, words, playbooks' }).fill('wait');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await node('wait').waitFor();
  await node('wait').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(async () => (await code()).indexOf('await Wait(1.Hours);') < (await code()).indexOf('await Isp.Report'), { timeout: 60_000 }).toBe(true);
  await node('wait').focus();
  await page.keyboard.press('Delete');
  await node('wait').waitFor({ state: 'detached' });
  expect(await code()).not.toContain('Wait(1.Hours)');
});

it('What is typed is drawn, and what is wrong is told with its line', async () => {
  const { page } = watched;
  await page.locator('.cm-line').filter({ hasText: 'return Outcome.Contained();' }).click();
  await page.keyboard.press('Home');
  await page.keyboard.type('await Note(nobody);\n');
  await node('note').waitFor();
  await page.locator('.findings li.error').filter({ hasText: 'nobody' }).first().waitFor();
  await shoot('editor-finding');
  expect(await watched.violations()).toEqual([]);
});

it('The draft is saved by itself; who comes second is told who was first, and nothing is overwritten', async () => {
  const { page } = watched;
  await page.getByText('Draft saved').waitFor();
  const mine = await saved();
  expect(mine.source).toContain('await Note(nobody);');
  await call(page, 'PUT', `/api/drafts/${playbook}`, { source: `${mine.source}// theirs\n`, basedOn: mine.version });
  await page.locator('.cm-line').filter({ hasText: 'await Note(nobody);' }).click();
  await page.keyboard.press('End');
  await page.keyboard.type(' // mine');
  await page.getByRole('button', { name: 'Take theirs' }).waitFor();
  await page.getByText(/ana saved the draft/).waitFor();
  await shoot('editor-conflict');
  expect(await watched.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Take theirs' }).click();
  await page.locator('.cm-line').filter({ hasText: '// theirs' }).waitFor();
  expect((await saved()).version).toBe(mine.version + 1);
});

it('In the other theme and language it is whole, too, and nothing came from elsewhere', async () => {
  const other = await WatchedPage.open(browser, server.address, { theme: 'dark', language: 'mk' }, await watched.page.context().storageState());
  await other.goto(`/playbooks/${playbook}`);
  await other.page.getByRole('button', { name: 'Уреди', exact: true }).click();
  await other.page.locator('.cm-content').waitFor();
  await other.page.locator('.react-flow__node[data-id="ask"]').click();
  await other.page.getByLabel('Наслов').waitFor();
  expect(await other.violations()).toEqual([]);
  if (shots !== undefined) await other.page.screenshot({ path: join(shots, 'editor-dark-mk.png') });
  expect(other.wrong).toEqual([]);
  expect(watched.wrong).toEqual([]);
});
