import { describe, expect, it } from 'vitest';
import { createSmokeTest } from '../src/expect.ts';
import type { EventFields } from '../src/events.ts';
import type { BusMessage } from '../src/gst/runtime.ts';

function message(source: string, event: string, fields: EventFields): BusMessage {
  const details = { name: `kinesiswebrtc-${event}`, fields };
  const common = { path: () => '', seqnum: 1, kind: 'element', text: () => '' };
  return { ...common, source, type: 'element', details };
}

const connected = (id: string, element = 'k') =>
  message(element, 'peer-connected', { 'peer-id': id });
const frame = (id: string, element = 'k') =>
  message(element, 'first-frame', { 'peer-id': id, ms: 7 });

describe('what is expected of a run', () => {
  it.each([
    ['peers that came', { peers: 2, media: false }, [connected('a'), connected('b')], ''],
    ['one peer twice', { peers: 2, media: false }, [connected('a'), connected('a')], /^1 of 2/],
    ['nobody', { peers: 1, media: false }, [], /^0 of 1 expected peer connected$/],
    [
      'no signaling',
      { peers: 1, media: false },
      [message('k', 'signaling', { state: 'connecting' })],
      /"k" is connecting/,
    ],
    ['media that came', { peers: 1, media: true }, [connected('a'), frame('a')], ''],
    [
      'media for one of two',
      { peers: 1, media: true },
      [connected('a'), connected('b'), frame('a')],
      /media did not reach b/,
    ],
  ] as const)('%s', (_, expected, messages, reason) => {
    const test = createSmokeTest({ ...expected, probes: [] });
    messages.forEach(test.see);
    const verdict = test.verdict();
    expect(verdict.ok).toBe(reason === '');
    expect(verdict.reason).toMatch(reason === '' ? /^$/ : reason);
  });

  it('of a probe is a frame of its own', () => {
    const test = createSmokeTest({ peers: 1, media: false, probes: ['probe'] });
    [connected('x'), frame('x'), connected('master', 'probe')].forEach(test.see);
    expect(test.verdict()).toMatchObject({
      ok: false,
      reason: expect.stringContaining('probe') as string,
      peers: 1,
      reached: 1,
    });
    test.see(frame('master', 'probe'));
    expect(test.verdict()).toEqual({ ok: true, reason: '', peers: 1, reached: 1, firstFrameMs: 7 });
  });
});
