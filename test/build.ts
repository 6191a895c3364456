/* Vitest's global set-up: the binary that tests spawn is built from the sources being tested. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const ROOT = new URL('../', import.meta.url);

/** Compiles src to dist, touching only what changed. Type errors are `npm run typecheck`'s to report. */
export function setup(): void {
  const tsc = spawnSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      ...['-p', 'tsconfig.build.json', '--incremental'],
      ...['--tsBuildInfoFile', '.cache/tsc-build.tsbuildinfo'],
    ],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (tsc.status === 0) return;
  const built = existsSync(new URL('dist/main.js', ROOT));
  if (!built) throw new Error(`dist/main.js could not be built:\n${tsc.stdout}${tsc.stderr}`);
  process.stderr.write(`${tsc.stdout}${tsc.stderr}`);
}
