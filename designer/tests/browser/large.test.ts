import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setUp } from './steps';
import { SoarServer } from './soar-server';
import { startBrowser, WatchedPage } from './watched-page';

const steps = Array.from({ length: 1000 }, (_, i) => `// Note number ${i}\nawait Note("step ${i}");`).join('\n');
const playbook = `Playbook("thousand", version: "1.0.0", type: PlaybookType.Investigation, tlp: Tlp.Green, summary: "A thousand steps.");\n${steps}\nreturn Outcome.Completed();\n`;

let server: SoarServer;
let browser: Browser;

beforeAll(async () => {
  server = await SoarServer.start({ thousand: playbook });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await server.stop();
});

it('Of a thousand steps only those in view are drawn, and scrolling to the last one draws it', async () => {
  const watched = await WatchedPage.open(browser, server.address);
  await setUp(watched, server);
  const { page } = watched;
  await watched.goto('/playbooks/thousand');
  await page.locator('.react-flow__node').first().waitFor();
  expect(await page.locator('.react-flow__node').count()).toBeLessThan(60);
  await page.locator('.code').getByText('"step 999"').click();
  await page.locator('.react-flow__node.selected').waitFor();
  expect(await page.locator('.react-flow__node').count()).toBeLessThan(60);
  expect(watched.wrong).toEqual([]);
});
