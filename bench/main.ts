/* npm run bench: measures on this machine, in one run, and writes RESULTS.md; named figures are shown. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../src/errors.ts';
import { setup as buildLauncher } from '../test/build.ts';
import { killAll } from '../test/media/program.ts';
import { readArguments } from './arguments.ts';
import type { Request } from './arguments.ts';
import type { Figure, Options, Result } from './figure.ts';
import { fair } from './figures/fair.ts';
import { firstframe } from './figures/firstframe.ts';
import { glass } from './figures/glass.ts';
import { held } from './figures/held.ts';
import { signaling } from './figures/signaling.ts';
import { startup } from './figures/startup.ts';
import { steady } from './figures/steady.ts';
import { viewers } from './figures/viewers.ts';
import { markdown, svg } from './report.ts';
import type { Machine } from './report.ts';
import { buildPeers, clip } from './support/built.ts';
import { cSdk } from './support/masters.ts';
import { failedResult } from './support/runs.ts';
import { FOR_C_SDK, openStage } from './support/stage.ts';
import type { Stage } from './support/stage.ts';

const FIGURES: readonly Figure[] = [
  startup,
  signaling,
  firstframe,
  glass,
  viewers,
  held,
  steady,
  fair,
];

function describeMachine(): Machine {
  const say = (program: string, word: string) =>
    execFileSync(program, [word], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split('\n')[0] ?? '';
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    system: `Linux ${release()}`,
    versions: [
      say('gst-launch-1.0', '--gst-version'),
      say(process.env.CHROMIUM ?? 'chromium', '--version'),
      `Node ${process.version}`,
    ],
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
  };
}

async function runFigures(
  { names, ...numbers }: Request,
  stageOf: Options['stageOf'],
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const figure of FIGURES) {
    if (names.length > 0 && !names.includes(figure.name)) continue;
    const started = performance.now();
    const say = (words: string) => {
      const seconds = Math.round(performance.now() / 1000);
      process.stderr.write(`${String(seconds).padStart(4)} s  ${figure.name}: ${words}\n`);
    };
    try {
      results.push(...(await figure.run({ ...numbers, stageOf, say })));
    } catch (error) {
      say(messageOf(error));
      results.push(failedResult(figure.name, error));
      process.exitCode = 1;
    }
    say(`done in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return results;
}

/** Some figures are shown; only all of them are the results. */
function tell({ names }: Request, machine: Machine, results: readonly Result[]): void {
  if (names.length > 0) process.stdout.write(markdown(machine, results));
  else write(machine, results);
}

function write(machine: Machine, results: readonly Result[]): void {
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  for (const { plot } of results) {
    if (plot !== undefined) writeFileSync(file(plot.file), svg(plot));
  }
  writeFileSync(file('RESULTS.md'), markdown(machine, results));
}

/** Undefined where the port is not to be had: one row is no reason to fail. */
async function openForCSdk(): Promise<Stage | undefined> {
  try {
    return await openStage(FOR_C_SDK);
  } catch (error) {
    process.stderr.write(`no service for Amazon's C SDK: ${messageOf(error)}\n`);
    return undefined;
  }
}

async function main(words: readonly string[]): Promise<void> {
  const request = readArguments(
    words,
    FIGURES.map(({ name }) => name),
  );
  const machine = describeMachine();
  process.stderr.write('building the launcher, the peers, and a clip\n');
  buildLauncher();
  buildPeers();
  clip();
  const stage = await openStage();
  const forCSdk = cSdk.absence === undefined ? await openForCSdk() : undefined;
  const stageOf: Options['stageOf'] = (master) => {
    if (master !== cSdk) return stage;
    if (forCSdk === undefined) throw new Error('it wants a service on port 443, which is not free');
    return forCSdk;
  };
  try {
    tell(request, machine, await runFigures(request, stageOf));
  } finally {
    await stage.close();
    await forCSdk?.close();
  }
}

// Whatever it has started ends with it, however it ends.
process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(130));
}
try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
process.exit();
