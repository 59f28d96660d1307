import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, setUp, startPlaybook } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage, type Look } from './watched-page';

/** Where pictures of every page are written, for people to look at: SOAR_SHOTS=/tmp/shots npm run test:browser. None without it. */
const shots = process.env.SOAR_SHOTS;
/** Wide as a desk, and as a tablet held in two hands: looked at by people. */
const widths = [1440, 820];
/** What axe looks at is the same in each language: without pictures one will do. */
const looks: readonly Look[] = ([{ theme: 'light', language: 'en' }, { theme: 'dark', language: 'en' }, { theme: 'light', language: 'mk' }, { theme: 'dark', language: 'mk' }] as const).filter(look => shots !== undefined || look.language === 'en');

let server: SoarServer;
let browser: Browser;
let storage: Awaited<ReturnType<ReturnType<WatchedPage['page']['context']>['storageState']>>;
const places: (readonly [string, string])[] = [];

beforeAll(async () => {
  server = await SoarServer.start({
    'opens-case': `Playbook("opens-case", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Opens a case and notes what it found.");
var address = Input<IpAddress>("address", "The address");
await Case.Open($"Login attempts from {address}", severity: 70);
// Who owns it?
var owner = await Isp.Owner(address);
await Note($"{address} belongs to {owner.Name}");
await Case.Observable(new Observable("ip", address.ToString()), Verdict.Suspicious);
return Outcome.Completed();
`,
    'by-the-clock': 'Playbook("by-the-clock", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Runs by the clock.");\nOn.Schedule("0 0 6 ? * MON-FRI", "Europe/Skopje");\nOn.Schedule("0 30 22 * * ?", "UTC");\nreturn Outcome.Completed();\n',
    broken: 'Playbook("broken", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Does not compile.");\nvar never = 1 +;\nawait Nothing.Here();\n',
  }, "roles: { head: [vera], shift-lead: [ana, boris] }\nrota: { shift-lead: { weekly: [{ from: '08:00', until: '20:00', who: [ana, boris] }, { from: '20:00', until: '08:00', who: [ana] }] } }\n");
  browser = await startBrowser();
  const watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
  await startPlaybook(watched, 'block-attacking-address', { address: '203.0.113.66' }, true);
  await watched.page.getByText('waits for 1 person').waitFor();
  const question = (await call<{ questions: { id: string }[] }>(watched.page, 'GET', '/api/questions')).questions[0];
  await call(watched.page, 'POST', `/api/questions/${question?.id ?? ''}/answer`, { answer: 'approve' });
  await watched.page.getByText('Completed', { exact: true }).first().waitFor();
  const ended = new URL(watched.page.url()).pathname;
  await startPlaybook(watched, 'opens-case', { address: '203.0.113.7' }, true);
  await watched.page.getByText('Completed', { exact: true }).first().waitFor();
  await startPlaybook(watched, 'block-attacking-address', { address: '203.0.113.66' }, true);
  await watched.page.getByText('waits for 1 person').waitFor();
  await call(watched.page, 'POST', '/api/cases/1/notes', { text: '## Called\n\n- the **provider**, who keeps `203.0.113.7`\n- nobody else\n\n> They were friendly.' });
  await call(watched.page, 'POST', '/api/cases/1/tasks', { title: 'Ask the registry', assignee: 'ana', due: '2026-12-01T12:00:00Z' });
  await call(watched.page, 'PATCH', '/api/cases/1', { owner: 'ana', priority: 2, declared: true });
  await call(watched.page, 'PUT', '/api/lists/facilities', { basedOn: 0, columns: ['name', 'mail'], rows: [['Town hall', 'town.hall@example.org'], ['School', 'school@example.org']] });
  await call(watched.page, 'POST', '/api/tokens', { name: 'siem', scopes: ['SendAlerts'], days: 90 });
  await call(watched.page, 'PUT', '/api/kill-switches', { reason: 'The zone is moved tonight', connector: 'names' });
  places.push(['cases', '/cases'], ['case', '/cases/1'], ['case-timeline', '/cases/1?show=timeline'], ['case-finds', '/cases/1?show=finds'], ['kill-switches', '/kill-switches?all=true'], ['connectors', '/connectors'], ['connector', '/connectors/tickets'], ['schedules', '/schedules'],
    ['lists', '/lists'], ['list', '/lists/facilities'], ['rota', '/rota'], ['users', '/users'], ['tokens', '/tokens'], ['dashboard', '/dashboard']);
  places.push(['inbox', '/inbox'], ['runs', '/runs'], ['run-waits', new URL(watched.page.url()).pathname], ['run-ended', ended], ['alerts', '/alerts'],
    ['containments', '/containments'], ['playbooks', '/playbooks'], ['playbook', '/playbooks/block-attacking-address'], ['playbook-large', '/playbooks/preserve-data'], ['playbook-broken', '/playbooks/broken'], ['audit', '/audit'], ['no-page', '/nowhere']);
  storage = await watched.page.context().storageState();
  await watched.page.context().close();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

describe.each(looks)('in $theme, in $language', look => {
  it('no page has anything that axe finds wrong', async () => {
    const watched = await WatchedPage.open(browser, server.address, look, storage);
    const found: string[] = [];
    for (const [name, path] of places) {
      await watched.goto(path);
      if (/^(run|playbook)-?/.test(name) && name !== 'runs' && name !== 'playbooks') await watched.page.locator('.react-flow__node').first().waitFor();
      // An answer can be given a moment after its question appears: until then the buttons are pale.
      if (name === 'inbox') await watched.page.locator('.answer .button.good').first().click({ trial: true });
      found.push(...(await watched.violations()).map(violation => `${name}: ${violation}`));
      await shoot(watched, name, look);
    }
    await watched.goto('/playbooks/block-attacking-address');
    await watched.page.locator('.page-head .button.primary').click();
    await watched.page.getByRole('dialog').waitFor();
    found.push(...(await watched.violations()).map(violation => `run-dialog: ${violation}`));
    await shoot(watched, 'run-dialog', look);
    expect(found).toEqual([]);
    expect(watched.wrong).toEqual([]);
    await watched.page.context().close();
  });

  it('neither has a page before one is signed in', async () => {
    const watched = await WatchedPage.open(browser, server.address, look);
    const found: string[] = [];
    for (const name of ['login', 'setup', 'password']) {
      await watched.goto(`/${name}`);
      found.push(...(await watched.violations()).map(violation => `${name}: ${violation}`));
      await shoot(watched, name, look);
    }
    expect(found).toEqual([]);
    await watched.page.context().close();
  });
});

async function shoot(watched: WatchedPage, name: string, look: Look): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  for (const width of widths) {
    await watched.page.setViewportSize({ width, height: 900 });
    await watched.page.screenshot({ path: join(shots, `${name}-${look.theme}-${look.language}-${String(width)}.png`) });
  }
  await watched.page.setViewportSize({ width: 1440, height: 900 });
}
