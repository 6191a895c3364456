/* What each more viewer costs the master: processor, memory, threads, files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService } from '../src/service/index.ts';
import type { Environment } from '../test/media/launcher.ts';
import { gstLaunch, serviceEnvironment } from '../test/media/launcher.ts';
import { holdings } from '../test/media/proc.ts';
import type { Program } from '../test/media/program.ts';
import type { Figure, Options, Result, Series } from './figure.ts';
import { digits, fit } from './numbers.ts';
import { cpuShare } from './processes.ts';

/** Viewers at each measurement; with none, nothing would be encoded. */
const COUNTS = [1, 5, 10, 20];
const SETTLE_MS = 3000;
/** Snow cannot be foretold: it takes all the bits that an encoder may spend. */
const SIZE = 'video/x-raw,width=1280,height=720,framerate=30/1';
const ENCODER = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=60';
const ELEMENT = 'kinesiswebrtcbin channel=bench max-peers=50 stats-interval=1000';

interface Source {
  readonly name: string;
  /** `clip` is a file with H264 of 720p30. */
  readonly line: (clip: string) => string;
}

const SOURCES: readonly Source[] = [
  {
    name: 'H264 that passes through',
    line: (clip) =>
      `filesrc location=${clip} ! qtdemux ! h264parse ! identity sync=true ! ${ELEMENT}`,
  },
  {
    name: 'VP8, encoded once',
    line: () => `videotestsrc is-live=true pattern=snow ! ${SIZE} ! ${ELEMENT} bitrate=2000`,
  },
];

interface Sample {
  readonly viewers: number;
  /** Part of a core. */
  readonly cpu: number;
  readonly rssKb: number;
  readonly threads: number;
  readonly fds: number;
  /** Sent a second, to all. */
  readonly packets: number;
}

async function makeClip(file: string, seconds: number): Promise<void> {
  const line = `videotestsrc num-buffers=${seconds * 30} pattern=snow ! ${SIZE} ! ${ENCODER} ! h264parse ! mp4mux ! filesink location=${file}`;
  await gstLaunch(`-q ${line}`).exit(600_000);
}

/** Throws away what it gets. */
function startViewer(number: number, env: Environment): Program {
  return gstLaunch(
    `-m kinesiswebrtcbin role=viewer channel=bench client-id=v${number} ! fakesink sync=false async=false`,
    env,
  );
}

/** Packets to all peers in the last second that their statistics tell of. */
function packetsSent(master: Program, viewers: number): number {
  const told = new Map<string, number[]>();
  for (const line of master.out) {
    const [, id, count] =
      /kinesiswebrtc-stats.*peer-id=\(string\)"?([\w-]+).*packets-sent=\(gint64\)(\d+)/.exec(
        line,
      ) ?? [];
    if (id !== undefined) told.set(id, [...(told.get(id) ?? []), Number(count)].slice(-2));
  }
  const rates = [...told.values()].map(([before = 0, last = before]) => last - before);
  return rates.slice(-viewers).reduce((sum, rate) => sum + rate, 0);
}

async function measureSource(
  source: Source,
  clip: string,
  { rounds, say }: Options,
): Promise<readonly Sample[]> {
  const service = await startService({
    channels: ['bench'],
    // The real one admits ten.
    limits: { viewersPerChannel: 50 },
  });
  const env = serviceEnvironment(service);
  const programs: Program[] = [];
  const start = (program: Program) => {
    programs.push(program);
    return program;
  };
  const samples: Sample[] = [];
  try {
    const master = start(gstLaunch(`-m ${source.line(clip)}`, env));
    await master.line('a connection', (line) => line.includes('(string)connected'));
    let there = 0;
    for (const viewers of COUNTS) {
      // One after the other, as the service admits three a second.
      for (; there < viewers; there++) {
        const viewer = start(startViewer(there, env));
        await viewer.line('a picture', (line) => line.includes('kinesiswebrtc-first-frame'));
      }
      await sleep(SETTLE_MS);
      const cpu = await cpuShare(master.pid, rounds);
      const sample = {
        viewers,
        cpu,
        ...holdings(master.pid),
        packets: packetsSent(master, viewers),
      };
      say(`${source.name}, ${viewers} viewers: ${digits(cpu * 100)} % of a core`);
      samples.push(sample);
    }
  } finally {
    for (const program of programs) program.kill('SIGKILL');
    await service.close();
  }
  return samples;
}

function perViewer(samples: readonly Sample[], of: (sample: Sample) => number): number {
  return fit(samples.map((sample) => [sample.viewers, of(sample)])).slope;
}

function row({ name }: Source, samples: readonly Sample[]): readonly string[] {
  const cpu = perViewer(samples, (sample) => sample.cpu);
  const packets = perViewer(samples, (sample) => sample.packets);
  return [
    name,
    digits(cpu * 100),
    digits(packets),
    digits((cpu / packets) * 1e6),
    digits(perViewer(samples, ({ rssKb }) => rssKb) / 1024),
    digits(perViewer(samples, ({ threads }) => threads)),
    digits(perViewer(samples, ({ fds }) => fds)),
  ];
}

export const viewers: Figure = {
  name: 'viewers',
  run: async (options) => {
    const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-bench-'));
    const clip = join(directory, 'clip.mp4');
    try {
      options.say('making a clip');
      await makeClip(clip, 120 + COUNTS.length * options.rounds);
      const measured: (readonly Sample[])[] = [];
      for (const source of SOURCES) measured.push(await measureSource(source, clip, options));
      return [table(measured)];
    } finally {
      rmSync(directory, { recursive: true });
    }
  },
};

function table(measured: readonly (readonly Sample[])[]): Result {
  const series: readonly Series[] = SOURCES.map(({ name }, index) => ({
    name,
    points: (measured[index] ?? []).map(({ viewers: x, cpu }) => [x, cpu * 100]),
  }));
  return {
    title: 'Each more viewer',
    about: `The master alone, 720p of 30 pictures a second at 2 Mbit/s, with ${COUNTS.join(', ')} viewers; the slope of the straight line through these.`,
    rows: [
      ['', '% of a core', 'packets a second', 'µs a packet', 'MB', 'threads', 'files'],
      ...SOURCES.map((source, index) => row(source, measured[index] ?? [])),
    ],
    plot: { file: 'viewers.svg', x: 'viewers', y: '% of a core', series },
  };
}
