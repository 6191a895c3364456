import { expect, it } from 'vitest';
import { complete } from '../../src/control/complete.ts';

const IDS = ['viewer-1', 'viewer-22', 'other', 'a b', '\u001b[2J'];

it.each([
  ['pe', ['peers']],
  ['/pe', ['/peers']],
  ['mu', ['mute ']],
  ['k', ['kick ', 'key']],
  ['mute ', ['viewer-1', 'viewer-22', 'other', 'a b']],
  ['mute viewer', ['viewer-1', 'viewer-22']],
  ['/kick o', ['other']],
  ['@view', ['@viewer-1 ', '@viewer-22 ']],
  ['@', ['@viewer-1 ', '@viewer-22 ', '@other ', '@all ']],
  ['@other he', []],
  ['bitrate 1', []],
  ['hello v', []],
])('%j may go on with %j', (line, hits) => {
  expect(complete(line, IDS)[0]).toEqual(hits);
});

it('offers no id that would write control characters to the terminal', () => {
  expect(complete('kick ', IDS)[0].join('')).not.toContain('\u001b');
});

it('replaces the whole of what it completes', () => {
  expect(complete('mute viewer-2', IDS)).toEqual([['viewer-22'], 'viewer-2']);
});
