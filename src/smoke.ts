/* A run that is a test: it ends as soon as what is expected has come, or when its time is up. */
import type { LaunchRequest } from './request.ts';
import type { Equipped } from './equip.ts';
import { LaunchError } from './errors.ts';
import type { EventFields, EventName } from './events.ts';
import { createSmokeTest } from './expect.ts';
import type { PlayOptions } from './gst/pipeline.ts';
import type { GstRuntime } from './gst/runtime.ts';
import { createProbe } from './probe.ts';

type OnMessage = PlayOptions['onMessage'];

export interface SmokeContext {
  readonly runtime: GstRuntime;
  readonly equipped: readonly Equipped[];
  /** Sees every message, those of the probe too. */
  readonly onMessage: OnMessage;
  /** Ends the run in order. */
  readonly stop: () => void;
  readonly say: (event: EventName, element: string, fields: EventFields) => void;
}

export interface Smoke {
  /** To be given the messages of the pipeline. */
  readonly onMessage: OnMessage;
  readonly isMet: () => boolean;
  /** Seconds it may take. */
  readonly limit: number;
  /** Judges what has come by now. What it returns tells the summary, and throws LaunchError `expectation` when something did not. */
  readonly judge: () => () => void;
  /** Takes the probe down. */
  readonly close: () => void;
}

const EXPECT_SECONDS = 60;

/** With --expect-… or --probe; null without. */
export function openSmoke(
  { expect, timeout, duration }: LaunchRequest,
  { runtime, equipped, onMessage, stop, say }: SmokeContext,
): Smoke | null {
  if (expect === null) return null;
  const see: OnMessage = (message) => {
    onMessage(message);
    test.see(message);
    probe?.see(message);
    if (duration === null && test.verdict().ok) stop();
  };
  const probe = expect.probe
    ? createProbe(runtime, equipped, see, ({ message }) => {
        say('warning', 'probe', { message: `the probe failed: ${message}` });
      })
    : null;
  const test = createSmokeTest({ ...expect, probes: probe?.names ?? [] });
  const started = performance.now();
  return {
    onMessage: see,
    isMet: () => test.verdict().ok,
    limit: timeout ?? duration ?? EXPECT_SECONDS,
    judge: () => {
      const { firstFrameMs, ...verdict } = test.verdict();
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const fields = { ...verdict, seconds: Number(seconds) };
      return () => {
        say('summary', '', firstFrameMs === null ? fields : { ...fields, firstFrameMs });
        if (verdict.ok) return;
        throw new LaunchError('expectation', `after ${seconds} s ${verdict.reason}`, {
          hint: '--timeout SECONDS waits longer; kvswebrtc-launch check tells what is in the way',
        });
      };
    },
    close: () => probe?.close(),
  };
}

/** Ends the run when its time is up. Returns what calls that off. */
export function startClock(
  { duration }: LaunchRequest,
  smoke: Smoke | null,
  stop: () => void,
): () => void {
  const timers: NodeJS.Timeout[] = [];
  if (duration !== null) timers.push(setTimeout(stop, duration * 1000));
  if (smoke !== null) {
    const giveUp = () => {
      if (!smoke.isMet()) stop();
    };
    timers.push(setTimeout(giveUp, smoke.limit * 1000));
  }
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
