/* Signaling: how fast offers are answered, and the gap when the service sends a master away. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from '../../test/service/support/socket.ts';
import type { RawClient } from '../../test/service/support/socket.ts';
import type { Figure, Mark, Options, Result } from '../figure.ts';
import { digits, spread, spreadText } from '../numbers.ts';
import { awskvswebrtcsink, cSdk, element } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Outcome, Show } from '../support/runs.ts';
import { tinyVp8 } from '../support/sources.ts';

const SINGLE = 5;
const AT_ONCE = 10;
/** A close that is not answered takes 30 s. */
const PATIENCE_MS = 40_000;
const LIMIT_NOTE =
  'The real service lets a master send five answers a second, which the element keeps to; the local one here takes as many as come.';

const CHROME = readFileSync(
  new URL('../../plugin-c/tests/gst/offers/chrome.sdp', import.meta.url),
  'utf8',
).replaceAll('\n', '\r\n');

interface Answered {
  readonly singleMs: readonly number[];
  readonly aSecond: number;
}

async function openAll({ stage, channel }: Show, prefix: string, count: number) {
  const ids = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  return Promise.all(ids.map(async (id) => open(await stage.viewerUrl(channel, id))));
}

function offer(client: RawClient): void {
  const messagePayload = Buffer.from(JSON.stringify({ type: 'offer', sdp: CHROME })).toString(
    'base64',
  );
  client.send({ action: 'SDP_OFFER', recipientClientId: '', messagePayload });
}

async function answer(client: RawClient): Promise<void> {
  while ((await client.next()).messageType !== 'SDP_ANSWER');
}

async function timeAnswers(clients: readonly RawClient[]): Promise<number> {
  const started = performance.now();
  for (const client of clients) offer(client);
  const late = sleep(20_000, undefined, { ref: false }).then(() => {
    throw new Error('offers that were not answered in 20 s');
  });
  await Promise.race([Promise.all(clients.map(answer)), late]);
  return performance.now() - started;
}

function measureAnswers(options: Options, master: Master): Promise<Answered> {
  return withMaster(options, master, tinyVp8, async (show) => {
    const singles = await openAll(show, 'single', SINGLE);
    const many = await openAll(show, 'many', AT_ONCE);
    const singleMs: number[] = [];
    for (const client of singles) singleMs.push(await timeAnswers([client]));
    const ms = many.length === 0 ? NaN : await timeAnswers(many.slice(0, master.most - SINGLE));
    const count = Math.min(many.length, master.most - SINGLE);
    for (const { socket } of [...singles, ...many]) socket.terminate();
    return { singleMs, aSecond: (count * 1000) / ms };
  });
}

/** Milliseconds without a master, 0 where the next is there before the last goes, or undefined. */
function measureGoAway(options: Options, master: Master): Promise<number> {
  return withMaster(options, master, tinyVp8, async ({ stage, channel }) => {
    await sleep(500);
    let [goneAt, backAt] = [NaN, NaN];
    const back = stage.nextMaster(channel, PATIENCE_MS).then(
      () => (backAt = performance.now()),
      () => undefined,
    );
    const gone = stage.masterLeft(channel, PATIENCE_MS).then(() => (goneAt = performance.now()));
    stage.service.goAway(channel);
    await gone;
    await back;
    return Number.isNaN(backAt) ? Infinity : Math.max(0, backAt - goneAt);
  });
}

const SUBJECTS = [element, awskvswebrtcsink, cSdk] as const;

function answersTable(outcomes: readonly Outcome<Answered>[]): Result {
  const head = [
    '',
    'answers a second',
    'ms from a single offer to its answer: median (least to most)',
  ];
  return {
    title: 'Offers answered',
    about: `Chromium's offer, by viewers that only offer: ${SINGLE} one after the other, then ${AT_ONCE} at once (five by Amazon's C SDK, whose sample takes ten in all). ${LIMIT_NOTE}`,
    rows: [
      head,
      ...outcomes.map(({ master, values, problem }) =>
        values.length === 0
          ? missingRow(master.name, problem ?? '', head.length)
          : [
              master.name,
              spreadText(spread(values.map(({ aSecond }) => aSecond))),
              spreadText(spread(values.flatMap(({ singleMs }) => singleMs))),
            ],
      ),
    ],
  };
}

/** All at once: they wait, and work little. */
async function goAwayTable(options: Options): Promise<Result> {
  options.say('GO_AWAY');
  const outcomes = await Promise.all(
    SUBJECTS.map(async (master) => {
      const once = { rounds: 1, say: () => undefined };
      const [outcome] = await interleave([master], once, () => measureGoAway(options, master));
      return outcome ?? { master, values: [], problem: 'failed' };
    }),
  );
  const words = (ms: number | undefined, problem = '') => {
    if (ms === undefined) return problem;
    return ms === Infinity ? `does not come back in ${PATIENCE_MS / 1000} s` : digits(ms);
  };
  const own = outcomes[0]?.values[0];
  const mark: Mark = {
    what: 'gap of signaling at GO_AWAY',
    wanted: '0 ms',
    measured: `${words(own)} ms`,
    isMet: own === 0,
  };
  return {
    title: 'GO_AWAY',
    about:
      'The service says that it will close the connection in 3 s: how long the channel then has no master. One run.',
    rows: [
      ['', 'ms without a master'],
      ...outcomes.map(({ master, values: [ms], problem }) => [master.name, words(ms, problem)]),
    ],
    marks: [mark],
  };
}

export const signaling: Figure = {
  name: 'signaling',
  run: async (options) => {
    const outcomes = await interleave(SUBJECTS, options, (master) =>
      measureAnswers(options, master),
    );
    return [answersTable(outcomes), await goAwayTable(options)];
  },
};
