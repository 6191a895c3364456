import type { Service } from '../../../src/service/index.ts';
import type { TestBrowser } from './browser.ts';
import { serveScript } from './page.ts';
import { poll } from './poll.ts';

/** web/testing/js-viewer.ts describes it. */
export interface JsViewerState {
  readonly connection: string;
  readonly framesDecoded: number;
  readonly isChannelOpen: boolean;
  readonly messages: readonly string[];
  readonly offeredAt: number;
  readonly connectedAt: number;
}

/** Amazon's JavaScript SDK as a viewer, in a page of its own. */
export interface JsViewer {
  readonly clientId: string;
  state(): Promise<JsViewerState>;
  /** Waits for a state; `what` completes "The viewer did not …". */
  waitUntil(
    what: string,
    isReached: (state: JsViewerState) => boolean,
    timeoutMs?: number,
  ): Promise<JsViewerState>;
  say(text: string): Promise<void>;
  close(): Promise<void>;
}

export async function openJsViewer(
  browser: TestBrowser,
  service: Service,
  channelArn: string,
  clientId: string,
  profile = false,
): Promise<JsViewer> {
  const host = await serveScript('js-viewer');
  const page = await browser.openPage(host.url);
  const { region, credentials } = service;
  const endpoint = service.url.replace(/^http/, 'ws');
  const request = { channelArn, endpoint, region, credentials, clientId, profile };
  await page.evaluate(`startViewer(${JSON.stringify(request)})`);
  const state = (): Promise<JsViewerState> => page.evaluate<JsViewerState>('viewerState()');
  return {
    clientId,
    state,
    waitUntil: (what, isReached, timeoutMs = 30_000) =>
      poll(state, isReached, timeoutMs, (last) => `The viewer did not ${what}: ${last}`),
    say: (text) => page.evaluate<undefined>(`viewerSay(${JSON.stringify(text)})`),
    close: async () => {
      await page.close();
      await host.close();
    },
  };
}
