import { setTimeout as wait } from 'node:timers/promises';
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

/** Asks the page itself, in turns: its security policy forbids the polling that Playwright would put into it. */
export async function waitUntil(page: Page, expression: string, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end;) {
    // While the page loads anew there is nobody to ask.
    if ((await page.evaluate(expression).catch(() => false)) === true) return;
    await wait(50);
  }
  const state = await page.evaluate('JSON.stringify(window.kvsViewer?.state())');
  throw new Error(`not in ${ms} ms: ${expression}; the page is ${String(state)}`);
}

export async function waitForPhase(page: Page, phase: string): Promise<void> {
  await waitUntil(page, `window.kvsViewer?.state().phase === '${phase}'`);
}
