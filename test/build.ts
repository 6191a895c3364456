/* Vitest's global set-up: the binary that tests spawn is built from the sources being tested. */
import { spawnSync } from 'node:child_process';

const ROOT = new URL('../', import.meta.url);

/** Bundles src into dist. Type errors are `npm run typecheck`'s to report. */
export function setup(): void {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/build-program.mjs'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`dist/main.cjs could not be built:\n${stderr}`);
}
