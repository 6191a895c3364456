/* How many viewers are held at 30 pictures a second without a freeze. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure, Options } from '../figure.ts';
import { digits } from '../numbers.ts';
import type { LeanStats, LeanViewers } from '../support/lean.ts';
import { awskvswebrtcsink, element, plainWebrtcbin } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Show } from '../support/runs.ts';
import { rawVp8 } from '../support/sources.ts';

const STEPS = [20, 40, 60] as const;
/** For what encodes for each. */
const FEW = [2, 6, 10, 14] as const;
const LEAST_FPS = 29;
const SETTLE_MS = 1000;
/** Viewers that come together. */
const AT_ONCE = 10;

interface Held {
  readonly most: number;
  /** Why it was not more. */
  readonly end: string;
}

/** Undefined where all were held. */
function trouble(stats: readonly LeanStats[], seconds: number): string | undefined {
  const slowest = Math.min(...stats.map(({ frames }) => frames / seconds));
  const freezes = stats.reduce((sum, one) => sum + one.freezes, 0);
  if (freezes > 0) return `${freezes} freezes`;
  return slowest < LEAST_FPS ? `${digits(slowest)} pictures a second` : undefined;
}

async function joinSome(
  show: Show,
  viewers: LeanViewers,
  first: number,
  count: number,
): Promise<void> {
  const some = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, at) => first + at);
  await Promise.all(some.map((number) => show.join(viewers, `v${number}`)));
}

/** One disturbance is forgiven: a machine has moments of its own. */
async function troubleTwice(viewers: LeanViewers, seconds: number): Promise<string | undefined> {
  return (await look(viewers, seconds)) && (await look(viewers, seconds));
}

async function look(viewers: LeanViewers, seconds: number): Promise<string | undefined> {
  await sleep(SETTLE_MS);
  viewers.reset();
  const started = performance.now();
  await sleep(seconds * 1000);
  const stats = [...(await viewers.stats()).values()];
  return trouble(stats, (performance.now() - started) / 1000);
}

async function hold(show: Show, steps: readonly number[], seconds: number): Promise<Held> {
  const viewers = show.newViewers();
  let held = 0;
  let there = 0;
  for (const count of steps) {
    for (; there < count; there = Math.min(count, there + AT_ONCE)) {
      await joinSome(show, viewers, there, count);
    }
    const found = await troubleTwice(viewers, seconds);
    if (found !== undefined) return { most: held, end: `${found} with ${count}` };
    held = count;
  }
  return { most: held, end: 'no more were tried' };
}

const measure = (options: Options, master: Master): Promise<Held> =>
  withMaster(options, master, rawVp8, (show) =>
    hold(show, master.mostOfRaw < STEPS[0] ? FEW : STEPS, options.seconds + 2),
  );

export const held: Figure = {
  name: 'held',
  run: async (options) => {
    const outcomes = await interleave(
      [element, awskvswebrtcsink, plainWebrtcbin],
      { ...options, rounds: 1 },
      (master) => measure(options, master),
    );
    const head = ['', 'viewers', 'and no more for'];
    const own = outcomes[0]?.values[0]?.most ?? 0;
    return [
      {
        title: 'Viewers held',
        about: `${rawVp8.name}: the most viewers of ${STEPS.join(', ')} (${FEW.join(', ')} for what encodes for each) that all got ${LEAST_FPS} pictures a second or more, and none a freeze as webrtc-stats defines it, in one of two looks.`,
        rows: [
          head,
          ...outcomes.map(({ master, values: [value], problem }) =>
            value === undefined
              ? missingRow(master.name, problem ?? '', head.length)
              : [master.name, String(value.most), value.end],
          ),
        ],
        marks: [
          {
            what: 'viewers of 720p30 held without a freeze',
            wanted: '≥ 20',
            measured: String(own),
            isMet: own >= 20,
          },
        ],
      },
    ];
  },
};
