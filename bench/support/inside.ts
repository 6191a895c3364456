/* A Chromium in a network namespace: it is spoken to through pipes, as its ports are out of reach. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { flags } from '../../test/e2e/support/browser.ts';

export interface InsideBrowser {
  openPage(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** Flags of a browser that is reached through ports, and of one that has no first page. */
const NOT_HERE = ['--headless', '--remote-debugging-port=0', '--no-startup-window'];

export async function launchInside(
  namespace: string,
  extra: readonly string[],
): Promise<InsideBrowser> {
  const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-bench-'));
  const remove = () => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  const script = join(directory, 'chromium');
  const program = process.env.CHROMIUM ?? '/usr/bin/chromium';
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`, {
    mode: 0o755,
  });
  const browser = await chromium.launch({
    executablePath: script,
    args: [...flags.filter((flag) => !NOT_HERE.includes(flag)), ...extra],
  });
  return {
    openPage: async (url) => {
      const page = await browser.newPage();
      await page.goto(url);
      return page;
    },
    close: async () => {
      await browser.close();
      remove();
    },
  };
}
