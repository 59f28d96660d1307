import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EditPage } from './edit-page';
import { call, setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const playbook = 'block-attacking-address';

let server: SoarServer;
let browser: Browser;
let edit: EditPage;

beforeAll(async () => {
  server = await SoarServer.start({
    'paste-here': 'Playbook("paste-here", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "Gets what is copied elsewhere.");\nvar address = Input<IpAddress>("address", "The address");\n\n// Say so\nawait Note($"{address}");\nreturn Outcome.Completed();\n',
  });
  browser = await startBrowser();
  edit = new EditPage(await WatchedPage.open(browser, server.address));
  await setUp(edit.watched, server);
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

const saved = async () => call<{ source: string; version: number; savedBy: string }>(edit.page, 'GET', `/api/drafts/${playbook}`);

it('The editor is loaded when it is opened, and shows the same playbook twice', async () => {
  await edit.watched.goto(`/playbooks/${playbook}`);
  expect([...edit.watched.scripts.keys()].filter(url => url.includes('/editor-'))).toEqual([]);
  await edit.open(playbook);
  await edit.page.getByText('The checker has nothing to say.').waitFor();
  await edit.shoot('editor-open');
});

it('A step chosen in the picture is chosen in the code, and the other way round', async () => {
  const { page } = edit;
  await edit.choose('Isp.Report', 'tell-its-provider');
  expect(await page.getByLabel('Title').inputValue()).toBe('Tell its provider');
  expect(await page.getByRole('group', { name: 'Arguments' }).locator('input').first().inputValue()).toBe('owner');
  // What is in view of the picture is there for the pointer.
  await edit.choose('Ask("shift-lead"', 'ask');
  await edit.node('may-we-block-it').click();
  await page.locator('.cm-activeLine').filter({ hasText: 'var blocks' }).waitFor();
  await edit.shoot('editor-selected');
});

it('A + on a line opens the palette, and what is chosen stands there in both views; undo takes it back to the character', async () => {
  const { page } = edit;
  const before = await edit.text();
  await edit.choose('Isp.Report', 'tell-its-provider');
  await page.locator('.insert-point').last().click();
  await edit.insert('note', 'Note');
  await edit.node('note').waitFor();
  expect(await edit.text()).toContain('await Note("What happened");\n');
  await page.getByLabel('Title').fill('Write it down');
  await page.keyboard.press('Enter');
  await edit.node('write-it-down').waitFor();
  await edit.hasText('// Write it down\nawait Note("What happened");\n');
  await edit.undo(2);
  await edit.node('write-it-down').waitFor({ state: 'detached' });
  expect(await edit.text()).toBe(before);
});

it('The keyboard alone inserts, moves, names and deletes', async () => {
  const { page } = edit;
  const before = await edit.text();
  await edit.choose('Isp.Report', 'tell-its-provider');
  await edit.node('tell-its-provider').focus();
  await page.keyboard.press('+');
  await edit.insert('wait', 'Wait');
  await edit.node('wait').waitFor();
  await edit.node('wait').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await expect.poll(async () => (await edit.text()).indexOf('await Wait(1.Hours);') < (await edit.text()).indexOf('await Isp.Report'), { timeout: 120_000 }).toBe(true);
  await edit.node('wait').focus();
  await page.keyboard.press('F2');
  await page.locator('.title-field').fill('Sit still');
  await page.keyboard.press('Enter');
  await edit.node('sit-still').waitFor();
  await edit.hasText('// Sit still\nawait Wait(1.Hours);');
  await edit.node('sit-still').focus();
  await page.keyboard.press('Delete');
  await edit.node('sit-still').waitFor({ state: 'detached' });
  await edit.isText(before);
  await edit.undo(4);
});

it('What is dragged from the palette stands where it is dropped, and what is dragged in the picture goes there', async () => {
  const { page } = edit;
  const before = await edit.text();
  await edit.choose('Isp.Report', 'tell-its-provider');
  const palette = page.getByRole('region', { name: 'Palette' });
  await palette.getByRole('combobox').fill('note');
  const points = page.locator('.insert-point');
  await palette.getByRole('option').filter({ hasText: 'Note' }).first().dragTo(points.last());
  await edit.node('note').waitFor();
  expect((await edit.text()).indexOf('await Note(')).toBeGreaterThan((await edit.text()).indexOf('await Isp.Report'));
  const box = await edit.node('tell-its-provider').boundingBox();
  const above = await points.evaluateAll((all, top) => all.findIndex(each => Math.abs(each.getBoundingClientRect().bottom - top) < 30), box?.y ?? 0);
  await edit.node('note').dragTo(points.nth(above));
  await expect.poll(async () => (await edit.text()).indexOf('await Note(') < (await edit.text()).indexOf('await Isp.Report'), { timeout: 120_000 }).toBe(true);
  await edit.shoot('editor-dragged');
  await edit.undo(2);
  await edit.isText(before);
});

it('A condition is made of rows, with values that are picked; a step is wrapped and done beside another', async () => {
  const { page } = edit;
  const before = await edit.text();
  await edit.choose('Isp.Report', 'tell-its-provider');
  await page.getByLabel('Wrap in…').selectOption('If');
  await edit.hasText('if (true)\n{\n    // Tell its provider');
  const condition = page.getByRole('group', { name: 'Condition' });
  await edit.node('if-true').waitFor();
  await edit.choose('true)', 'if-true');
  await condition.getByRole('button', { name: 'Pick a value' }).first().click();
  const picker = page.getByRole('dialog');
  await picker.getByRole('button', { name: 'What owner holds' }).click();
  await picker.getByRole('button', { name: /^Name / }).waitFor();
  await edit.shoot('editor-picker');
  expect(await edit.watched.violations()).toEqual([]);
  await picker.getByRole('button', { name: /^Name / }).click();
  await edit.hasText('if (owner.Name)');
  await condition.getByLabel('Comparison').selectOption('==');
  await condition.getByLabel('Compared with').fill('Example Hosting');
  await page.keyboard.press('Enter');
  await edit.hasText('if (owner.Name == "Example Hosting")');
  await page.getByText('The checker has nothing to say.').waitFor();
  await edit.shoot('editor-condition');
  await edit.undo(3);
  await edit.isText(before);
});

it('What is copied here is pasted into another playbook, with its title', async () => {
  const { page } = edit;
  await edit.choose('Isp.Report', 'tell-its-provider');
  await edit.node('tell-its-provider').focus();
  await page.keyboard.press('Control+c');
  await expect.poll(() => page.evaluate(() => localStorage.getItem('soar.copied') ?? ''), { timeout: 60_000 }).toContain('await Isp.Report(');
  await edit.open('paste-here');
  await edit.choose('Note(', 'say-so');
  await page.getByRole('button', { name: 'Paste' }).click();
  await edit.hasText('await Note($"{address}");\n// Tell its provider\nawait Isp.Report(owner, address, template: "intrusion");\nreturn');
  await edit.node('tell-its-provider').waitFor();
  await edit.node('tell-its-provider').focus();
  await page.keyboard.press('Control+z');
  await edit.node('tell-its-provider').waitFor({ state: 'detached' });
});

it('The header has a form: what starts it, what it is given, what it is', async () => {
  const { page } = edit;
  const before = await edit.text();
  await edit.node('start').click();
  await page.getByLabel('TLP', { exact: true }).selectOption('Red');
  await edit.hasText('tlp: Tlp.Red');
  await page.getByRole('region', { name: 'What starts it' }).getByLabel('Add a trigger…').selectOption('Alert');
  await edit.hasText('On.Alert(alert => alert.Severity >= 70);\nvar address');
  const alert = page.getByRole('group', { name: 'An alert' });
  await alert.getByLabel('Compared with').fill('85');
  await page.keyboard.press('Enter');
  await edit.hasText('On.Alert(alert => alert.Severity >= 85);');
  await page.getByRole('button', { name: 'Add an input' }).click();
  await edit.hasText('var input = Input<string>("input", "What it is for");');
  await edit.shoot('editor-header');
  expect(await edit.watched.violations()).toEqual([]);
  await alert.getByRole('button', { name: 'Delete' }).click();
  await expect.poll(() => edit.text(), { timeout: 60_000 }).not.toContain('On.Alert');
  await edit.undo(5);
  await edit.isText(before);
});

it('An edit shows at once, whatever the compiler is doing; what it finds comes when it comes', async () => {
  const { page } = edit;
  await edit.open(playbook);
  let release = () => {};
  const held = new Promise<void>(resolve => { release = resolve; });
  await page.route('**/api/editor/check', async route => { await held; await route.continue().catch(() => undefined); });
  const times: number[] = [];
  await edit.choose('All(blocks', 'block-it-at-every-edge');
  for (let i = 0; i < 20; i++) {
    // From the key that types it to the node that shows it, as the page itself measures.
    times.push(await page.evaluate(async n => {
      const content = document.querySelector('.cm-content') as unknown as { cmTile: { root: { view: { state: { doc: { toString: () => string } }; dispatch: (spec: object) => void } } } };
      const { view } = content.cmTile.root;
      const line = 'await All(blocks, parallel: 4);\n';
      const at = view.state.doc.toString().indexOf(line) + line.length;
      const begun = performance.now();
      view.dispatch({ changes: { from: at, insert: `// Typed ${String(n)}\nawait Note(nobody${String(n)});\n` }, userEvent: 'input.type' });
      while (!document.querySelector(`.react-flow__node[data-id="typed-${String(n)}"]`)) await new Promise(resolve => { requestAnimationFrame(resolve); });
      return performance.now() - begun;
    }, i));
  }
  await page.getByText('The compiler is looking…').or(page.locator('.findings.old')).first().waitFor();
  release();
  await page.locator('.findings li.error').filter({ hasText: 'nobody0' }).first().waitFor();
  await edit.shoot('editor-findings');
  times.sort((a, b) => a - b);
  console.log(`typed → drawn, ${String(times.length)} times: median ${String(Math.round(times[10] ?? 0))} ms, 95th percentile ${String(Math.round(times[18] ?? 0))} ms, slowest ${String(Math.round(times.at(-1) ?? 0))} ms (aim: 200)`);
  expect(await edit.watched.violations()).toEqual([]);
});

it('The draft is saved by itself; who comes second is told who was first, and nothing is overwritten', async () => {
  const { page } = edit;
  await page.getByText('Draft saved').waitFor();
  const mine = await saved();
  expect(mine.source).toContain('await Note(nobody0);');
  await call(page, 'PUT', `/api/drafts/${playbook}`, { source: `${mine.source}// theirs\n`, basedOn: mine.version });
  await edit.choose('Note(nobody0)', 'typed-0');
  await page.locator('.cm-content').focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' // mine');
  await page.getByRole('button', { name: 'Take theirs' }).waitFor();
  await page.getByText(/ana saved the draft/).waitFor();
  await edit.shoot('editor-conflict');
  expect(await edit.watched.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Take theirs' }).click();
  await edit.hasText('// theirs');
  expect((await saved()).version).toBe(mine.version + 1);
});

it('Who only looks at the playbook sees that somebody is changing it; discarded, it is as it was published', async () => {
  const { page } = edit;
  await page.getByRole('button', { name: 'Stop editing' }).click();
  await page.getByText(/ana is changing it: draft \d+, saved/).waitFor();
  await edit.shoot('playbook-draft');
  await edit.open(playbook);
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  await page.getByText(/ana is changing it/).waitFor({ state: 'detached' });
});

it('Several statements of one block are chosen with Shift, and deleted as one; undo brings them back', async () => {
  const { page } = edit;
  await edit.open(playbook);
  const before = await edit.text();
  await page.getByRole('button', { name: 'Fit to view' }).click();
  await edit.node('ask').click();
  await page.getByRole('button', { name: 'Fit to view' }).click();
  await edit.node('tell-its-provider').click({ modifiers: ['Shift'] });
  await page.getByText(/\d statements chosen/).waitFor();
  await edit.shoot('editor-several');
  expect(await edit.watched.violations()).toEqual([]);
  await page.keyboard.press('Delete');
  await expect.poll(() => edit.text(), { timeout: 60_000 }).not.toContain('Isp.Report');
  expect(await edit.text()).toContain('Isp.Owner');
  expect(await edit.text()).not.toContain('await Ask(');
  await edit.undo(1);
  await edit.isText(before);
  await page.getByRole('button', { name: 'Discard the draft' }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
});

it('In the other theme and language it is whole, too, and nothing came from elsewhere', async () => {
  const other = await WatchedPage.open(browser, server.address, { theme: 'dark', language: 'mk' }, await edit.page.context().storageState());
  await other.goto(`/playbooks/${playbook}`);
  await other.page.getByRole('button', { name: 'Уреди', exact: true }).click();
  await other.page.locator('.cm-content').waitFor();
  await other.page.locator('.react-flow__node[data-id="start"]').click();
  await other.page.getByRole('button', { name: 'Додај влез' }).waitFor();
  expect(await other.violations()).toEqual([]);
  await new EditPage(other).shoot('editor-dark-mk');
  expect(other.wrong).toEqual([]);
  expect(edit.watched.wrong).toEqual([]);
});
