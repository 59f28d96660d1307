import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const finds = `Playbook("finds", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Notes whose address it is.");
var address = Input<IpAddress>("address", "The address", from: alert => alert.Source?.Ip);
var owner = await Isp.Owner(address);
await Note($"{address} belongs to {owner.Name}");
return Outcome.Completed();
`;

const settings = 'alerts: { same: { within: 0s }, cases: [{ name: attacker, by: [source.ip] }] }\n';

let server: SoarServer;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start({ finds }, settings);
  browser = await startBrowser();
  watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
  for (const [id, ip] of [['a', '203.0.113.1'], ['b', '203.0.113.1'], ['c', '203.0.113.2']] as const)
    await call(watched.page, 'POST', '/api/alerts', { id, detector: 'siem', title: `Scan ${id}`, category: 'recon', severity: 40, time: '2026-11-20T08:14:03Z', source: { ip } });
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('Cases are found by what they are about, and the filter stands in the address', async () => {
  const { page } = watched;
  await watched.goto('/cases');
  expect(await page.locator('tbody tr').count()).toBe(2);
  await page.getByRole('searchbox').fill('203.0.113.2');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/cases?text=203.0.113.2');
  await page.locator('tbody tr').nth(1).waitFor({ state: 'detached' });
  await page.locator('tbody tr').filter({ hasText: 'new' }).first().waitFor();
  await page.getByLabel('Status').selectOption('Closed');
  await page.getByRole('heading', { name: 'No case fits this filter.' }).waitFor();
  await watched.goto('/cases?status=New');
  expect(await page.locator('tbody tr').count()).toBe(2);
});

it('A case is taken, given a priority and declared an incident where it is read, and each stands in its timeline', async () => {
  const { page } = watched;
  await watched.goto('/cases/1');
  await page.getByRole('button', { name: 'Take it' }).click();
  await page.getByRole('button', { name: 'Put it back' }).waitFor();
  await page.getByLabel('Priority').selectOption('2');
  await page.getByLabel('declared an incident').click();
  await page.locator('.page-head .badge.incident').waitFor();
  await page.getByRole('tab', { name: 'Timeline' }).click();
  await page.waitForURL('**/cases/1?show=timeline');
  const events = page.locator('.case-timeline > li');
  await events.filter({ hasText: 'declared an incident' }).waitFor();
  expect(await events.filter({ hasText: 'owner' }).innerText()).toContain('– → ana');
  expect(await events.filter({ hasText: 'priority' }).innerText()).toContain('→ 2');
  await page.getByLabel('Filter').selectOption('alerts');
  expect(await events.count()).toBe(2);
});

it('Tasks are planned and done; notes are Markdown in which nothing runs and no address is followed', async () => {
  const { page } = watched;
  await watched.goto('/cases/1');
  await page.getByText('New task').click();
  await page.getByLabel('What is to be done').fill('Ask the registry');
  await page.getByLabel('Who (optional)').fill('boris');
  await page.getByRole('button', { name: 'Add the task' }).click();
  const task = page.getByRole('checkbox', { name: /Ask the registry/ });
  await task.waitFor();
  await task.click();
  await page.getByText('1 of 1 done').waitFor();
  await page.getByLabel('New note').fill('Called: **they preserve** it. See [case 2](/cases/2), [them](https://evil.example/x), [this](javascript:alert(1)) <img src=x onerror="alert(1)">');
  await page.getByRole('button', { name: 'Preview' }).click();
  await page.locator('.compose .markdown strong').waitFor();
  await page.getByRole('button', { name: 'Add the note' }).click();
  const note = page.locator('article.note').filter({ hasText: 'they preserve' });
  await note.waitFor();
  expect(await note.locator('strong', { hasText: 'they preserve' }).count()).toBe(1);
  expect(await note.locator('.markdown a').evaluateAll(links => links.map(link => link.getAttribute('href')))).toEqual(['/cases/2']);
  expect(await note.locator('.markdown').innerText()).toContain('https://evil.example/x');
  expect(await note.locator('img').count()).toBe(0);
});

it('A playbook that is run on the case takes what its alert brings, and what it finds lies there', async () => {
  const { page } = watched;
  await watched.goto('/cases/1');
  await page.getByRole('button', { name: 'Run a playbook…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Playbook').selectOption('finds');
  await dialog.getByRole('radio', { name: /^Live/ }).check();
  expect(await watched.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL('**/runs/*');
  await page.getByText('Completed', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'Case', exact: true }).click();
  await page.locator('article.note').filter({ hasText: '203.0.113.1 belongs to' }).waitFor();
});

it('What belongs elsewhere is split off, and merged into where it belongs', async () => {
  const { page } = watched;
  await watched.goto('/cases/1');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Split off a new case…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Title of the new case').fill('Another attacker');
  await dialog.getByRole('checkbox', { name: /Scan b/ }).check();
  expect(await watched.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Split off' }).click();
  await page.waitForURL('**/cases/3');
  await page.getByText('Another attacker').first().waitFor();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Merge into another case…' }).click();
  await dialog.getByLabel('Number of the other case').fill('2');
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await page.waitForURL('**/cases/2');
  await watched.goto('/cases/3');
  await page.getByRole('link', { name: /what lay in it lies in case 2/ }).waitFor();
  expect(await page.getByRole('button', { name: 'More' }).count()).toBe(0);
});

it('A hold says why, keeps the case, and is ended with a reason', async () => {
  const { page } = watched;
  await watched.goto('/cases/2');
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Put on hold' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Put on hold' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Order or request (required)').fill('Order 12/2026');
  await dialog.getByRole('button', { name: 'Put on hold' }).click();
  await page.getByText('Order 12/2026').waitFor();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'End the hold' }).click();
  await dialog.getByLabel('Order or request (required)').fill('The court is done');
  await dialog.getByRole('button', { name: 'End the hold' }).click();
  await page.getByText('Order 12/2026').waitFor({ state: 'detached' });
});

it('A case is closed with how it came out, and is opened again by another status', async () => {
  const { page } = watched;
  await watched.goto('/cases/1');
  await page.getByLabel('Status').selectOption('Closed');
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByRole('button', { name: 'Close the case' }).isDisabled()).toBe(true);
  await dialog.getByRole('radio', { name: /^false positive/ }).check();
  await dialog.getByLabel('Reason (optional)').fill('Our own scanner');
  expect(await watched.violations()).toEqual([]);
  await dialog.getByRole('button', { name: 'Close the case' }).click();
  await page.getByText('closed: false positive').waitFor();
  await watched.goto('/cases?status=Closed&owner=ana');
  expect(await page.locator('tbody tr').count()).toBe(1);
  await page.getByText('Opened in 30 days').waitFor();
  await watched.goto('/cases/1');
  await page.getByLabel('Status').selectOption('Open');
  await page.locator('.page-head').getByText('open', { exact: true }).waitFor();
});

it('In all that nothing was asked of anybody else, and nothing failed', () => {
  expect(watched.wrong).toEqual([]);
});
