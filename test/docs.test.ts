/* What docs/ gives to copy works as it is. */
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './helpers/run.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** As a shell parts them. */
function wordsOf(line: string): readonly string[] {
  const text = execFileSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' });
  return text.trimEnd().split('\n');
}

describe("docs/CI.md's workflows", () => {
  const commands = [...read('docs/CI.md').matchAll(/^ *- run: (.+)$/gm)].map(
    ([, line = '']) => line,
  );
  const launches = commands.filter((line) => line.includes('kvswebrtc-launch.js'));

  it('run what is in the repository', () => {
    expect(commands.length).toBeGreaterThan(launches.length);
    for (const line of commands) {
      const [program = ''] = wordsOf(line);
      // Another repository has this one in a folder of its name.
      accessSync(join(ROOT, program.replace(/^kvswebrtc-launch\//, '')), constants.X_OK);
    }
  });

  it('name options that there are', async () => {
    expect(launches.length).toBeGreaterThan(1);
    for (const line of launches) {
      const [, ...words] = wordsOf(line);
      expect(await run(['--dry-run', ...words])).toMatchObject({ code: 0, stderr: '' });
    }
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;

/** Complaints about the unit; it names those about keys without failing. */
function verify(file: string): string {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], {
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `exit code ${status}`}`;
}

describe.skipIf(!hasSystemd)('the systemd unit', () => {
  const NAME = 'kvswebrtc@.service';
  const UNIT = join(ROOT, 'docs/systemd', NAME);

  it('is one that systemd knows all of', () => {
    expect(verify(UNIT)).toBe('');
  });

  it.each([
    ['a key that there is not', 'Restart=', 'Restrt=', /Unknown key/],
    ['a program that there is not', '/usr/bin/env', '/nonexistent/env', /not executable/],
  ])('would be found out with %s', (_, good, bad, complaint) => {
    const folder = mkdtempSync(join(tmpdir(), 'kvswebrtc-'));
    try {
      const copy = join(folder, NAME);
      writeFileSync(copy, readFileSync(UNIT, 'utf8').replace(good, bad));
      expect(verify(copy)).toMatch(complaint);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names options that there are', async () => {
    const line = /^ExecStart=\/usr\/bin\/env kvswebrtc-launch (.+) "\$\{PIPELINE\}"$/m.exec(
      read(join('docs/systemd', NAME)),
    );
    const words = [...wordsOf(line?.[1] ?? '--none'), 'v4l2src ! kinesiswebrtcbin channel=cam1'];
    expect(await run(['--dry-run', ...words])).toMatchObject({ code: 0, stderr: '' });
  });
});
