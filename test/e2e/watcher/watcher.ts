/* A viewer page in a Chromium of its own, with a probe in it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';
import { descendants, isAlive } from '../../media/proc.ts';

const PROBE = fileURLToPath(new URL('probe.js', import.meta.url));

export interface WatcherSettings {
  /** The only video codecs it offers, such as `H264`. */
  readonly video?: readonly string[];
  readonly audio?: readonly string[];
  /** Checksum each coded picture. */
  readonly slices?: boolean;
}

export interface Report {
  readonly state: string;
  readonly framesDecoded: number;
  readonly keyFramesDecoded: number;
  readonly width: number;
  readonly height: number;
  readonly videoCodec: string;
  readonly videoFormat: string;
  readonly audioCodec: string;
  readonly audioBytes: number;
  /** The page's clock, in ms. */
  readonly at: number;
}

export interface Pictures {
  readonly count: number;
  /** Longest time between two decoded pictures, in ms. */
  readonly longestGap: number;
  /** Since the last one, in ms. */
  readonly silence: number;
}

export interface Watcher {
  readonly page: Page;
  report(): Promise<Report>;
  /** Waits for `frames` decoded pictures on the connection there is. */
  plays(frames?: number): Promise<Report>;
  /** Decoded pictures a second, over `seconds`. */
  rate(seconds: number): Promise<number>;
  /** Waits for a tone, then tells its frequency in Hz. */
  pitch(): Promise<number>;
  pictures(): Promise<Pictures>;
  resetGap(): Promise<void>;
  slices(): Promise<string[]>;
  /** Leaves in order. */
  close(): Promise<void>;
  /** Ends the browser with no chance to say goodbye. */
  kill(): void;
}

const PATIENCE_MS = 30_000;

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
];

const open = new Set<Watcher>();

/** Kills every browser that tests have left open. */
export function killWatchers(): void {
  for (const watcher of open) watcher.kill();
}

export async function openWatcher(url: string, settings: WatcherSettings = {}): Promise<Watcher> {
  const server = await chromium.launchServer({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  const browser = await chromium.connect(server.wsEndpoint());
  const page = await browser.newPage();
  await page.addInitScript(`window.probeSettings = ${JSON.stringify(settings)};`);
  await page.addInitScript({ path: PROBE });
  await page.goto(url);
  const ask = <Answer>(expression: string) => page.evaluate<Answer>(`probe.${expression}`);

  const watcher: Watcher = {
    page,
    report: () => ask<Report>('report()'),
    async plays(frames = 30) {
      const plays = await ask(`plays(${frames}, ${PATIENCE_MS})`);
      const now = await ask<Report>('report()');
      if (plays !== true) throw new Error(`the viewer does not play: ${JSON.stringify(now)}`);
      return now;
    },
    async rate(seconds) {
      const before = await ask<Report>('report()');
      await ask(`wait(${seconds * 1000})`);
      const after = await ask<Report>('report()');
      return ((after.framesDecoded - before.framesDecoded) * 1000) / (after.at - before.at);
    },
    async pitch() {
      const sounds = await ask(`sounds(${PATIENCE_MS})`);
      if (sounds === null) throw new Error('the viewer hears nothing');
      // The analyser's window has to fill with the tone alone.
      await ask('wait(500)');
      return ask<number>('pitch()');
    },
    pictures: () => ask<Pictures>('pictures()'),
    resetGap: () => ask('resetGap()'),
    slices: () => ask<string[]>('slices()'),
    async close() {
      open.delete(watcher);
      await page.close();
      await browser.close();
      await server.close();
    },
    kill() {
      open.delete(watcher);
      killBrowser(server.process().pid ?? -1);
    },
  };
  open.add(watcher);
  return watcher;
}

/** The network service goes first: it could still close connections for pages that die before it. */
function killBrowser(pid: number): void {
  if (pid < 0 || !isAlive(pid)) return;
  const below = descendants(pid);
  const network = below.filter((one) => commandLine(one).includes('network.mojom.NetworkService'));
  for (const one of [...network, pid, ...below]) {
    try {
      process.kill(one, 'SIGKILL');
    } catch {
      // Gone with its parent.
    }
  }
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
