/* From the offer to the first decoded picture in Chromium. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../test/e2e/support/browser.ts';
import type { Figure, Mark, Options } from '../figure.ts';
import { digits, spread, spreadText } from '../numbers.ts';
import { servePage, watch } from '../support/chromium.ts';
import { element, masters } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Outcome, Show } from '../support/runs.ts';
import { smallVp8 } from '../support/sources.ts';

/** Warm ones of each process. */
const WARM = 4;
/** A master may space key frames that are asked for, and viewers seldom come so close together. */
const PAUSE_MS = 700;

/** Milliseconds from the offer. */
interface Steps {
  readonly answer: number;
  readonly connected: number;
  readonly picture: number;
}

interface Times {
  readonly cold: Steps;
  readonly warm: readonly Steps[];
}

async function timeOne(page: Page, { stage, channel, codec }: Show, id: string): Promise<Steps> {
  const watching = await watch(page, stage, { channel, id, codec });
  const { offeredAt, answeredAt, connectedAt, firstFrameAt } = await watching.until(
    'picture',
    (state) => state.firstFrameAt !== null,
  );
  await watching.stop();
  const since = (time: number | null) => (time ?? NaN) - (offeredAt ?? NaN);
  return {
    answer: since(answeredAt),
    connected: since(connectedAt),
    picture: since(firstFrameAt),
  };
}

function measure(options: Options, master: Master, page: Page): Promise<Times> {
  return withMaster(options, master, smallVp8, async (show) => {
    const cold = await timeOne(page, show, 'cold');
    await show.join(show.newViewers(), 'steady');
    const warm: Steps[] = [];
    for (let turn = 0; turn < WARM; turn += 1) {
      await sleep(PAUSE_MS);
      warm.push(await timeOne(page, show, `warm${turn}`));
    }
    return { cold, warm };
  });
}

const colds = ({ values }: Outcome<Times>) => spread(values.map(({ cold }) => cold.picture));
const warmSteps = ({ values }: Outcome<Times>, of: (steps: Steps) => number) =>
  spread(values.flatMap(({ warm }) => warm.map(of)));
const warms = (outcome: Outcome<Times>) => warmSteps(outcome, ({ picture }) => picture);

function marks(outcomes: readonly Outcome<Times>[]): readonly Mark[] {
  const own = outcomes.find(({ master }) => master === element);
  if (own === undefined) return [];
  const limit = (what: string, value: typeof warms, most: number): Mark => ({
    what: `offer to first picture in Chromium, ${what}`,
    wanted: `≤ ${most} ms`,
    measured: `${spreadText(value(own))} ms`,
    isMet: value(own).median <= most,
  });
  const best = Math.min(
    ...outcomes
      .filter(({ master, values }) => master !== element && values.length > 0)
      .map((one) => warms(one).median),
  );
  return [
    limit('warm', warms, 200),
    limit('cold', colds, 300),
    {
      what: 'the same, warm, beside the best peer',
      wanted: 'the least of all',
      measured: `${digits(warms(own).median)} ms beside ${digits(best)} ms`,
      isMet: warms(own).median <= best,
    },
  ];
}

export const firstframe: Figure = {
  name: 'firstframe',
  run: async (options) => {
    const host = await servePage();
    const browser = await launchBrowser();
    try {
      const page = await browser.openPage(host.url);
      // What a browser does once in its life is nobody's.
      await measure(options, element, page);
      const outcomes = await interleave(masters, options, (master) =>
        measure(options, master, page),
      );
      const own = outcomes.find(({ master }) => master === element);
      const ownWarm = own === undefined ? NaN : warms(own).median;
      const head = [
        '',
        "warm, of the element's",
        'warm, ms',
        'of it to the answer',
        'of it to connected',
        'cold, ms',
      ];
      return [
        {
          title: 'Offer to first picture',
          about:
            `From the sending of Chromium's offer until its decoder hands out the first picture, ${smallVp8.name}; median (least to most). ` +
            'Cold: the first viewer of a process that has just signed in. Warm: the process has had viewers, and one watches. Amazon’s C SDK sends H264 of its own.',
          rows: [
            head,
            ...outcomes.map((outcome) =>
              outcome.values.length === 0
                ? missingRow(outcome.master.name, outcome.problem ?? '', head.length)
                : [
                    outcome.master.name,
                    `${digits(warms(outcome).median / ownWarm)} x`,
                    spreadText(warms(outcome)),
                    digits(warmSteps(outcome, ({ answer }) => answer).median),
                    digits(warmSteps(outcome, ({ connected }) => connected).median),
                    spreadText(colds(outcome)),
                  ],
            ),
          ],
          marks: marks(outcomes),
        },
      ];
    } finally {
      await browser.kill();
      await host.close();
    }
  },
};
