import { describe, expect, it } from 'vitest';
import { COMMANDS, helpLines, parseLine } from '../../src/control/line.ts';

describe('a typed line', () => {
  it.each([
    ['', null],
    ['   ', null],
    ['peers', { name: 'peers' }],
    ['  peers  ', { name: 'peers' }],
    ['/peers', { name: 'peers' }],
    ['stats', { name: 'stats' }],
    ['key', { name: 'key' }],
    ['quit', { name: 'quit' }],
    ['help', { name: 'help' }],
    ['kick viewer-7f3a', { name: 'kick', peer: 'viewer-7f3a' }],
    ['mute  viewer-7f3a', { name: 'mute', peer: 'viewer-7f3a' }],
    ['/unmute v', { name: 'unmute', peer: 'v' }],
    ['mute an id of words', { name: 'mute', peer: 'an id of words' }],
    ['bitrate', { name: 'bitrate', kbps: null }],
    ['bitrate 800', { name: 'bitrate', kbps: 800 }],
    ['rotate 90', { name: 'rotate', degrees: 90 }],
    ['rotate  0', { name: 'rotate', degrees: 0 }],
    ['rotate auto', { name: 'rotate', degrees: null }],
    ['@viewer-7f3a hello', { name: 'send', peer: 'viewer-7f3a', text: 'hello' }],
    ['@viewer-7f3a  peers ', { name: 'send', peer: 'viewer-7f3a', text: 'peers' }],
    ['@all quit', { name: 'send', peer: null, text: 'quit' }],
    ['hello, all', { name: 'send', peer: null, text: 'hello, all' }],
    ['Peers', { name: 'send', peer: null, text: 'Peers' }],
    ['constructor', { name: 'send', peer: null, text: 'constructor' }],
    ['a @b', { name: 'send', peer: null, text: 'a @b' }],
  ])('%j is %j', (line, parsed) => {
    expect(parseLine(line)).toEqual(parsed);
  });

  it.each([
    ['/nosuch', /no command "nosuch".*help/],
    ['/', /no command ""/],
    ['@', /stands before an id/],
    ['@ hello', /stands before an id/],
    ['@viewer', /no text for "viewer"/],
    ['kick', /takes the id/],
    ['peers now', /@all peers now/],
    ['key is under the mat', /@all key is under the mat/],
    ['bitrate fast', /not "fast"/],
    ['bitrate 0', /not "0"/],
    ['bitrate -1', /not "-1"/],
    ['bitrate 1e3', /not "1e3"/],
    ['bitrate 200000', /1 to 100000/],
    ['rotate', /0, 90, 180, 270, auto, not ""/],
    ['rotate 45', /not "45"/],
    ['rotate toString', /not "toString"/],
  ])('%j is refused with a sentence, and sent to nobody', (line, words) => {
    const parsed = parseLine(line);
    expect(parsed).toMatchObject({ name: 'fault' });
    expect(parsed?.name === 'fault' ? parsed.message : '').toMatch(words);
  });
});

it('help names every command, and how to write to one and to all', () => {
  const help = helpLines().join('\n');
  for (const name of Object.keys(COMMANDS)) expect(help).toMatch(new RegExp(`^${name}\\b`, 'm'));
  expect(help).toMatch(/@ID TEXT/);
  expect(help).toMatch(/@all TEXT/);
});
