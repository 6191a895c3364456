/* docs/TROUBLESHOOTING.md has a row for everything that the program names. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { toLaunchError } from '../src/aws/client.ts';
import { ERROR_CODES, exitCodeOf } from '../src/errors.ts';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** The first cells of each table below a heading, and the second ones. */
function rowsOf(heading: string): (readonly [string, string])[] {
  const chapter = read('docs/TROUBLESHOOTING.md')
    .split(/^## /m)
    .find((text) => text.startsWith(heading));
  return [...(chapter ?? '').matchAll(/^\| `(.+?)` *\| *(.+?) *\|/gm)].map(
    ([, first = '', second = '']) => [first, second],
  );
}

it('every error code, with its exit code', () => {
  const codes = ERROR_CODES.map((code) => [code, String(exitCodeOf(code))] as const);
  expect(rowsOf('Errors by code').toSorted()).toEqual(codes.toSorted());
});

it('every stage in which a peer can be stuck', () => {
  const names = read('plugin-c/gst/stall.c').matchAll(/\[GST_KVS_STAGE_\w+\] = "(.+)"/g);
  const stages = [...names].map(([, name = '']) => name);
  expect(rowsOf('Stuck').map(([stage]) => stage)).toEqual(stages);
});

it.each([
  ['clock', Object.assign(new Error('too late'), { name: 'RequestExpired' })],
  ['network', Object.assign(new Error('no such host'), { code: 'ENOTFOUND' })],
  [
    'network',
    new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) }),
  ],
] as const)('the command of the remedy for %s, as the program names it', (code, cause) => {
  const row = read('docs/TROUBLESHOOTING.md')
    .split('\n')
    .find((line) => line.startsWith(`| \`${code}\``));
  const command = /^`([^`]+)`/.exec(row?.split(' | ')[3]?.trim() ?? '')?.[1];
  const error = toLaunchError('service', cause);
  expect(error.code).toBe(code);
  expect(error.hint).toContain(command ?? 'a command');
});
