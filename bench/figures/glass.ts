/* Glass to glass: how old a picture is when Chromium has decoded it, by a clock in the picture. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../../test/e2e/support/browser.ts';
import { gstLaunch } from '../../test/media/launcher.ts';
import type { Figure, Mark, Options } from '../figure.ts';
import { digits, spread, spreadText } from '../numbers.ts';
import type { Spread } from '../numbers.ts';
import { servePage, watch } from '../support/chromium.ts';
import { element, masters, pluginPath, vp8Encoder } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import { clockVp8 } from '../support/sources.ts';

/** One picture of thirty a second, and what the way may take. */
const ALLOWED_MS = 1000 / 30 + 20;
const SETTLE_MS = 2000;

function measure(options: Options, master: Master, page: Page): Promise<number> {
  return withMaster(options, master, clockVp8, async ({ stage, channel, codec }) => {
    const watching = await watch(page, stage, { channel, id: 'glass', codec, hasClock: true });
    await watching.until('clock', ({ ages }) => ages.length > 0);
    // A receiver begins with more patience than it needs.
    await sleep(SETTLE_MS);
    await watching.reset();
    await sleep(options.seconds * 1000);
    const { ages } = await watching.state();
    await watching.stop();
    return spread(ages).median;
  });
}

/** The encoder with a decoder behind it, and nothing between. */
async function encoderAlone({ seconds }: Options): Promise<number> {
  const line = `${clockVp8.text()} ! ${vp8Encoder(clockVp8.kbps)} ! vp8dec ! benchclock read=true ! fakesink`;
  const program = gstLaunch(`-m ${line}`, pluginPath());
  await program.line('a clock', (text) => text.includes('benchclock, age-ms'));
  await sleep(seconds * 1000);
  program.kill('SIGINT');
  await program.exit();
  const ages = program.out.flatMap((text) => {
    const [, age] = /benchclock, age-ms=\(uint\)(\d+)/.exec(text) ?? [];
    return age === undefined ? [] : [Number(age)];
  });
  return spread(ages).median;
}

const mark = (own: Spread, encoder: Spread): Mark => ({
  what: 'glass to glass beyond the encoder',
  wanted: `≤ a picture's time and 20 ms (${digits(ALLOWED_MS)} ms)`,
  measured: `${digits(own.median - encoder.median)} ms`,
  isMet: own.median - encoder.median <= ALLOWED_MS,
});

export const glass: Figure = {
  name: 'glass',
  run: async (options) => {
    const host = await servePage();
    const browser = await launchBrowser();
    const alone: number[] = [];
    try {
      const page = await browser.openPage(host.url);
      const subjects = masters.filter(({ ownCodec }) => ownCodec === undefined);
      const outcomes = await interleave(subjects, options, async (master) => {
        if (master === element) alone.push(await encoderAlone(options));
        return measure(options, master, page);
      });
      const encoder = spread(alone);
      const spreads = outcomes.map(({ values }) => spread(values));
      const own = spreads[0] ?? spread([]);
      const head = ['', 'beyond the encoder, ms', 'in all, ms: median of each run (least to most)'];
      return [
        {
          title: 'Glass to glass',
          about: `${clockVp8.name}: how old the picture is when Chromium's decoder hands it out. The encoder alone is the same encoder and a decoder in one pipeline.`,
          rows: [
            head,
            ['encoder alone', '', spreadText(encoder)],
            ...outcomes.map(({ master, problem, values }, index) => {
              const ages = spreads[index] ?? spread([]);
              return values.length === 0
                ? missingRow(master.name, problem ?? '', head.length)
                : [master.name, digits(ages.median - encoder.median), spreadText(ages)];
            }),
          ],
          marks: [mark(own, encoder)],
        },
      ];
    } finally {
      await browser.kill();
      await host.close();
    }
  },
};
