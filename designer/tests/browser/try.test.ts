import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EditPage } from './edit-page';
import { call, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const alert = { id: '4711', detector: 'siem', title: 'Log-in from two countries', category: 'intrusion', severity: 80, time: '2026-11-30T03:00:00Z', source: { ip: '203.0.113.66' } };

let server: SoarServer;
let browser: Browser;
let edit: EditPage;

beforeAll(async () => {
  server = await SoarServer.start();
  browser = await startBrowser();
  edit = new EditPage(await WatchedPage.open(browser, server.address));
  await setUp(edit.watched, server);
  await edit.open('block-attacking-address');
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('A changed playbook is dry-run on a pasted alert; who tries it answers its question; every step shows what it gave, and nothing stands afterwards', async () => {
  const { page } = edit;
  await edit.choose('Isp.Report', 'tell-its-provider');
  await page.locator('.insert-point').last().click();
  await edit.insert('note', 'Note');
  await edit.node('note').waitFor();
  await page.getByRole('button', { name: 'Dry run' }).click();
  await page.getByLabel('Alert as JSON').fill(JSON.stringify(alert));
  await edit.shoot('editor-dry-run-form');
  await page.getByRole('button', { name: 'Start the dry run' }).click();
  await edit.page.locator('.react-flow__node[data-id="ask"].mark-waiting').waitFor();
  await page.locator('.try-question').getByText('Block 203.0.113.66').waitFor();
  await edit.shoot('editor-dry-run');
  expect(await edit.watched.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Completed', { exact: true }).first().waitFor();
  await page.locator('.react-flow__node[data-id="note"].mark-done').waitFor();
  await page.locator('.selected-bar').getByRole('button', { name: 'All' }).click();
  await page.locator('.step > summary').filter({ hasText: 'Isp.Owner' }).click();
  await page.locator('.step-details').getByText('Simulated provider').or(page.locator('.step-details').getByText('203.0.113.66')).first().waitFor();
  await edit.shoot('editor-dry-run-step');
  expect((await call<{ containments: unknown[] }>(page, 'GET', '/api/containments')).containments).toEqual([]);
});

it('It is followed step by step: it stops where a breakpoint is, shows what the step would get, and goes on', async () => {
  const { page } = edit;
  await page.getByRole('button', { name: 'Once more' }).click();
  await edit.choose('Isp.Report', 'tell-its-provider');
  await page.getByRole('button', { name: 'Stop here' }).click();
  await page.locator('.react-flow__node[data-id="tell-its-provider"] .breakpoint').waitFor();
  await page.getByLabel('Alert as JSON').fill(JSON.stringify(alert));
  await page.getByRole('button', { name: 'Start step by step' }).click();
  const stopped = page.getByRole('group', { name: 'It stands before' });
  await stopped.getByText('203.0.113.66').first().waitFor();
  await edit.shoot('editor-stopped');
  expect(await edit.watched.violations()).toEqual([]);
  const first = await stopped.locator('code').first().textContent();
  await stopped.getByRole('button', { name: 'One step' }).click();
  await expect.poll(async () => (await stopped.count()) > 0 ? stopped.locator('code').first().textContent() : first, { timeout: 60_000 }).not.toBe(first);
  await stopped.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.try-question').getByRole('button', { name: 'Approve' }).click();
  await stopped.getByText('isp.report').waitFor();
  await stopped.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Completed', { exact: true }).first().waitFor();
});

it('The tests run with what stands in the editor; the ways that they took are drawn, and a change that breaks one is told', async () => {
  const { page } = edit;
  await edit.undo(1);
  await page.getByRole('button', { name: 'Tests' }).click();
  await page.getByRole('button', { name: 'Run the tests' }).click();
  await page.getByText(/\d+ tests passed/).waitFor();
  await page.locator('.routes .taken[d]:not([d=""])').first().waitFor({ state: 'attached' });
  await edit.shoot('editor-tests');
  expect(await edit.watched.violations()).toEqual([]);
  await edit.choose('Isp.Report', 'tell-its-provider');
  await edit.node('tell-its-provider').focus();
  await page.keyboard.press('Delete');
  await page.getByText('The text was changed since').waitFor();
  await page.getByRole('button', { name: 'Run the tests' }).click();
  await page.getByText(/\d+ tests? failed/).waitFor();
  await edit.shoot('editor-tests-failed');
});

it('What the last alerts would have done stands there beside what is published, differences first; the way of the one that is chosen is drawn', async () => {
  const { page } = edit;
  const sent = [{ ...alert, id: '1' }, { ...alert, id: '2', category: 'phishing', title: 'A mail' }];
  for (const each of sent) await call(page, 'POST', '/api/alerts', each);
  await page.getByRole('button', { name: 'Past alerts' }).click();
  await edit.shoot('editor-rehearsal-empty');
  await page.getByRole('button', { name: 'What would they have done?' }).click();
  await page.getByText('1 of 2 differs').waitFor();
  const first = page.locator('.alert-row').first();
  expect(await first.textContent()).toContain('Log-in from two countries');
  await first.click();
  await page.locator('.differences').getByText('Effect gone').waitFor();
  await page.locator('.differences').getByText('isp.report').waitFor();
  await page.locator('.react-flow__node[data-id="ask"].mark-done').waitFor();
  await page.locator('.routes .taken[d]:not([d=""])').first().waitFor({ state: 'attached' });
  await edit.shoot('editor-rehearsal');
  expect(await edit.watched.violations()).toEqual([]);
  // Only what the alerts themselves started runs here.
  const { runs } = await call<{ runs: { mode: string; startedBy: string }[] }>(page, 'GET', '/api/runs');
  expect(runs.filter(run => run.mode === 'Live' && !run.startedBy.startsWith('alert'))).toEqual([]);
  expect(runs.filter(run => run.mode === 'Test')).toEqual([]);
  expect(edit.watched.wrong).toEqual([]);
});
