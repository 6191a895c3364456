/* How many viewers are held at 30 pictures a second without a freeze. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure, Options } from '../figure.ts';
import { digits } from '../numbers.ts';
import type { LeanStats } from '../support/lean.ts';
import { awskvswebrtcsink, element, plainWebrtcbin } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Show } from '../support/runs.ts';
import { rawVp8 } from '../support/sources.ts';

const STEPS = [10, 20, 40, 60] as const;
/** For what encodes for each. */
const FEW = [1, 2, 3, 4, 6] as const;
const LEAST_FPS = 29;
const SETTLE_MS = 1000;

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

async function hold(show: Show, steps: readonly number[], seconds: number): Promise<Held> {
  const viewers = show.newViewers();
  let held = 0;
  let there = 0;
  for (const count of steps) {
    for (; there < count; there += 1) await show.join(viewers, `v${there}`);
    await sleep(SETTLE_MS);
    viewers.reset();
    const started = performance.now();
    await sleep(seconds * 1000);
    const stats = [...(await viewers.stats()).values()];
    const found = trouble(stats, (performance.now() - started) / 1000);
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
        about: `${rawVp8.name}: the most viewers of ${STEPS.join(', ')} (${FEW.join(', ')} for what encodes for each) that all got ${LEAST_FPS} pictures a second or more, and none a freeze as webrtc-stats defines it.`,
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
