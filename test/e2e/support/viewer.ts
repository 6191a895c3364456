import type { Page } from 'playwright-core';
import type { TestBrowser } from './browser.ts';
import { poll } from './poll.ts';

/** What the page's `window.kvsViewer.state()` gives; web/main.ts describes it. */
export interface ViewerState {
  readonly clientId: string;
  readonly phase: string;
  readonly problem: string | null;
  readonly isSignedIn: boolean;
  readonly stats: ViewerStats;
  readonly firstFrameMs: number | null;
  readonly framesShown: number;
  readonly cameras: number;
  readonly longestGapMs: number;
  readonly isMuted: boolean;
  readonly isTalking: boolean;
  readonly messages: readonly string[];
}

/** What web/stats.ts reads from getStats. */
export interface ViewerStats {
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly kbps: number;
  readonly framesDecoded: number;
  readonly freezeCount: number;
  readonly packetsLost: number;
  readonly audioSeconds: number;
  readonly audioEnergy: number;
  readonly localCandidate: string | null;
  readonly remoteCandidate: string | null;
  readonly protocol: string | null;
  /** The reading's clock, in milliseconds. */
  readonly timestamp: number;
}

/** One open watch page. */
export interface TestViewer {
  readonly page: Page;
  state(): Promise<ViewerState>;
  /** Waits for a phase such as `playing`. Rejects with what the page says instead. */
  waitFor(phase: string, timeoutMs?: number): Promise<ViewerState>;
  /** Waits for a state; `what` completes "The viewer did not …". */
  waitUntil(
    what: string,
    isReached: (state: ViewerState) => boolean,
    timeoutMs?: number,
  ): Promise<ViewerState>;
  readStats(): Promise<ViewerStats>;
  /** Pictures decoded a second over the next `ms`, by the page's own clock. */
  measureFps(ms: number): Promise<number>;
  resetGap(): Promise<void>;
  /** Hertz of the strongest tone heard, or 0 for silence. */
  pitch(): Promise<number>;
  /** The colour at a place of a camera's picture, 0 to 1 each way: [red, green, blue]. */
  pixel(x: number, y: number, camera?: number): Promise<readonly [number, number, number]>;
  /** Leaves as a user does, by closing the tab. */
  leave(): Promise<void>;
}

/** Opens a watch address; `options` are the page's own, such as `{ codec: 'H264' }`. */
export async function openViewer(
  browser: TestBrowser,
  watchUrl: string,
  options: Readonly<Record<string, string>> = {},
): Promise<TestViewer> {
  const url = new URL(watchUrl);
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value);
  const page = await browser.openPage(url.href);
  const state = (): Promise<ViewerState> => page.evaluate<ViewerState>('kvsViewer.state()');
  const readStats = (): Promise<ViewerStats> => page.evaluate<ViewerStats>('kvsViewer.readStats()');
  const waitUntil: TestViewer['waitUntil'] = (what, isReached, timeoutMs = 30_000) =>
    poll(state, isReached, timeoutMs, (last) => `The viewer did not ${what}: ${last}`);
  return {
    page,
    state,
    readStats,
    waitUntil,
    waitFor: (phase, timeoutMs) =>
      waitUntil(`be ${phase}`, (now) => now.phase === phase, timeoutMs),
    measureFps: async (ms) => {
      const before = await readStats();
      await page.waitForTimeout(ms);
      const after = await readStats();
      return (
        ((after.framesDecoded - before.framesDecoded) * 1000) / (after.timestamp - before.timestamp)
      );
    },
    resetGap: () => page.evaluate<undefined>('kvsViewer.resetGap()'),
    pitch: () => medianOfThree(() => page.evaluate<number>(pitchInPage)),
    pixel: (x, y, camera = 0) =>
      page.evaluate<readonly [number, number, number]>(`(${pixelInPage})(${x}, ${y}, ${camera})`),
    leave: () => page.close({ runBeforeUnload: false }),
  };
}

/** One window may have a lost packet in it, which smears its spectrum; two of three have not. */
async function medianOfThree(measure: () => Promise<number>): Promise<number> {
  const measured = [await measure(), await measure(), await measure()];
  return measured.sort((a, b) => a - b)[1]!;
}

/** Runs in the page: the loudest of the spectrum's bins, its place refined by its neighbours. */
const pitchInPage = `(async () => {
  const meter = (window.testMeter ??= (() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 16384;
    analyser.smoothingTimeConstant = 0;
    const { srcObject } = document.querySelector('video');
    context.createMediaStreamSource(srcObject).connect(analyser);
    return { context, analyser };
  })());
  const { context, analyser } = meter;
  await context.resume();
  const start = context.currentTime;
  while (context.currentTime - start < (analyser.fftSize / context.sampleRate) * 1.5) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const top = bins.reduce((best, value, index) => (value > bins[best] ? index : best), 1);
  if (bins[top] < -70) return 0;
  const [left, peak, right] = [bins[top - 1], bins[top], bins[top + 1]];
  const shift = (left - right) / (2 * (left - 2 * peak + right)) || 0;
  return ((top + shift) * context.sampleRate) / analyser.fftSize;
})()`;

/** Runs in the page. */
const pixelInPage = `(x, y, camera) => {
  const video = document.querySelectorAll('video')[camera];
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  const place = [Math.floor(x * (canvas.width - 1)), Math.floor(y * (canvas.height - 1))];
  return [...context.getImageData(place[0], place[1], 1, 1).data.slice(0, 3)];
}`;
