/* Viewers in Chromium: a page that offers by itself, and looks at each picture as it is decoded. */
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { poll } from '../../test/e2e/support/poll.ts';
import type { Codec } from './sdp.ts';
import type { Stage } from './stage.ts';

/** pages/watch.js says what is in it. */
export interface WatchState {
  readonly connection: string;
  readonly offeredAt: number | null;
  readonly answeredAt: number | null;
  readonly connectedAt: number | null;
  readonly firstFrameAt: number | null;
  readonly frames: number;
  readonly longestGapMs: number;
  readonly freezes: number;
  readonly ages: readonly number[];
  readonly packets: number;
  readonly lost: number;
}

const SCRIPT = readFileSync(new URL('../pages/watch.js', import.meta.url), 'utf8');

export interface PageHost {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page; `host` other than loopback is no secure origin for a browser that was not told so. */
export async function servePage(host = '127.0.0.1'): Promise<PageHost> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end(`<!doctype html><title>bench</title><script>${SCRIPT}</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

export interface Watch {
  state(): Promise<WatchState>;
  until(what: string, isReached: (state: WatchState) => boolean, ms?: number): Promise<WatchState>;
  /** Counts, gaps and ages begin anew. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

export interface WatchWish {
  readonly channel: string;
  readonly id: string;
  readonly codec: Codec;
  /** Whether the picture has a clock in it (benchclock). */
  readonly hasClock?: boolean;
}

/** Offers from `page`, which is one of `servePage`'s. A page watches one channel at a time. */
export async function watch(
  page: Page,
  stage: Stage,
  { channel, id, codec, hasClock = false }: WatchWish,
): Promise<Watch> {
  const url = await stage.viewerUrl(channel, id);
  await page.evaluate(`bench.watch(${JSON.stringify({ url, codec, hasClock })})`);
  const state = () => page.evaluate<WatchState>('bench.state()');
  return {
    state,
    until: (what, isReached, ms = 30_000) =>
      poll(state, isReached, ms, (last) => `Chromium saw no ${what}: ${last}`),
    reset: () => page.evaluate<undefined>('bench.reset()'),
    stop: () => page.evaluate<undefined>('bench.stop()'),
  };
}
