/* From the start of the process until the pipeline plays, and until viewers can come; and a program at rest. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { gstLaunch, runLauncher } from '../../test/media/launcher.ts';
import { run } from '../../test/media/program.ts';
import type { Program } from '../../test/media/program.ts';
import type { Figure, Mark, Options, Result } from '../figure.ts';
import { digits, spread, spreadText } from '../numbers.ts';
import type { Spread } from '../numbers.ts';
import { awskvswebrtcsink, cSdk, element, pluginPath } from '../support/masters.ts';
import type { Master } from '../support/masters.ts';
import { cpuShare } from '../support/processes.ts';
import { interleave, missingRow } from '../support/runs.ts';
import { tinyVp8 } from '../support/sources.ts';

/** What a start leaves to do. */
const SETTLE_MS = 2000;
const PLAIN = 'videotestsrc is-live=true ! fakesink';

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

const BINDINGS = fileURLToPath(new URL('../support/bindings.cjs', import.meta.url));

interface Case {
  readonly title: string;
  readonly line: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Nothing to load, and what the launcher is for. */
function casesOf(options: Options): readonly Case[] {
  const stage = options.stageOf(element);
  const serving = `videotestsrc is-live=true ! kinesiswebrtcbin channel=${stage.newChannel()}`;
  return [
    { title: 'Start of the program', line: PLAIN, env: pluginPath() },
    {
      title: 'Start of the program, with the element',
      line: serving,
      env: { ...stage.env, ...pluginPath() },
    },
  ];
}

function timeOfNode(): Promise<number> {
  const started = performance.now();
  execFileSync(process.execPath, ['-e', '0']);
  return Promise.resolve(performance.now() - started);
}

interface Subject {
  readonly name: string;
  readonly measure: () => Promise<number>;
}

/** In turn. The first round finds caches cold, and does not count. */
async function timeInTurn(
  subjects: readonly Subject[],
  { rounds, say }: Options,
): Promise<readonly Spread[]> {
  const times: number[][] = subjects.map(() => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { name, measure }] of subjects.entries()) {
      const ms = await measure();
      say(`${name}: ${digits(ms)} ms`);
      if (round > 0) times[index]?.push(ms);
    }
  }
  return times.map(spread);
}

async function startOfProgram(options: Options, { title, line, env }: Case): Promise<Result> {
  const sign = 'New clock';
  const bindings = () => run(process.execPath, [BINDINGS, line], env);
  const subjects = [
    { name: 'gst-launch-1.0', measure: () => timeTo(() => gstLaunch(line, env), sign) },
    { name: 'node -e 0', measure: timeOfNode },
    { name: 'node-gtk alone', measure: () => timeTo(bindings, sign) },
    { name: 'kvswebrtc-launch', measure: () => timeTo(() => runLauncher([line], env), sign) },
  ];
  const spreads = await timeInTurn(subjects, options);
  const [gst = NaN, node = NaN, , own = NaN] = spreads.map(({ median }) => median);
  const ratio = (own - node) / gst;
  return {
    title,
    about: `From the start of the process until \`${line}\` plays. What node-gtk takes to load the bindings and play, with no program around it, nobody who uses it can be faster than.`,
    rows: [
      ['', 'ratio to gst-launch-1.0', 'ms: median (least to most)'],
      ...subjects.map(({ name }, index) => {
        const times = spreads[index] ?? spread([]);
        return [name, `${digits(times.median / gst)} x`, spreadText(times)];
      }),
    ],
    marks: [
      {
        what: `${title.replace('the program', 'the launcher')}, without what Node itself takes`,
        wanted: '≤ 2.5 x gst-launch-1.0',
        measured: `${digits(ratio)} x`,
        isMet: ratio <= 2.5,
      },
    ],
  };
}

async function startOfPrograms(options: Options): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const one of casesOf(options)) results.push(await startOfProgram(options, one));
  return results;
}

/** The launcher is a master like the others; only these sign in by themselves. */
const launcher: Master = {
  ...element,
  name: 'kvswebrtc-launch',
  start: async (stage, source, channel) => {
    const there = stage.nextMaster(channel);
    const line = `${source.text()} ! kinesiswebrtcbin channel=${channel}`;
    const program = runLauncher([line], { ...stage.env, ...pluginPath() });
    await there;
    return {
      program,
      stop: async () => {
        program.kill('SIGINT');
        await program.exit();
      },
    };
  },
};

async function readyForOffers(options: Options): Promise<Result> {
  const head = ['', "ratio to the element's", 'ms: median (least to most)'];
  const outcomes = await interleave(
    [element, launcher, awskvswebrtcsink, cSdk],
    { ...options, rounds: options.rounds + 1 },
    async (master) => {
      const stage = options.stageOf(master);
      const channel = stage.newChannel();
      const started = performance.now();
      const running = await master.start(stage, tinyVp8, channel);
      const ms = performance.now() - started;
      await running.stop();
      return ms;
    },
  );
  const spreads = outcomes.map(({ values }) => spread(values.slice(1)));
  const own = spreads[0] ?? spread([]);
  const mark: Mark = {
    what: 'start of gst-launch-1.0 with the element until signed in',
    wanted: '≤ 110 ms',
    measured: `${spreadText(own)} ms`,
    isMet: own.median <= 110,
  };
  return {
    title: 'Ready for offers',
    about:
      'From the start of the process until the local service has let in the master of a channel that is there, over TLS. The first run of each, with caches cold, is left out.',
    rows: [
      head,
      ...outcomes.map(({ master, problem }, index) => {
        const times = spreads[index] ?? spread([]);
        return Number.isNaN(times.median)
          ? missingRow(master.name, problem ?? 'failed', head.length)
          : [master.name, `${digits(times.median / own.median)} x`, spreadText(times)];
      }),
    ],
    marks: [mark],
  };
}

const viewerLine = (channel: string) =>
  `kinesiswebrtcbin role=viewer channel=${channel} ! fakesink async=false`;

async function shareWhileIdle(
  start: () => Program,
  sign: string,
  seconds: number,
): Promise<number> {
  const program = start();
  await program.line(sign, (line) => line.includes(sign));
  await sleep(SETTLE_MS);
  const share = await cpuShare(program.pid, seconds);
  program.kill('SIGINT');
  await program.exit();
  return share * 100;
}

async function idle(options: Options): Promise<Result> {
  const stage = options.stageOf(element);
  const env = { ...stage.env, ...pluginPath() };
  const seconds = options.seconds * 3;
  const line = viewerLine(stage.newChannel());
  const [own, gst] = [
    await shareWhileIdle(() => runLauncher([line], env), 'signaling connected', seconds),
    await shareWhileIdle(() => gstLaunch(`-m ${line}`, env), '(string)connected', seconds),
  ];
  options.say(`idle: ${digits(own)} %`);
  return {
    title: 'Nothing to do',
    about: `A viewer that waits for its master, over ${seconds} s. One run.`,
    rows: [
      ['', '% of a core'],
      ['kvswebrtc-launch', digits(own)],
      ['gst-launch-1.0 with the element', digits(gst)],
    ],
    marks: [
      {
        what: 'the launcher with nothing to do',
        wanted: '≤ 1 % of a core',
        measured: `${digits(own)} %`,
        isMet: own <= 1,
      },
    ],
  };
}

export const startup: Figure = {
  name: 'startup',
  run: async (options) => [
    ...(await startOfPrograms(options)),
    await readyForOffers(options),
    await idle(options),
  ],
};
