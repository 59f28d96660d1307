import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, colleague, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

/** Half a day from now: not while the tests run. */
const hour = (new Date().getUTCHours() + 12) % 24;
const daily = `Playbook("daily", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Runs by the clock.");
On.Schedule("0 30 ${String(hour)} * * ?", "UTC");
return Outcome.Completed();
`;
const blocks = `Playbook("blocks", version: "1.0.0", type: PlaybookType.Mitigation, tlp: Tlp.Green, summary: "Blocks.");
await Tickets.Create($"It begins", $"At once");
return Outcome.Completed();
`;

const settings = `roles: { shift-lead: [ana, boris] }
rota: { shift-lead: { weekly: [{ from: '08:00', until: '20:00', who: [ana] }, { from: '20:00', until: '08:00', who: [boris] }] } }
http: { loginsPerMinute: 1000 }
`;

let server: SoarServer;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start({ daily, blocks }, settings);
  browser = await startBrowser();
  watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('From any page effects are stopped with a reason; every page says so with who and why, what is held is listed, and they are allowed again', async () => {
  const { page } = watched;
  await watched.goto('/playbooks');
  await page.getByRole('link', { name: /Effects allowed/ }).waitFor();
  await page.getByRole('button', { name: 'Stop effects…' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Stop effects…' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Reason (required)').fill('edge-2 blocks what it should not');
  expect(await watched.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Stop effects…' }).click();
  const banner = page.locator('.banner.stopped');
  await banner.waitFor();
  expect(await banner.textContent()).toMatch(/Every effect but lifts\. ana, .*: edge-2 blocks what it should not/);
  await page.getByRole('link', { name: /STOPPED: 1 switch/ }).waitFor();
  await call(page, 'POST', '/api/runs', { playbook: 'blocks' });
  await banner.getByRole('link').click();
  await page.getByText('1 effect waits behind it').click();
  await page.getByRole('cell', { name: 'tickets.create' }).waitFor();
  expect(await watched.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Allow again' }).click();
  await dialog.getByText('1 effect is held and goes on at once.').waitFor();
  await dialog.getByLabel('Reason (required)').fill('Mended');
  await dialog.getByRole('button', { name: 'Allow again' }).click();
  await banner.waitFor({ state: 'detached' });
  await watched.goto('/kill-switches?all=true');
  await page.getByText('Mended').waitFor();
});

it('Who may not stop effects sees whether they are, and has no button', async () => {
  const viewer = await colleague(browser, server, watched, 'dora', ['viewer']);
  await viewer.page.getByRole('link', { name: /Effects allowed/ }).waitFor();
  expect(await viewer.page.getByRole('button', { name: 'Stop effects…' }).count()).toBe(0);
  expect(await viewer.page.getByRole('link', { name: 'Users' }).count()).toBe(0);
  expect(viewer.wrong).toEqual([]);
  await viewer.page.context().close();
});

it('A connector shows its settings, what it brings and who uses it; its test answers in words', async () => {
  const { page } = watched;
  await watched.goto('/connectors');
  await page.getByRole('row', { name: /^edge-1 .*nftables simulated/ }).waitFor();
  await page.getByRole('link', { name: 'tickets' }).click();
  await page.getByRole('heading', { name: 'tickets', level: 1 }).waitFor();
  await page.getByRole('row', { name: /address https:\/\/rt\.example/ }).waitFor();
  await page.getByText(/Tickets\.Create/).first().waitFor();
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.getByText('It is simulated: there is nothing to reach.').waitFor();
  await watched.goto('/connectors/known-bad');
  await page.getByRole('button', { name: 'Test the connection' }).click();
  await page.locator('.good-note').getByText('answers').waitFor();
});

it('What the clock starts stands on a calendar, week by week', async () => {
  const { page } = watched;
  await watched.goto('/schedules');
  await page.getByRole('button', { name: 'Week after' }).click();
  await page.waitForURL('**/schedules?week=1');
  const entries = page.locator('.week ul li').filter({ hasText: 'daily' });
  await entries.nth(6).waitFor();
  expect(await entries.count()).toBe(7);
  await page.getByRole('button', { name: 'This week' }).click();
  await page.locator('.week li.today').waitFor();
  await page.getByRole('row', { name: /daily.*0 30 / }).waitFor();
});

it('A list is imported, changed in place, and its versions are compared row by row', async () => {
  const { page } = watched;
  await watched.goto('/lists');
  await page.getByRole('button', { name: 'Import CSV…' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('facilities');
  await dialog.getByLabel('Or the text itself').fill('name,mail\nTown hall,town.hall@example.org\nSchool,school@example.org\n');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await page.waitForURL('**/lists/facilities');
  await page.getByRole('cell', { name: 'Town hall' }).waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('mail, row 1').fill('hall@example.org');
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('name, row 3').fill('Library');
  expect(await watched.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Save as the next version' }).click();
  await page.getByText('version 2, 3 rows').waitFor();
  await page.getByLabel('Compare with').selectOption('1');
  await page.locator('.row-added').nth(1).waitFor();
  expect(await page.locator('.row-removed').allInnerTexts()).toEqual([expect.stringContaining('town.hall@example.org')]);
  expect(await page.locator('.row-added').allInnerTexts()).toEqual([expect.stringContaining('hall@example.org'), expect.stringContaining('Library')]);
  expect(await watched.violations()).toEqual([]);
});

it('Whoever saved meanwhile is not overwritten', async () => {
  const { page } = watched;
  await watched.goto('/lists/facilities');
  await page.getByRole('button', { name: 'Edit' }).click();
  await call(page, 'PUT', '/api/lists/facilities', { basedOn: 2, columns: ['name', 'mail'], rows: [['Museum', 'm@example.org']] });
  await page.getByLabel('name, row 1').fill('Hall');
  await page.getByRole('button', { name: 'Save as the next version' }).click();
  await page.getByText('SOAR2013').waitFor();
  await page.getByLabel('name, row 1').waitFor();
});

it('The rota says who is on duty now and in each of two weeks', async () => {
  const { page } = watched;
  await watched.goto('/rota');
  await page.locator('.table.rota').nth(1).waitFor();
  expect(await page.locator('.table.rota').nth(1).locator('.shift').filter({ hasText: 'ana' }).count()).toBeGreaterThanOrEqual(7);
  await page.locator('ul.figures').getByText('shift-lead').waitFor();
});

it('A user is made with a code that is shown once, changed, and let in no more', async () => {
  const { page } = watched;
  await watched.goto('/users');
  await page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('boris');
  await dialog.getByRole('checkbox', { name: /^analyst/ }).check();
  expect(await watched.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Make' }).click();
  await page.getByText('One-time code of boris').waitFor();
  expect((await dialog.locator('.secret').innerText()).length).toBeGreaterThan(10);
  await dialog.getByRole('button', { name: 'I have it' }).click();
  const row = page.getByRole('row', { name: /^boris/ });
  await row.getByText('has no password yet').waitFor();
  await page.getByRole('button', { name: 'Edit: boris' }).click();
  await dialog.getByRole('button', { name: 'Let them sign in no more' }).click();
  await row.getByText('may not sign in').waitFor();
});

it('A token is made for little, shown once, and taken back', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: /Account and display/ }).click();
  await page.getByRole('menuitem', { name: 'Tokens for programs' }).click();
  await page.getByRole('heading', { name: 'No tokens' }).waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('siem');
  await dialog.getByRole('checkbox', { name: 'SendAlerts' }).check();
  await dialog.getByRole('button', { name: 'Make' }).click();
  const value = await dialog.locator('.secret').innerText();
  await dialog.getByRole('button', { name: 'I have it' }).click();
  expect(await page.evaluate(async token => (await fetch('/api/runs', { headers: { Authorization: `Bearer ${token}` }, credentials: 'omit' })).status, value)).toBe(403);
  await page.getByRole('button', { name: 'Take back: siem' }).click();
  await dialog.getByRole('button', { name: 'Take back' }).click();
  await page.getByRole('heading', { name: 'No tokens' }).waitFor();
  expect(await page.evaluate(async token => (await fetch('/api/runs', { headers: { Authorization: `Bearer ${token}` }, credentials: 'omit' })).status, value)).toBe(401);
});

it('The dashboard counts what happened here, and each figure leads to what it counts', async () => {
  const { page } = watched;
  await watched.goto('/dashboard');
  await page.getByText('1 of 1 completed asked nobody').waitFor();
  expect(await page.locator('.chart table').nth(1).locator('tbody tr').last().locator('td').allInnerTexts()).toEqual(['1', '0']);
  await page.getByLabel('Time', { exact: true }).selectOption('7');
  await page.waitForURL('**/dashboard?days=7');
  await page.locator('.chart table').first().locator('tbody tr').nth(7).waitFor({ state: 'detached' });
  await page.getByRole('definition').getByRole('link', { name: '0' }).first().click();
  await page.getByRole('heading', { name: 'Inbox' }).waitFor();
});

it('In all that nothing was asked of anybody else, and nothing failed', () => {
  expect(watched.wrong).toEqual([]);
});
