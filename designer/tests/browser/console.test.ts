import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUp, startPlaybook } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

let server: SoarServer;
let browser: Browser;
let watched: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start();
  browser = await startBrowser();
  watched = await WatchedPage.open(browser, server.address);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('A new server is set up, and its first page says that nothing waits and what would', async () => {
  await setUp(watched, server);
  await watched.page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
});

it('Until then at most 300 KB of script were loaded', () => {
  const bytes = [...watched.scripts.values()].reduce((sum, size) => sum + size, 0);
  expect(watched.scripts.size).toBeGreaterThan(0);
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(300_000);
});

it('A started playbook is followed on its picture until it waits for a person', async () => {
  await startPlaybook(watched, 'block-attacking-address', { address: '203.0.113.66', ttl: '2h' }, true);
  const { page } = watched;
  // The picture follows the run: what waits now is in view without being looked for.
  await page.locator('.react-flow__node[data-id="ask"].mark-waiting').waitFor();
  await page.getByText('waits for 1 person').waitFor();
});

it('A step of the list shows what came of it and leads to its place in the picture, from where the keyboard goes on', async () => {
  const { page } = watched;
  await page.locator('.step > summary').filter({ hasText: 'Isp.Owner' }).click();
  await page.getByRole('tabpanel').getByText('Simulated provider').waitFor();
  await page.getByRole('tabpanel').getByRole('button', { name: 'who-owns-it-and-who-knows-it[0]/isp-owner' }).click();
  const owner = page.locator('.react-flow__node[data-id="isp-owner"].mark-done.selected');
  await owner.waitFor();
  await owner.focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('.react-flow__node.selected:not([data-id="isp-owner"])').waitFor();
});

it('The inbox shows exactly what would be done; one key approves it, and the run goes on to its end by itself', async () => {
  const { page } = watched;
  const run = page.url();
  // Another window of the same person, which nobody touches: it follows by the live events alone.
  const other = await WatchedPage.open(browser, server.address, undefined, await page.context().storageState());
  await other.goto(new URL(run).pathname);
  await other.page.getByText('Waiting', { exact: true }).first().waitFor();
  await page.getByRole('link', { name: 'Answer it' }).click();
  const steps = page.locator('.prepared > li');
  await steps.first().waitFor();
  expect(await steps.allInnerTexts()).toEqual([expect.stringMatching(/firewall\.block on edge-1[\s\S]*203\.0\.113\.66[\s\S]*2 hr/), expect.stringMatching(/firewall\.block on edge-2[\s\S]*203\.0\.113\.66[\s\S]*2 hr/)]);
  const approve = page.getByRole('button', { name: 'Approve' });
  await approve.click({ trial: true });
  await page.locator('body').press('a');
  await page.getByText('Recorded. The run goes on.').first().waitFor();
  await other.page.getByText('Completed', { exact: true }).first().waitFor();
  await other.page.getByText('Contained').first().waitFor();
  expect(other.wrong).toEqual([]);
  await other.page.context().close();
});

it('What stands is listed, and lifting one takes a reason', async () => {
  const { page } = watched;
  await watched.goto('/containments');
  const rows = page.getByRole('row', { name: /203\.0\.113\.66/ });
  await rows.nth(1).waitFor();
  await rows.filter({ hasText: 'edge-1' }).getByRole('button', { name: 'Lift' }).click();
  const lift = page.getByRole('dialog').getByRole('button', { name: 'Lift' });
  expect(await lift.isDisabled()).toBe(true);
  await page.getByLabel('Reason (required)').fill('The provider has answered');
  await lift.click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await rows.filter({ hasText: 'edge-1' }).waitFor({ state: 'detached' });
  expect(await rows.count()).toBe(1);
});

it('A refusal takes a reason, and the run ends as the playbook says', async () => {
  await startPlaybook(watched, 'block-attacking-address', { address: '203.0.113.66' }, true);
  const { page } = watched;
  const run = new URL(page.url()).pathname;
  await page.getByRole('link', { name: 'Answer it' }).click();
  await page.locator('.prepared > li').first().waitFor();
  await page.getByRole('button', { name: /Refuse/ }).click();
  await page.getByLabel('Why do you refuse? (required)').fill('Our own scanner');
  await page.getByRole('button', { name: /Refuse/ }).click();
  await page.getByText('Recorded. The run goes on.').first().waitFor();
  await watched.goto(run);
  await page.getByText('Escalated: Our own scanner').first().waitFor();
});

it('A dry run touches nothing', async () => {
  await startPlaybook(watched, 'block-attacking-address', { address: '203.0.113.66' }, false);
  await watched.page.getByText('dry run', { exact: true }).first().waitFor();
  await watched.goto('/containments');
  expect(await watched.page.getByRole('row', { name: /203\.0\.113\.66/ }).count()).toBe(1);
});

it('Code and picture select each other', async () => {
  const { page } = watched;
  await watched.goto('/playbooks/block-attacking-address');
  await page.locator('.react-flow__node[data-id="isp-owner"]').click();
  await page.locator('.code .sel').first().waitFor();
  expect((await page.locator('.code .sel').allInnerTexts()).join('')).toBe('Isp.Owner(address)');
  await page.locator('.code').getByText('Report', { exact: true }).click();
  await page.locator('.react-flow__node[data-id="tell-its-provider"].selected').waitFor();
});

it('The audit names who did it, and its chain is whole', async () => {
  const { page } = watched;
  await watched.goto('/audit');
  await page.getByRole('row', { name: /ana .*lift/ }).first().waitFor();
  await page.getByRole('button', { name: 'Verify the chain' }).click();
  await page.getByText(/The chain is whole: \d+ records/).waitFor();
});

it('Signing out ends it: the next page is the log-in, and after that the page that was asked for', async () => {
  const { page } = watched;
  await page.getByRole('button', { name: /Account and display/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.goto('/runs');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ana');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Password').fill('a sentence is better than a puzzle');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Runs' }).waitFor();
});

it('In all that, nothing was asked of anybody else, nothing failed, and the content security policy had nothing to stop', () => {
  expect(watched.wrong).toEqual([]);
});
