import type { Page } from 'playwright-core';
import type { Service } from '../../../src/service/index.ts';
import type { TestBrowser } from './browser.ts';
import { serveScript } from './page.ts';
import { poll } from './poll.ts';

/** Amazon's JavaScript SDK as a master, in a page of its own, sending a fake camera. */
export interface TestMaster {
  readonly page: Page;
  state(): Promise<MasterState>;
  /** Waits for a connection state of a viewer, `none` before it offered. */
  waitForPeer(
    viewerId: string,
    isReached: (state: string) => boolean,
    timeoutMs?: number,
  ): Promise<void>;
  /** Closes its connections and its socket in order. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** web/testing/js-master.ts describes it. */
export interface MasterState {
  readonly isOpen: boolean;
  readonly closes: number;
  readonly peers: Readonly<Record<string, string>>;
}

/** Opens a master on a channel. The page signs with the service's own key, as any client would. */
export async function openMaster(
  browser: TestBrowser,
  service: Service,
  channelArn: string,
): Promise<TestMaster> {
  const host = await serveScript('js-master');
  const page = await browser.openPage(host.url);
  const request = {
    channelArn,
    endpoint: service.url.replace(/^http/, 'ws'),
    region: service.region,
    credentials: service.credentials,
  };
  await page.evaluate(`startMaster(${JSON.stringify(request)})`);
  const state = (): Promise<MasterState> => page.evaluate<MasterState>('masterState()');
  return {
    page,
    state,
    waitForPeer: async (viewerId, isReached, timeoutMs = 30_000) => {
      await poll(
        state,
        ({ peers }) => isReached(peers[viewerId] ?? 'none'),
        timeoutMs,
        (last) => `The master did not see it of ${viewerId}: ${last}`,
      );
    },
    stop: () => page.evaluate<undefined>('stopMaster()'),
    close: async () => {
      await page.close();
      await host.close();
    },
  };
}
