import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { TestBrowser } from './support/browser.ts';

/** Opens `url` with a script of `pages/` in it that runs before the page's own. */
export async function openPrepared(
  browser: TestBrowser,
  url: string,
  script: string,
): Promise<Page> {
  const page = await browser.openPage('about:blank');
  await page.addInitScript({ path: fileURLToPath(new URL(`pages/${script}`, import.meta.url)) });
  await page.goto(url);
  return page;
}

export async function waitForPhase(page: Page, phase: string): Promise<void> {
  await page.waitForFunction(
    `window.kvsViewer && kvsViewer.state().phase === ${JSON.stringify(phase)}`,
    undefined,
    { timeout: 30_000, polling: 50 },
  );
}
