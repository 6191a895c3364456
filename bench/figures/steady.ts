/* The longest gap at a steady viewer while others come, go, stall and die; and when one that died is given up. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Figure, Mark, Options, Result } from '../figure.ts';
import { digits, spread, spreadText } from '../numbers.ts';
import type { LeanViewers } from '../support/lean.ts';
import { element, masters } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Outcome, Show } from '../support/runs.ts';
import { smallVp8, tinyVp8 } from '../support/sources.ts';

const VISITS = 6;
const STALL_MS = 3000;
/** Longer than any patience that is known of. */
const PATIENCE_MS = 40_000;
/** What goes on for so long without a packet is over. */
const OVER_MS = 2000;

interface Gaps {
  readonly alone: number;
  readonly beside: number;
}

async function gapOf(viewers: LeanViewers): Promise<number> {
  const one = (await viewers.stats()).get('steady');
  // What goes on when it is read is a gap too.
  return Math.max(one?.longestGapMs ?? NaN, one?.sinceFrameMs ?? NaN);
}

async function comeAndGo({ newViewers, join }: Show): Promise<void> {
  const visitors = newViewers();
  for (let visit = 0; visit < VISITS; visit += 1) {
    await join(visitors, `visit${visit}`);
    visitors.close(`visit${visit}`);
  }
}

async function stall({ newViewers, join }: Show): Promise<void> {
  const stalled = newViewers();
  await join(stalled, 'stalled');
  stalled.program.kill('SIGSTOP');
  await sleep(STALL_MS);
  stalled.program.kill('SIGCONT');
  stalled.close('stalled');
}

async function die({ newViewers, join }: Show): Promise<void> {
  const doomed = newViewers();
  await join(doomed, 'doomed');
  doomed.program.kill('SIGKILL');
  await sleep(STALL_MS / 2);
}

function measureGaps(options: Options, master: Master): Promise<Gaps> {
  return withMaster(options, master, smallVp8, async (show) => {
    const steady = show.newViewers();
    await show.join(steady, 'steady');
    await sleep(OVER_MS);
    steady.reset();
    await sleep(options.seconds * 1000);
    const alone = await gapOf(steady);
    steady.reset();
    await Promise.all([comeAndGo(show), stall(show), die(show)]);
    return { alone, beside: await gapOf(steady) };
  });
}

/** Milliseconds until the master sends no more to one that has fallen silent, or undefined. */
function measureGone(options: Options, master: Master): Promise<number | undefined> {
  return withMaster(options, master, tinyVp8, async ({ newViewers, join }) => {
    const viewers = newViewers();
    await join(viewers, 'silent');
    await sleep(OVER_MS);
    viewers.silence('silent');
    const started = performance.now();
    while (performance.now() - started < PATIENCE_MS) {
      const since = (await viewers.stats()).get('silent')?.sincePacketMs ?? 0;
      if (since > OVER_MS) return performance.now() - started - since;
      await sleep(100);
    }
    return undefined;
  });
}

function gapTable(outcomes: readonly Outcome<Gaps>[]): Result {
  const head = ['', 'beside the others, ms: median (least to most)', 'alone, ms'];
  const of = (outcome: Outcome<Gaps>, value: (gaps: Gaps) => number) =>
    spread(outcome.values.map(value));
  const [own] = outcomes;
  const gap = own === undefined ? spread([]) : of(own, ({ beside }) => beside);
  const mark: Mark = {
    what: 'longest gap at a steady viewer while others come, go, stall, die',
    wanted: '≤ 100 ms',
    measured: `${spreadText(gap)} ms`,
    isMet: gap.median <= 100,
  };
  return {
    title: 'A steady viewer beside others',
    about: `${smallVp8.name}: the longest time between two pictures, while ${VISITS} viewers come and go, one is stopped (SIGSTOP) for ${STALL_MS / 1000} s and one killed (SIGKILL); and before that, alone.`,
    rows: [
      head,
      ...outcomes.map((outcome) =>
        outcome.values.length === 0
          ? missingRow(outcome.master.name, outcome.problem ?? '', head.length)
          : [
              outcome.master.name,
              spreadText(of(outcome, ({ beside }) => beside)),
              spreadText(of(outcome, ({ alone }) => alone)),
            ],
      ),
    ],
    marks: [mark],
  };
}

/** All at once: they wait, and work little. */
async function goneTable(options: Options): Promise<Result> {
  options.say('a viewer falls silent');
  const found = await Promise.all(
    masters.map(async (master) => {
      if (master.absence !== undefined) return { master, words: master.absence, ms: NaN };
      try {
        const ms = (await measureGone(options, master)) ?? Infinity;
        const words = ms === Infinity ? `not in ${PATIENCE_MS / 1000} s` : digits(ms / 1000);
        return { master, words, ms };
      } catch (error) {
        options.say(`${master.name}: ${String(error)}`);
        return { master, words: 'failed', ms: NaN };
      }
    }),
  );
  const own = found.find(({ master }) => master === element);
  return {
    title: 'A viewer that dies',
    about:
      'Seconds from the last word of a viewer, of whatever kind, until the master has stopped sending to it. One run.',
    rows: [['', 's'], ...found.map(({ master, words }) => [master.name, words])],
    marks: [
      {
        what: 'a killed viewer gone',
        wanted: '≤ 15 s',
        measured: `${own?.words ?? ''} s`,
        isMet: (own?.ms ?? Infinity) <= 15_000,
      },
    ],
  };
}

export const steady: Figure = {
  name: 'steady',
  run: async (options) => {
    const outcomes = await interleave(masters, options, (master) => measureGaps(options, master));
    return [gapTable(outcomes), await goneTable(options)];
  },
};
