import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page, type Response } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export interface Look {
  readonly theme: 'light' | 'dark';
  readonly language: 'en' | 'mk';
}

/** A page that notes everything that must not happen: requests to elsewhere, errors, dialogs, what the content security policy stopped. */
export class WatchedPage {
  readonly wrong: string[] = [];
  readonly scripts = new Map<string, number>();

  private constructor(readonly page: Page, private readonly address: string) {}

  static async open(browser: Browser, address: string, look: Look = { theme: 'light', language: 'en' }, storage?: Awaited<ReturnType<ReturnType<Page['context']>['storageState']>>): Promise<WatchedPage> {
    const context = await browser.newContext({ baseURL: address, viewport: { width: 1440, height: 900 }, colorScheme: look.theme, locale: look.language, reducedMotion: 'reduce', ...(storage ? { storageState: storage } : {}) });
    // Pages on a screen are live; the tests' own wait is for what they show.
    context.setDefaultTimeout(120_000);
    const watched = new WatchedPage(await context.newPage(), address);
    await watched.watch();
    return watched;
  }

  /** Goes to a page of the console and waits until it has what it asked for. */
  async goto(path: string): Promise<void> {
    await this.page.goto(path);
    await this.settled();
  }

  async settled(): Promise<void> {
    await this.page.locator('h1').first().waitFor();
    await this.page.locator('.loading').first().waitFor({ state: 'detached' });
  }

  /** What axe finds wrong, as a list to read: rule, element. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe);
    return this.page.evaluate(async () => {
      const engine = (window as unknown as { axe: { run: (context: Document, options: object) => Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }> } }).axe;
      const found = await engine.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
      return found.violations.flatMap(violation => violation.nodes.map(node => `${violation.id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll('\n', ' ')}`));
    });
  }

  private async watch(): Promise<void> {
    const { page, wrong } = this;
    page.on('request', request => { if (!request.url().startsWith(this.address)) wrong.push(`asked ${request.url()}`); });
    page.on('pageerror', error => wrong.push(`error: ${error.message}`));
    page.on('dialog', dialog => {
      wrong.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('response', response => { void this.weigh(response); });
    await page.exposeFunction('stoppedByPolicy', (what: string) => wrong.push(`content security policy: ${what}`));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', event => {
        (window as unknown as { stoppedByPolicy: (what: string) => void }).stoppedByPolicy(`${event.violatedDirective} ${event.blockedURI}`);
      });
    });
  }

  private async weigh(response: Response): Promise<void> {
    if (!response.url().endsWith('.js')) return;
    const length = Number((await response.allHeaders())['content-length'] ?? 0);
    this.scripts.set(response.url(), length);
  }
}
