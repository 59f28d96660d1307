import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, colleague, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const asks = (name: string, fourEyes: boolean) => `Playbook("${name}", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Asks.");
var decision = await Ask("shift-lead", "Go on with ${name}?", within: 1.Hours, fourEyes: ${String(fourEyes)});
return decision.Approved ? Outcome.Completed() : Outcome.Escalated(decision.Reason);
`;

const settings = `roles: { shift-lead: [ana, boris] }
people: { ana: { mail: ana@soc.example }, boris: { mail: boris@soc.example } }
notify: { mail: mail, address: "https://soar.example" }
http: { loginsPerMinute: 1000 }
`;

let server: SoarServer;
let browser: Browser;
let ana: WatchedPage;
let vera: WatchedPage;

beforeAll(async () => {
  server = await SoarServer.start({ plain: asks('plain', false), guarded: asks('guarded', true) }, settings);
  browser = await startBrowser();
  ana = await WatchedPage.open(browser, server.address);
  await setUp(ana, server);
  vera = await colleague(browser, server, ana, 'vera', ['analyst']);
  await call(ana.page, 'POST', '/api/runs', { playbook: 'plain' });
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('A question says who is asked and who was told, and by a key that somebody sees to it', async () => {
  const { page } = ana;
  await ana.goto('/inbox');
  const people = page.locator('.people > li');
  await people.filter({ hasText: 'boris' }).getByText('told', { exact: true }).waitFor();
  expect(await people.count()).toBe(2);
  await page.locator('body').press('c');
  await page.getByText('You see to it since').waitFor();
  await page.locator('.question-list').getByText('ana sees to it').waitFor();
  await page.locator('body').press('c');
  await page.getByText('You see to it since').waitFor({ state: 'detached' });
  expect(await ana.violations()).toEqual([]);
});

it('A say is handed on with a reason; whoever gets it decides, and whoever gave it away does not', async () => {
  const { page } = ana;
  await page.locator('body').press('d');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Login name').fill('vera');
  expect(await dialog.getByRole('button', { name: 'Hand on…' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Why (required)').fill('My shift is over');
  // The button fades in from its disabled look.
  await expect.poll(() => ana.violations(), { timeout: 10_000 }).toEqual([]);
  await dialog.getByRole('button', { name: 'Hand on…' }).click();
  await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
  await vera.goto('/inbox');
  await vera.page.getByText('ana to vera, as shift-lead').waitFor();
  const refuse = vera.page.getByRole('button', { name: /Refuse/ });
  await refuse.click();
  await vera.page.getByLabel('Why do you refuse? (required)').fill('Not tonight');
  await refuse.click();
  await vera.page.getByText('Recorded. The run goes on.').first().waitFor();
});

it('Whom four eyes keep out reads why, and is offered no answer', async () => {
  await call(ana.page, 'POST', '/api/runs', { playbook: 'guarded' });
  const { page } = ana;
  await ana.goto('/inbox?for=everybody');
  await page.getByText('Go on with guarded?').first().waitFor();
  await page.getByText(/Four eyes: you may read it, not answer it. ana started the run/).waitFor();
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  await page.locator('.people > li').filter({ hasText: 'ana' }).getByText('may not answer').waitFor();
  expect(await ana.violations()).toEqual([]);
});

it('In all that nothing was asked of anybody else, and nothing failed', () => {
  expect([...ana.wrong, ...vera.wrong]).toEqual([]);
});
