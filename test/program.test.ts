/* How the bundle is started: by what was compiled of it at the build, or without. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { CLEAN_ENV } from './helpers/run.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const FILES = ['bin/kvswebrtc-launch.js', 'bin/program.js', 'bin/package.json', 'dist/main.cjs'];
const CACHE = 'dist/main.cjs.cache';

describe('what was compiled at the build', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-program-'));
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const whole = readFileSync(join(ROOT, CACHE));

  it('is what this Node starts from', () => {
    const script =
      "process.stdout.write(String(require('./bin/program.js').compile().cachedDataRejected))";
    expect(execFileSync(process.execPath, ['-e', script], { cwd: ROOT, encoding: 'utf8' })).toBe(
      'false',
    );
  });

  it.each([
    ['missing', null],
    ['empty', Buffer.alloc(0)],
    ['cut', whole.subarray(0, whole.length / 2)],
    ['of something else', Buffer.from('not compiled')],
  ])('may be %s', (name, cache) => {
    const copy = mkdtempSync(join(directory, 'copy-'));
    for (const folder of ['bin', 'dist']) mkdirSync(join(copy, folder));
    for (const file of FILES) copyFileSync(join(ROOT, file), join(copy, file));
    if (cache !== null) writeFileSync(join(copy, CACHE), cache);
    const words = ['--dry-run', 'videotestsrc ! kinesiswebrtcbin channel=cam1'];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(copy, 'bin/kvswebrtc-launch.js'), ...words],
      {
        env: CLEAN_ENV,
        encoding: 'utf8',
      },
    );
    expect({ status, stderr }, name).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/channel +cam1/);
  });
});
