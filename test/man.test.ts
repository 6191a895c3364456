/* The man page: as the tables of options have it, and as groff can read it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const PAGE = path('../man/kvswebrtc-launch.1');

it('is what npm run man makes', () => {
  const cwd = path('..');
  const made = execFileSync('npm', ['run', '--silent', 'man:print'], { cwd, encoding: 'utf8' });
  expect(readFileSync(PAGE, 'utf8')).toBe(made);
});

it('is read by groff without a warning', () => {
  const { status, stderr } = spawnSync('groff', ['-k', '-man', '-ww', '-Tutf8', '-z', PAGE], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
});
