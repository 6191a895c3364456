/* Viewers in trouble beside good ones: who suffers, and how soon the one on a thin way has a picture that moves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../../test/e2e/support/browser.ts';
import type { Figure, Mark, Options, Result } from '../figure.ts';
import { digits } from '../numbers.ts';
import { servePage, watch } from '../support/chromium.ts';
import type { PageHost, Watch, WatchState } from '../support/chromium.ts';
import { launchInside } from '../support/inside.ts';
import { adaptingWebrtcsink, element, plainWebrtcbin } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Outcome, Show } from '../support/runs.ts';
import { isRecovered, recoveredAfter, settledAfter } from '../support/settling.ts';
import { fairVp8 } from '../support/sources.ts';
import { openStage } from '../support/stage.ts';
import type { Stage } from '../support/stage.ts';
import { makeStar } from '../support/star.ts';
import type { Star } from '../support/star.ts';

const THIN = 0;
const LOSSY = 1;
const THIN_RATE = '300kbit';
const LOSS_PERCENT = 5;
const CALM_MS = 3000;
const TROUBLE_SECONDS = 15;
const AFTER_SECONDS = 12;

/** One viewer over one phase. */
interface Phase {
  readonly fps: number;
  readonly freezes: number;
  readonly longestGapMs: number;
  /** Of the packets sent to it. */
  readonly lostShare: number;
  /** Pictures in each second. */
  readonly seconds: readonly number[];
}

interface Fairness {
  readonly good: readonly Phase[];
  readonly lossy: Phase;
  readonly thin: Phase;
  readonly thinAfter: Phase;
}

/** Counts of all, second by second. */
async function follow(watches: readonly Watch[], seconds: number): Promise<readonly Phase[]> {
  await Promise.all(watches.map((one) => one.reset()));
  const states: (readonly WatchState[])[] = [];
  const started = performance.now();
  for (let second = 1; second <= seconds; second += 1) {
    await sleep(Math.max(0, started + second * 1000 - performance.now()));
    states.push(await Promise.all(watches.map((one) => one.state())));
  }
  const elapsed = (performance.now() - started) / 1000;
  return watches.map((_, index) =>
    phase(
      states.map((all) => all[index]),
      elapsed,
    ),
  );
}

function phase(states: readonly (WatchState | undefined)[], elapsed: number): Phase {
  const last = states.at(-1);
  const frames = states.map((state) => state?.frames ?? 0);
  const { packets = 0, lost = 0 } = last ?? {};
  return {
    fps: (last?.frames ?? 0) / elapsed,
    freezes: last?.freezes ?? 0,
    longestGapMs: last?.longestGapMs ?? NaN,
    lostShare: lost / Math.max(1, packets + lost),
    seconds: frames.map((count, index) => count - (frames[index - 1] ?? 0)),
  };
}

interface Pages {
  /** Starts a viewer; the first ones are good. */
  readonly open: ((show: Show, id: string) => Promise<Watch>)[];
}

async function measure(
  options: Options,
  master: Master,
  { open }: Pages,
  star: Star,
): Promise<Fairness> {
  return withMaster(options, master, fairVp8, async (show) => {
    const watches: Watch[] = [];
    for (const [index, one] of open.entries()) watches.push(await one(show, `viewer${index}`));
    const stalled = show.newViewers();
    await show.join(stalled, 'stalled');
    await Promise.all(watches.map((one) => one.until('picture', ({ frames }) => frames > 0)));
    await sleep(CALM_MS);
    star.limit(THIN, THIN_RATE);
    star.lose(LOSSY, LOSS_PERCENT);
    stalled.program.kill('SIGSTOP');
    let phases: readonly Phase[];
    try {
      phases = await follow(watches, TROUBLE_SECONDS);
    } finally {
      star.limit(THIN, null);
      star.lose(LOSSY, 0);
    }
    const after = await follow(watches, AFTER_SECONDS);
    await Promise.all(watches.map((one) => one.stop()));
    const [thin, lossy] = phases.slice(-2);
    const thinAfter = after.at(-2);
    if (thin === undefined || lossy === undefined || thinAfter === undefined) {
      throw new Error('viewers that were not there');
    }
    return { good: phases.slice(0, -2), lossy, thin, thinAfter };
  });
}

const worst = (good: readonly Phase[]) => ({
  fps: Math.min(...good.map(({ fps }) => fps)),
  freezes: good.reduce((sum, { freezes }) => sum + freezes, 0),
  gap: Math.max(...good.map(({ longestGapMs }) => longestGapMs)),
});

const HEAD = [
  '',
  'the worst good one: pictures a second',
  'freezes, longest gap',
  'thin: settles after',
  'pictures a second',
  'packets lost',
  'recovers after',
  'lossy: pictures a second',
  'freezes',
] as const;

const after = (seconds: number | undefined) => (seconds === undefined ? 'never' : `${seconds} s`);

function row({ master, values: [value], problem }: Outcome<Fairness>): readonly string[] {
  if (value === undefined) return missingRow(master.name, problem ?? '', HEAD.length);
  const { good, thin, thinAfter, lossy } = value;
  const { fps, freezes, gap } = worst(good);
  return [
    master.name,
    digits(fps),
    `${freezes}, ${digits(gap)} ms`,
    after(settledAfter(thin.seconds)),
    digits(thin.fps),
    `${digits(thin.lostShare * 100)} %`,
    after(recoveredAfter(thinAfter.seconds)),
    digits(lossy.fps),
    String(lossy.freezes),
  ];
}

function marks({ values: [value] }: Outcome<Fairness>): readonly Mark[] {
  if (value === undefined) return [];
  const { fps, freezes } = worst(value.good);
  const settled = settledAfter(value.thin.seconds);
  const recovered = recoveredAfter(value.thinAfter.seconds);
  return [
    {
      what: 'good viewers beside troubled ones',
      wanted: '30 pictures a second, no freeze',
      measured: `${digits(fps)}, ${freezes} freezes`,
      isMet: isRecovered(fps) && freezes === 0,
    },
    {
      what: 'a viewer on 300 kbit/s has a picture that moves',
      wanted: '≤ 5 s',
      measured: after(settled),
      isMet: (settled ?? Infinity) <= 5,
    },
    {
      what: 'the same, packets lost',
      wanted: '≤ 20 %',
      measured: `${digits(value.thin.lostShare * 100)} %`,
      isMet: value.thin.lostShare <= 0.2,
    },
    {
      what: 'the same, recovered when the limit ends',
      wanted: '≤ 10 s',
      measured: after(recovered),
      isMet: (recovered ?? Infinity) <= 10,
    },
  ];
}

function result(outcomes: readonly Outcome<Fairness>[], good: number): Result {
  const own = outcomes.find(({ master }) => master === element);
  return {
    title: 'Fair under trouble',
    about:
      `${fairVp8.name}, all viewers but the one that stands still in Chromium: ${good} good ones, one with ${THIN_RATE}/s each way, ` +
      `one that loses ${LOSS_PERCENT} % of packets each way, one that stands still (SIGSTOP), for ${TROUBLE_SECONDS} s. Then all faults end. ` +
      'Settled: from then on every second has 5 pictures or more. Recovered: from then on every second has 25 or more. One run.',
    rows: [HEAD, ...outcomes.map(row)],
    marks: own === undefined ? [] : marks(own),
  };
}

/** Good ones are pages of one browser; those with a network of their own, a browser each. */
async function withPages<T>(
  stage: Stage,
  star: Star,
  host: PageHost,
  good: number,
  use: (pages: Pages) => Promise<T>,
): Promise<T> {
  const trust = `--unsafely-treat-insecure-origin-as-secure=${new URL(host.url).origin}`;
  const ends: (() => Promise<void>)[] = [];
  try {
    const here = await launchBrowser([trust]);
    ends.push(() => here.kill());
    const pages = [];
    for (let count = 0; count < good; count += 1) pages.push(await here.openPage(host.url));
    for (const name of star.viewers) {
      const inside = await launchInside(name, [trust]);
      ends.push(() => inside.close());
      pages.push(await inside.openPage(host.url));
    }
    const open = pages.map(
      (page) =>
        ({ channel, codec }: Show, id: string) =>
          watch(page, stage, { channel, id, codec }),
    );
    return await use({ open });
  } finally {
    for (const end of ends) await end();
  }
}

export const fair: Figure = {
  name: 'fair',
  run: async (options) => {
    const star = makeStar(2);
    process.once('exit', star.remove);
    const stage = await openStage({ host: star.here });
    const host = await servePage(star.here);
    try {
      const own = { ...options, rounds: 1, stageOf: () => stage };
      const subjects = [element, adaptingWebrtcsink, plainWebrtcbin];
      const outcomes = await withPages(stage, star, host, options.good, (pages) =>
        interleave(subjects, own, (master) => measure(own, master, pages, star)),
      );
      return [result(outcomes, options.good)];
    } finally {
      await host.close();
      await stage.close();
      star.remove();
    }
  },
};
