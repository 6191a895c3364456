/* What each more viewer costs the master: processor, memory, threads, files. */
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../../test/media/program.ts';
import { holdings } from '../../test/media/proc.ts';
import type { Figure, Mark, Options, Result } from '../figure.ts';
import { digits, fit, spread, spreadText } from '../numbers.ts';
import type { Spread } from '../numbers.ts';
import { peer } from '../support/built.ts';
import type { LeanViewers } from '../support/lean.ts';
import type { Master } from '../support/masters.ts';
import { element, masters } from '../support/masters.ts';
import { cpuShare } from '../support/processes.ts';
import { interleave, missingRow, withMaster } from '../support/runs.ts';
import type { Outcome, Show } from '../support/runs.ts';
import { passingH264, rawVp8 } from '../support/sources.ts';
import type { Source } from '../support/sources.ts';

/** Viewers at each measurement; with none, nothing would be encoded. */
const COUNTS = [1, 10, 20] as const;
/** For those who encode for each viewer: more would wait for processors. */
const FEW = [1, 3, 6] as const;
const SETTLE_MS = 700;
/** Each that comes costs a key frame, and an encoder saves for some time what it has spent. */
const ENCODER_SETTLE_MS = 3000;
/** As the program `floor` sends. */
const FLOOR_PACKETS = 210;

export interface Sample {
  readonly viewers: number;
  /** Part of a core. */
  readonly cpu: number;
  readonly rssKb: number;
  readonly threads: number;
  readonly fds: number;
  /** Received a second, by all. */
  readonly packets: number;
}

/** One run of one master: the slope of each measure over the number of viewers. */
interface Slopes {
  readonly cpu: number;
  readonly packets: number;
  readonly usPerPacket: number;
  readonly mb: number;
  readonly threads: number;
  readonly fds: number;
  /** The slope above the middle count by that below: 1 is a straight line. */
  readonly bend: number;
  readonly samples: readonly Sample[];
}

async function sample(
  show: Show,
  viewers: LeanViewers,
  count: number,
  seconds: number,
): Promise<Sample> {
  viewers.reset();
  const started = performance.now();
  const pid = show.running.program.pid;
  const cpu = await cpuShare(pid, seconds);
  const stats = [...(await viewers.stats()).values()];
  const elapsed = (performance.now() - started) / 1000;
  const packets = stats.reduce((sum, one) => sum + one.packets, 0) / elapsed;
  return { viewers: count, cpu, packets, ...holdings(pid) };
}

function measureMaster(options: Options, master: Master, source: Source): Promise<Slopes> {
  const most = source.isRaw ? master.mostOfRaw : master.most;
  const counts =
    most < COUNTS[1]
      ? FEW.filter((count) => count <= most)
      : COUNTS.filter((count) => count <= most);
  return withMaster(options, master, source, async (show) => {
    const viewers = show.newViewers();
    const samples: Sample[] = [];
    let there = 0;
    for (const count of counts) {
      const more = Array.from({ length: count - there }, (_, index) => `v${there + index}`);
      await Promise.all(more.map((id) => show.join(viewers, id)));
      there = count;
      await sleep(source.isRaw ? ENCODER_SETTLE_MS : SETTLE_MS);
      samples.push(await sample(show, viewers, count, options.seconds));
    }
    return slopes(samples);
  });
}

function slope(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return fit(samples.map((one) => [one.viewers, of(one)])).slope;
}

function slopes(samples: readonly Sample[]): Slopes {
  const cpu = slope(samples, (one) => one.cpu);
  const packets = slope(samples, (one) => one.packets);
  const middle = Math.ceil(samples.length / 2);
  const halves = [samples.slice(0, middle), samples.slice(middle - 1)] as const;
  const [below, above] = halves.map((half) => slope(half, (one) => one.cpu));
  return {
    cpu,
    packets,
    usPerPacket: (cpu / packets) * 1e6,
    mb: slope(samples, ({ rssKb }) => rssKb) / 1024,
    threads: slope(samples, ({ threads }) => threads),
    fds: slope(samples, ({ fds }) => fds),
    bend: (above ?? NaN) / (below ?? NaN),
    samples,
  };
}

/** Microseconds a packet of encrypting and sending alone. */
async function measureFloor({ seconds, stageOf }: Options): Promise<number> {
  const points: [number, number][] = [];
  for (const count of [1, 20]) {
    const program = run(peer('floor'), [stageOf(element).address, String(count)]);
    await program.line('packets', (line) => line === 'sending');
    points.push([count, await cpuShare(program.pid, seconds)]);
    program.kill('SIGKILL');
    await program.exit();
  }
  return (fit(points).slope / FLOOR_PACKETS) * 1e6;
}

const of = (outcome: Outcome<Slopes> | undefined, value: (slopes: Slopes) => number): Spread =>
  spread((outcome?.values ?? []).map(value));

const HEAD = [
  '',
  "CPU a packet, of the element's",
  'µs a packet: median (least to most)',
  '% of a core a viewer',
  'bend',
  'packets a second',
  'MB',
  'threads',
  'files',
] as const;

function row(outcome: Outcome<Slopes>, own: number): readonly string[] {
  const { master, problem, values } = outcome;
  if (values.length === 0) return missingRow(master.name, problem ?? '', HEAD.length);
  const us = of(outcome, (one) => one.usPerPacket);
  return [
    master.name,
    `${digits(us.median / own)} x`,
    spreadText(us),
    spreadText(of(outcome, (one) => one.cpu * 100)),
    digits(of(outcome, (one) => one.bend).median),
    digits(of(outcome, (one) => one.packets).median),
    digits(of(outcome, (one) => one.mb).median),
    digits(of(outcome, (one) => one.threads).median),
    digits(of(outcome, (one) => one.fds).median),
  ];
}

function table(
  source: Source,
  outcomes: readonly Outcome<Slopes>[],
  floor: Spread | undefined,
): Result {
  const ofElement = outcomes.find(({ master }) => master === element);
  const own = of(ofElement, (one) => one.usPerPacket).median;
  const file = `viewers-${source.codec.toLowerCase()}.svg`;
  return {
    title: `Each more viewer: ${source.name}`,
    about:
      `The master's process alone, with ${COUNTS.join(', ')} viewers (${FEW.join(', ')} for what encodes for each); ` +
      'the slope of the straight line through these. "bend" is the slope of its upper half by that of its lower one. ' +
      "What the kernel does to hand a packet over on this machine is in it, for all alike. Amazon's C SDK sends its sample's own files.",
    rows: [
      HEAD,
      ...outcomes.map((outcome) => row(outcome, own)),
      ...(floor === undefined
        ? []
        : [
            [
              'floor: libsrtp and sendto',
              `${digits(floor.median / own)} x`,
              spreadText(floor),
              digits((floor.median * FLOOR_PACKETS) / 1e4),
              ...['', String(FLOOR_PACKETS), '', '', ''],
            ],
          ]),
    ],
    plot: {
      file,
      x: 'viewers',
      y: '% of a core',
      series: outcomes.map(({ master, values }) => ({
        name: master.name,
        points: (values.at(-1)?.samples ?? []).map((one) => [one.viewers, one.cpu * 100]),
      })),
    },
    marks: ofElement === undefined ? [] : marks(source, ofElement, outcomes),
  };
}

function marks(
  source: Source,
  own: Outcome<Slopes>,
  all: readonly Outcome<Slopes>[],
): readonly Mark[] {
  const limit = (
    what: string,
    value: (one: Slopes) => number,
    most: number,
    unit: string,
  ): Mark => {
    const measured = of(own, value);
    return {
      what: `${what}, ${source.name}`,
      wanted: `≤ ${most} ${unit}`.trim(),
      measured: `${spreadText(measured)} ${unit}`.trim(),
      isMet: measured.median <= most,
    };
  };
  if (!source.isRaw) {
    return [
      limit('CPU a packet', (one) => one.usPerPacket, 24, 'µs'),
      limit('memory a viewer', (one) => one.mb, 1.2, 'MB'),
      limit('threads a viewer', (one) => one.threads, 3, ''),
      limit('files a viewer', (one) => one.fds, 4, ''),
    ];
  }
  const rust = all.find(({ master }) => master.name === 'awskvswebrtcsink');
  const ratio = of(own, (one) => one.cpu).median / of(rust, (one) => one.cpu).median;
  return [
    limit('CPU a packet', (one) => one.usPerPacket, 24, 'µs'),
    {
      what: "CPU a viewer, of awskvswebrtcsink's, raw source",
      wanted: '≤ 1/20',
      measured: Number.isFinite(ratio) ? `1/${digits(1 / ratio)}` : 'not measured',
      isMet: ratio <= 1 / 20,
    },
  ];
}

export const viewers: Figure = {
  name: 'viewers',
  run: async (options) => {
    const results: Result[] = [];
    const floors: number[] = [];
    for (const source of [passingH264, rawVp8]) {
      const subjects = masters.filter(
        ({ ownCodec }) => ownCodec === undefined || ownCodec === source.codec,
      );
      const say = (words: string) => {
        options.say(`${source.name}: ${words}`);
      };
      const outcomes = await interleave(
        subjects,
        { rounds: options.rounds, say },
        async (master) => {
          if (master === element) floors.push(await measureFloor(options));
          return measureMaster(options, master, source);
        },
      );
      results.push(table(source, outcomes, floors.length > 0 ? spread(floors) : undefined));
    }
    return results;
  },
};
