import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/control/control.ts';
import { createHumanReport } from '../../src/report/human.ts';
import { PLAIN } from '../../src/report/paint.ts';
import { createJsonReport } from '../../src/report/json.ts';

const time = new Date('2026-01-02T03:04:05.678Z');
const human = createHumanReport({ paint: PLAIN, quiet: false });
const json = createJsonReport(() => time);

const viewer = {
  element: 'k',
  peerId: 'viewer-1',
  fields: {
    state: 'connected',
    muted: false,
    localCandidate: 'host',
    remoteCandidate: 'prflx',
    protocol: 'udp',
    videoCodec: 'VP8',
    width: 640,
    height: 480,
    framesReceived: 0,
    audioCodec: 'OPUS',
    roundTripMs: 3.25,
    packetsLost: 0,
    nacks: 4,
    plis: 1,
    dataChannels: 1,
    durationMs: 61_000,
  },
  kbpsSent: 1999.6,
  kbpsReceived: 0.2,
  fpsSent: [29.6] as readonly (number | null)[],
  fpsReceived: 0,
};
const hostile = {
  element: 'k',
  peerId: `\u001b[2J${'x'.repeat(300)}`,
  fields: { state: 'connecting', muted: true, dataChannels: 0, durationMs: 0, roundTripMs: -1 },
  kbpsSent: null,
  kbpsReceived: null,
  fpsSent: [],
  fpsReceived: null,
};

function answer(
  kind: 'peers' | 'stats',
  peers: readonly (typeof viewer | typeof hostile)[],
): Answer {
  return { command: kind, kind, elements: ['k'], peers };
}

describe('for people', () => {
  it('peers are a table', () => {
    expect(human.answer(answer('peers', [viewer])).out).toEqual([
      'PEER      STATE      PATH                DATA         AGE',
      'viewer-1  connected  host to prflx, udp  yes   1 min 01 s',
    ]);
  });

  it('stats name each camera', () => {
    const second = { videoCodec1: 'H264', width1: 1280, height1: 720, videoCodec2: 'VP8' };
    const fields = { ...viewer.fields, ...second, width2: 0, height2: 0 };
    const two = { ...viewer, fields, fpsSent: [29.6, 15, null] };
    expect(human.answer(answer('stats', [two])).out[1]).toContain(
      '  VP8 640x480, H264 1280x720, VP8  30, 15, -   -  OPUS ',
    );
  });

  it('stats are a wider one', () => {
    expect(human.answer(answer('stats', [viewer])).out).toEqual([
      'PEER      STATE      PATH                VIDEO        FPS OUT  IN  AUDIO  KBIT/S OUT  IN     RTT  LOST  NACK/PLI  DATA         AGE',
      'viewer-1  connected  host to prflx, udp  VP8 640x480       30   -  OPUS         2000   0  3.3 ms     0       4/1  yes   1 min 01 s',
    ]);
  });

  it.each([
    [Infinity, 'PEER STATE PATH VIDEO FPS OUT IN AUDIO KBIT/S OUT IN RTT LOST NACK/PLI DATA AGE'],
    [117, 'PEER STATE PATH VIDEO FPS OUT IN KBIT/S OUT IN RTT LOST NACK/PLI AGE'],
    [77, 'PEER VIDEO FPS OUT KBIT/S OUT RTT LOST NACK/PLI AGE'],
    [10, 'PEER VIDEO FPS OUT KBIT/S OUT RTT LOST NACK/PLI AGE'],
  ])('stats leave out what %d characters have no room for', (width, titles) => {
    const [head = ''] = human.answer(answer('stats', [viewer]), width).out;
    expect(head.replace(/ +/g, ' ')).toBe(titles);
  });

  it('stats of a master that sends say how fast its pictures come', () => {
    const fields = { state: 'connected', framesReceived: 50, durationMs: 2000 };
    const master = { ...hostile, peerId: 'master', fields, fpsReceived: 25.2 };
    expect(
      human.answer({ command: 'stats', kind: 'stats', elements: ['k'], peers: [master] }).out[1],
    ).toMatch(/^master {2}connected +- +- +- +25 /);
  });

  it('what a remote wrote is escaped and cut', () => {
    const { out } = human.answer(answer('peers', [hostile]));
    expect(out.join('')).not.toContain('\u001b');
    expect(out[1]).toMatch(/^\\u001b\[2Jx{20,33}… {2}connecting, muted +- +- +-$/);
  });

  it('elements are named where there are several, in their order', () => {
    const { out } = human.answer({
      command: 'peers',
      kind: 'peers',
      elements: ['k', 'j'],
      peers: [{ ...viewer, element: 'j' }, viewer],
    });
    expect(out.map((line) => line.split(' ')[0])).toEqual(['ELEMENT', 'k', 'j']);
  });

  it('nobody is a sentence', () => {
    expect(human.answer(answer('stats', [])).out).toEqual(['nobody is there']);
  });

  it('what cannot be done is no result', () => {
    const message = 'no peer is called "\u001b]0;x\u0007"';
    expect(human.answer({ command: 'kick', kind: 'fault', message })).toEqual({
      out: [],
      err: ['kvswebrtc-launch: no peer is called "\\u001b]0;x\\u0007"'],
    });
  });
});

describe('for programs', () => {
  const parse = (one: Answer) => json.answer(one).out.map((line) => JSON.parse(line) as unknown);

  it('peers are one event an element, with all of them', () => {
    const elements = ['k', 'j'];
    const told = parse({ command: 'peers', kind: 'peers', elements, peers: [viewer] });
    expect(told).toMatchObject([
      { time: time.toISOString(), event: 'peers', element: 'k', peers: [{ peerId: 'viewer-1' }] },
      { event: 'peers', element: 'j', peers: [] },
    ]);
  });

  it('stats are one event a peer, or an answer that there is none', () => {
    expect(parse(answer('stats', [viewer]))).toMatchObject([
      {
        event: 'stats',
        element: 'k',
        peerId: 'viewer-1',
        videoCodec: 'VP8',
        kbpsSent: 1999.6,
        fpsSent: 29.6,
      },
    ]);
    const two = { ...viewer, fpsSent: [30, 15] };
    expect(parse(answer('stats', [two]))).toMatchObject([{ fpsSent: 30, fpsSent1: 15 }]);
    expect(parse(answer('stats', []))).toMatchObject([{ event: 'answer', command: 'stats' }]);
  });

  it('everything else is an answer', () => {
    expect(parse({ command: 'key', kind: 'done', message: 'asked' })).toMatchObject([
      { event: 'answer', command: 'key', ok: true, message: 'asked' },
    ]);
    expect(parse({ command: null, kind: 'fault', message: 'what?' })).toMatchObject([
      { event: 'answer', command: null, ok: false, message: 'what?' },
    ]);
    expect(parse({ command: 'help', kind: 'help', lines: ['a', 'b'] })).toMatchObject([
      { event: 'answer', command: 'help', ok: true, message: 'a\nb' },
    ]);
  });
});
