/* npm run bench [-- FIGURE...]: measures on this machine, in one run, and writes RESULTS.md. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Figure, Result } from './figure.ts';
import { markdown, svg } from './report.ts';
import type { Machine } from './report.ts';
import { startup } from './startup.ts';
import { viewers } from './viewers.ts';

const FIGURES: readonly Figure[] = [startup, viewers];
const ROUNDS = 7;

function describeMachine(): Machine {
  const [gstreamer = ''] = execFileSync('gst-launch-1.0', ['--gst-version'], { encoding: 'utf8' })
    .trim()
    .split('\n');
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    system: `Linux ${release()}`,
    versions: [gstreamer, `Node ${process.version}`],
    date: new Date().toISOString().slice(0, 10),
    load: loadavg()[0] ?? 0,
  };
}

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !FIGURES.some((figure) => figure.name === name));
  if (unknown !== undefined) {
    const known = FIGURES.map(({ name }) => name).join(', ');
    throw new Error(`there is no figure "${unknown}"; there is ${known}`);
  }
  const machine = describeMachine();
  const results: Result[] = [];
  for (const figure of FIGURES) {
    if (names.length > 0 && !names.includes(figure.name)) continue;
    const say = (words: string) => process.stderr.write(`${figure.name}: ${words}\n`);
    results.push(...(await figure.run({ rounds: ROUNDS, say })));
  }
  const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  for (const { plot } of results) {
    if (plot !== undefined) writeFileSync(file(plot.file), svg(plot));
  }
  writeFileSync(file('RESULTS.md'), markdown(machine, results));
}

await main(process.argv.slice(2));
process.exit(0);
