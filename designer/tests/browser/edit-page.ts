import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { WatchedPage } from './watched-page';

const shots = process.env.SOAR_SHOTS;

/** The editor of a playbook's page, as somebody uses it. */
export class EditPage {
  constructor(readonly watched: WatchedPage) {}

  get page(): Page { return this.watched.page; }

  async open(playbook: string): Promise<void> {
    // Who leaves before the draft is saved is asked whether they mean it.
    if (await this.page.locator('.draft-state').count() > 0) await this.page.locator('.draft-state.saved, .draft-state.clean').waitFor();
    await this.watched.goto(`/playbooks/${playbook}`);
    await this.page.getByRole('button', { name: 'Edit', exact: true }).click();
    await this.page.locator('.cm-content').waitFor();
    await this.node('start').waitFor();
  }

  node(id: string): Locator { return this.page.locator(`.react-flow__node[data-id="${id}"]`); }

  /** The whole text: the editor's own elements are only what is in view of it. */
  text(): Promise<string> {
    return this.page.evaluate(() => {
      const content = document.querySelector('.cm-content') as unknown as { cmTile: { root: { view: { state: { doc: { toString: () => string } } } } } };
      return content.cmTile.root.view.state.doc.toString();
    });
  }

  async hasText(part: string): Promise<void> { await expect.poll(() => this.text(), { timeout: 120_000 }).toContain(part); }

  async isText(whole: string): Promise<void> { await expect.poll(() => this.text(), { timeout: 120_000 }).toBe(whole); }

  /** Selects what a line of the code is, and waits for it in the picture. What is chosen while the picture is still that of the text before is chosen again. */
  async choose(line: string, id: string): Promise<void> {
    await expect.poll(async () => {
      await this.page.evaluate(what => {
        const content = document.querySelector('.cm-content') as unknown as { cmTile: { root: { view: { state: { doc: { toString: () => string } }; dispatch: (spec: object) => void } } } };
        const { view } = content.cmTile.root;
        view.dispatch({ selection: { anchor: 0 }, userEvent: 'select' });
        view.dispatch({ selection: { anchor: view.state.doc.toString().indexOf(what) }, scrollIntoView: true, userEvent: 'select' });
      }, line);
      await this.page.waitForTimeout(250);
      return this.page.locator(`.react-flow__node.selected[data-id="${id}"]`).isVisible();
    }, { timeout: 60_000, interval: 500 }).toBe(true);
  }

  async insert(search: string, option: string | RegExp): Promise<void> {
    const dialog = this.page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Search actions, words, playbooks' }).fill(search);
    await dialog.getByRole('option').filter({ hasText: option }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  async undo(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await this.page.getByRole('button', { name: 'Undo' }).click();
  }

  async shoot(name: string): Promise<void> {
    if (shots === undefined) return;
    mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: join(shots, `${name}.png`) });
  }
}
