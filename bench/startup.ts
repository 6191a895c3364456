/* From the start of the process until the pipeline plays, and until viewers can come. */
import { execFileSync } from 'node:child_process';
import { startService } from '../src/service/index.ts';
import type { Environment } from '../test/media/launcher.ts';
import { gstLaunch, runLauncher, serviceEnvironment } from '../test/media/launcher.ts';
import type { Program } from '../test/media/program.ts';
import type { Figure, Options, Result } from './figure.ts';
import { digits, spread, spreadText } from './numbers.ts';
import { cpuShare } from './processes.ts';

const PLAIN = 'videotestsrc is-live=true ! fakesink';
const MASTER = 'videotestsrc is-live=true ! kinesiswebrtcbin channel=bench';
const IDLE = 'kinesiswebrtcbin role=viewer channel=bench ! fakesink async=false';
const IDLE_SECONDS = 10;

interface Subject {
  readonly name: string;
  readonly measure: () => Promise<number>;
}

/** Milliseconds until it says that. */
async function timeTo(start: () => Program, sign: string): Promise<number> {
  const started = performance.now();
  const program = start();
  await program.line(sign, (line) => line.includes(sign));
  const ms = performance.now() - started;
  program.kill('SIGINT');
  await program.exit();
  return ms;
}

function timeOfNode(): Promise<number> {
  const started = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return Promise.resolve(performance.now() - started);
}

/** In turn, so that what else the machine does is everybody's. */
async function interleave(
  subjects: readonly Subject[],
  { rounds, say }: Options,
): Promise<readonly (readonly number[])[]> {
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { name, measure }] of subjects.entries()) {
      const ms = await measure();
      say(`${name}: ${digits(ms)} ms`);
      // The first one finds caches cold.
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times;
}

async function startOfProgram(options: Options): Promise<Result> {
  const sign = 'New clock';
  const subjects = [
    { name: 'gst-launch-1.0', measure: () => timeTo(() => gstLaunch(PLAIN), sign) },
    { name: 'node -e 0', measure: timeOfNode },
    { name: 'kvswebrtc-launch', measure: () => timeTo(() => runLauncher([PLAIN]), sign) },
  ];
  const spreads = (await interleave(subjects, options)).map(spread);
  const [gst = NaN, node = NaN, own = NaN] = spreads.map(({ median }) => median);
  return {
    title: 'Start of the program',
    about: `From the start of the process until \`${PLAIN}\` plays. The launcher may take 2.5 times as long as gst-launch-1.0, and what Node itself takes.`,
    rows: [
      ['', 'ms: median (least to most)', 'ratio to gst-launch-1.0', 'without Node'],
      ...subjects.map(({ name }, index) => {
        const times = spreads[index] ?? spread([]);
        const without = name === 'kvswebrtc-launch' ? digits((own - node) / gst) : '';
        return [name, spreadText(times), digits(times.median / gst), without];
      }),
    ],
  };
}

async function readyForOffers(env: Environment, options: Options): Promise<Result> {
  const subjects = [
    {
      name: 'gst-launch-1.0 with the element',
      measure: () => timeTo(() => gstLaunch(`-m ${MASTER}`, env), '(string)connected'),
    },
    {
      name: 'kvswebrtc-launch',
      measure: () => timeTo(() => runLauncher([MASTER], env), 'signaling connected'),
    },
  ];
  const spreads = (await interleave(subjects, options)).map(spread);
  return {
    title: 'Ready for offers',
    about:
      'From the start of the process until a master of a channel that is there is signed in to the local service.',
    rows: [
      ['', 'ms: median (least to most)'],
      ...subjects.map(({ name }, index) => [name, spreadText(spreads[index] ?? spread([]))]),
    ],
  };
}

async function idle(env: Environment, { say }: Options): Promise<Result> {
  const program = runLauncher([IDLE], env);
  await program.line('a connection', (line) => line.includes('signaling connected'));
  const share = await cpuShare(program.pid, IDLE_SECONDS);
  program.kill('SIGINT');
  await program.exit();
  say(`idle: ${digits(share * 100)} %`);
  return {
    title: 'The launcher with nothing to do',
    about: `A viewer that waits for its master, over ${IDLE_SECONDS} s.`,
    rows: [
      ['', '% of a core'],
      ['kvswebrtc-launch', digits(share * 100)],
    ],
  };
}

export const startup: Figure = {
  name: 'startup',
  run: async (options) => {
    const service = await startService({ channels: ['bench'] });
    const env = serviceEnvironment(service);
    try {
      return [
        await startOfProgram(options),
        await readyForOffers(env, options),
        await idle(env, options),
      ];
    } finally {
      await service.close();
    }
  },
};
