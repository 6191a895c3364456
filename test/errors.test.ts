import { expect, it } from 'vitest';
import { exitCodeOf, isErrorCode } from '../src/errors.ts';

it.each([
  ['usage', 1],
  ['pipeline-text', 1],
  ['no-element', 1],
  ['settings', 1],
  ['missing-plugin', 2],
  ['pipeline', 2],
  ['credentials', 3],
  ['permission', 3],
  ['region', 3],
  ['channel', 3],
  ['clock', 3],
  ['network', 3],
  ['tls', 3],
  ['throttled', 3],
  ['service', 3],
  ['protocol', 3],
  ['displaced', 3],
  ['expectation', 4],
] as const)('%s exits with %i', (code, exit) => {
  expect(exitCodeOf(code)).toBe(exit);
});

it.each(['', 'toString', 'weather'])('knows that "%s" is no code', (text) => {
  expect(isErrorCode(text)).toBe(false);
});
