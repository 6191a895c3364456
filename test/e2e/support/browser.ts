import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const executable = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Whether there is a browser to test with. */
export const hasBrowser = existsSync(executable);

/** What makes WebRTC testable without a network, a screen or a user. */
export const flags: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  // a first window that opens while Playwright attaches can keep it waiting for ever
  '--no-startup-window',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  '--ignore-certificate-errors',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  // without these a page may not reach loopback, and candidates hide behind mDNS
  '--disable-features=WebRtcHideLocalIpsWithMdns,LocalNetworkAccessChecks,' +
    'LocalNetworkAccessChecksWebRTC,PrivateNetworkAccessSendPreflights,' +
    'BlockInsecurePrivateNetworkRequests',
  '--remote-debugging-port=0',
];

/** One Chromium with a profile and processes of its own. */
export interface TestBrowser {
  openPage(url: string): Promise<Page>;
  /** Page errors and console errors seen so far. */
  readonly errors: readonly string[];
  /**
   * Ends it as a crash or a power cut does. Its network process goes first: it would still say
   * goodbye for the others.
   */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a Chromium. Reject where it does not come up in 30 s. */
export async function launchBrowser(extraFlags: readonly string[] = []): Promise<TestBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'kvs-browser-'));
  const child = spawn(executable, [...flags, ...extraFlags, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // a test that fails on its way must not leave a browser behind
  const endWithUs = (): void => {
    child.kill('SIGKILL');
    rmSync(profile, { recursive: true, force: true });
  };
  process.once('exit', endWithUs);
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      resolve();
    }),
  );
  let browser: Browser;
  try {
    browser = await chromium.connectOverCDP(await debuggerUrl(child));
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    await removeProfile(profile);
    throw error;
  }
  const errors: string[] = [];
  const end = async (stop: () => Promise<void>): Promise<void> => {
    await stop();
    await exited;
    process.off('exit', endWithUs);
    await browser.close().catch(() => undefined);
    await removeProfile(profile);
  };
  return {
    errors,
    openPage: async (url) => {
      const [context = await browser.newContext()] = browser.contexts();
      const page = await context.newPage();
      page.on('pageerror', (error) => errors.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(url);
      return page;
    },
    kill: () => end(() => killTree(child)),
    close: () =>
      end(async () => {
        for (const context of browser.contexts()) {
          await Promise.all(context.pages().map((page) => page.close()));
        }
        child.kill('SIGTERM');
      }),
  };
}

/** Chromium tells its debugging address on stderr. */
function debuggerUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const limit = setTimeout(() => {
      reject(new Error(`Chromium did not start in 30 s: ${text.slice(-2000)}`));
    }, 30_000);
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < 65_536) text += chunk;
      const [, url] = /DevTools listening on (ws:\S+)/.exec(text) ?? [];
      if (url === undefined) return;
      clearTimeout(limit);
      resolve(url);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`Chromium ended with ${code ?? 'a signal'}: ${text.slice(-2000)}`));
    });
  });
}

/** Kills the browser's own processes, by id: the network service, then the rest. */
async function killTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const family = await descendants(pid);
  const isNetwork = await Promise.all(family.map(isNetworkService));
  const ordered = [
    ...family.filter((_, index) => isNetwork[index]),
    pid,
    ...family.filter((_, index) => isNetwork[index] !== true),
  ];
  for (const one of ordered) killQuietly(one);
}

async function isNetworkService(pid: number): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes('network.mojom.NetworkService');
}

async function descendants(root: number): Promise<readonly number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const [, parent] = /^PPid:\s+(\d+)$/m.exec(status) ?? [];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (parents.get(pid) === root || isBelow(parents.get(pid)));
  return [...parents.keys()].filter(isBelow);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended before
  }
}

/** A dying helper process may still write into the profile. */
async function removeProfile(profile: string): Promise<void> {
  await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}
