import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

/** What people send who would like a page to do something. Each would open a dialog, ask elsewhere or set `window.taken`. */
const corpus = [
  '<script>window.taken=1;alert(1)</script>',
  '<img src=x onerror="window.taken=1;alert(1)">',
  '"><svg/onload=alert(1)><iframe src="javascript:alert(1)">',
  "'-alert(1)-'\"-alert(1)-\"`${alert(1)}`{{constructor.constructor('alert(1)')()}}",
  'javascript:alert(1)//https://evil.example/',
  '<a href="javascript:alert(1)">click</a> [click](javascript:alert(1)) ![x](https://evil.example/x.png)',
  '<style>@import url(https://evil.example/x.css)</style><link rel=stylesheet href=https://evil.example>',
  '</textarea></title></option><math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '\u202Egnp.exe\u202C \u0000\u0007\u001b[31mred\u001b[0m \u2028\u2029\ufeff',
  '<base href="https://evil.example/"><meta http-equiv=refresh content="0;url=https://evil.example">',
  '$t(app.name) {{count}} %s %n ${7*7} __proto__ constructor',
  'а'.repeat(5000),
];

const asks = `Playbook("hostile", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Amber, summary: "Shows what came: <img src=x onerror=alert(1)>");
On.Alert(alert => alert.Category == "hostile");
var text = Input<string>("text", "<b>What</b> came", from: alert => alert.Title);

// Open a case "><img src=x onerror=alert(1)>
await Case.Open(text, severity: 90);
await Note(text);
await Case.Observable(new Observable("domain", text), Verdict.Malicious);
var decision = await Ask("shift-lead", text, within: 1.Hours);
return Outcome.Escalated(text);
`;

let server: SoarServer;
let browser: Browser;
let watched: WatchedPage;
const runs: string[] = [];

beforeAll(async () => {
  server = await SoarServer.start({ hostile: asks });
  browser = await startBrowser();
  watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
  for (const text of corpus) {
    const { id } = await call<{ id: string }>(watched.page, 'POST', '/api/runs', {
      playbook: 'hostile',
      alert: { id: text, detector: text, title: text, ruleId: text, category: 'hostile', severity: 90, time: '2026-11-30T03:00:00Z', source: { host: text, user: text }, observables: [{ type: 'domain', value: text }], payload: { [text]: text, list: [text] } },
    }).catch(async () => call<{ id: string }>(watched.page, 'POST', '/api/runs', { playbook: 'hostile', inputs: { text } }));
    runs.push(id);
  }
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

/** That the page shows text and no element that the text would like to be. */
async function nothingTaken(): Promise<void> {
  const found = await watched.page.evaluate(() => ({
    taken: (window as unknown as { taken?: number }).taken,
    elements: [...document.querySelectorAll('script:not([src]), iframe, base, meta[http-equiv], img:not([src="/soar.svg"]), svg[onload], [onerror], math, style:not(#monaco), link[rel=stylesheet], a[href^="javascript"], a[href*="evil"]')]
      // Pages that are fetched when they are opened bring their own styles.
      .filter(element => !(element instanceof HTMLLinkElement && new URL(element.href).origin === location.origin && new URL(element.href).pathname.startsWith('/assets/'))).map(element => element.outerHTML.slice(0, 200)),
  }));
  expect(found).toEqual({ taken: undefined, elements: [] });
  expect(watched.wrong).toEqual([]);
}

it('Every run of what they sent, with its step details, is text', async () => {
  const { page } = watched;
  for (const run of runs) {
    await watched.goto(`/runs/${run}`);
    await page.getByText('waits for 1 person').waitFor();
    await page.getByRole('tab', { name: 'Record' }).click();
    await page.getByRole('tab', { name: 'Inputs' }).click();
    await nothingTaken();
  }
});

it('Every question of theirs is text, in the list and beside it', async () => {
  const { page } = watched;
  await watched.goto('/inbox');
  const questions = page.locator('.question-list li');
  await questions.nth(corpus.length - 1).waitFor();
  for (let i = 0; i < corpus.length; i++) {
    await questions.nth(i).click();
    await nothingTaken();
  }
});

it('What they would have somebody write into a case is text, in notes, tasks and timeline', async () => {
  const { page } = watched;
  for (const text of corpus) {
    await call(page, 'POST', '/api/cases/1/notes', { text: `${text}\n\n# ${text}\n\n- ${text}\n\n> ${text}` });
    await call(page, 'POST', '/api/cases/1/tasks', { title: text.slice(0, 300) });
  }
  await watched.goto('/cases/1');
  await page.locator('.markdown').nth(corpus.length - 1).waitFor();
  await nothingTaken();
  for (const show of ['timeline', 'finds']) {
    await watched.goto(`/cases/1?show=${show}`);
    await nothingTaken();
  }
});

it('Every case of theirs is text, with notes and observables', async () => {
  const { page } = watched;
  await watched.goto('/cases');
  const numbers = await page.locator('tbody a.row-link').evaluateAll(links => links.map(link => link.getAttribute('href') ?? ''));
  expect(numbers).toHaveLength(corpus.length);
  await nothingTaken();
  for (const number of numbers) {
    await watched.goto(number);
    await nothingTaken();
  }
});

it('Lists, the playbook and the audit show it as text', async () => {
  for (const page of ['/runs', '/playbooks', '/playbooks/hostile', '/alerts', '/containments', '/audit', '/connectors', '/schedules', '/lists', '/rota', '/users', '/dashboard', '/kill-switches']) {
    await watched.goto(page);
    await nothingTaken();
  }
  await watched.page.locator('tbody details summary').evaluateAll(summaries => { for (const summary of summaries) (summary as HTMLElement).click(); });
  await nothingTaken();
});

it('Characters that turn or hide text are shown by their code', async () => {
  await watched.goto(`/runs/${runs[8] ?? ''}`);
  await watched.page.getByRole('tab', { name: 'Inputs' }).click();
  expect(await watched.page.getByRole('tabpanel').innerText()).toContain('‹202E›gnp.exe');
});
