import { describe, expect, it } from 'vitest';
import { LaunchError } from '../../src/errors.ts';
import type { EventFields, EventName, LaunchEvent } from '../../src/events.ts';
import { installHint, packagesFor } from '../../src/gst/missing.ts';
import { createHumanReport } from '../../src/report/human.ts';
import { loadColors, PLAIN } from '../../src/report/paint.ts';

const report = createHumanReport({ paint: PLAIN, quiet: false });
const time = new Date(2026, 0, 2, 3, 4, 5);

function event(name: EventName, fields: EventFields): LaunchEvent {
  return { time, event: name, element: 'k', fields: { channel: 'cam1', ...fields } };
}

function line(name: EventName, fields: EventFields): string | undefined {
  return report.event(event(name, fields)).out[0];
}

describe('a line for people', () => {
  it('says when, on which channel, who, how, and how long it took', () => {
    const fields = {
      peerId: 'viewer-1',
      localCandidate: 'host',
      remoteCandidate: 'srflx',
      protocol: 'udp',
      setupMs: 812,
    };
    expect(line('peer-connected', fields)).toBe(
      '03:04:05 cam1  viewer-1 connected  host to srflx, udp, in 812 ms',
    );
  });

  it('says why a peer is gone, how long it was there, and what went through', () => {
    const fields = {
      peerId: 'viewer-1',
      reason: 'closed by the peer',
      durationMs: 185_300,
      bytesSent: 12_345_678,
      bytesReceived: 987,
    };
    expect(line('peer-disconnected', fields)).toBe(
      '03:04:05 cam1  viewer-1 disconnected  closed by the peer, after 3 min 05 s, 12.3 MB sent, 987 B received',
    );
  });

  it.each<[EventName, EventFields, string]>([
    ['signaling', { state: 'connected', detail: '' }, 'signaling connected'],
    [
      'signaling',
      { state: 'connected', detail: '', gapMs: 0 },
      'signaling connected (moved, without a gap)',
    ],
    [
      'signaling',
      { state: 'connected', detail: '', gapMs: 1250 },
      'signaling connected (again, after 1.3 s)',
    ],
    ['signaling', { state: 'reconnecting', detail: 'lost' }, 'signaling reconnecting (lost)'],
    ['peer-refused', { peerId: 'p', reason: 'no codec' }, 'p refused  no codec'],
    ['first-frame', { peerId: 'p', media: 'video', ms: 99 }, 'p first video frame after 99 ms'],
    [
      'stalled',
      {
        peerId: 'p',
        stage: 'ICE',
        media: 'media',
        detail: 'the peer sent no ICE candidate',
        ms: 5003,
      },
      'p has no media after 5.0 s, stuck at ICE: the peer sent no ICE candidate',
    ],
    ['waiting', { peerId: 'master' }, 'waits for the master'],
    [
      'track',
      { peerId: 'p', media: 'audio', codec: 'OPUS', pad: 'audio_src_0', added: true },
      'p sends audio, OPUS, audio_src_0',
    ],
    ['data', { peerId: 'p', label: 'kvs', text: 'hello' }, 'p says on kvs: hello'],
    ['watch', { url: 'http://127.0.0.1:1/' }, 'watch at http://127.0.0.1:1/'],
    ['stats', { peerId: 'p', rttMs: 3 }, 'p rttMs 3'],
  ])('tells of %s %j', (name, fields, words) => {
    expect(line(name, fields)).toBe(`03:04:05 cam1  ${words}`);
  });

  it.each([
    [999, '999 ms'],
    [1000, '1.0 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 00 s'],
    [3_599_400, '59 min 59 s'],
    [7_620_000, '2 h 07 min'],
  ])('gives %i ms as %s', (ms, words) => {
    expect(line('first-frame', { peerId: 'p', media: 'video', ms })).toContain(`after ${words}`);
  });

  it('stands for missing fields with a question mark', () => {
    expect(line('peer-disconnected', {})).toContain('(peer) disconnected  ?, after ?');
  });

  it('shows control characters of a peer as codes', () => {
    const shown = line('peer-connected', { peerId: '\u001b[2Jx\r\ny\u202e\u009b' });
    expect(shown).toContain('\\u001b[2Jx y\\u202e\\u009b connected');
  });
});

describe("a line of gst-launch-1.0's", () => {
  it.each<[EventName, EventFields, string]>([
    [
      'request-state',
      { state: 'paused', path: '/GstPipeline:pipeline0/GstFakeSrc:src' },
      'Setting state to PAUSED as requested by /GstPipeline:pipeline0/GstFakeSrc:src...',
    ],
    [
      'progress',
      { code: 'connect', text: 'Connecting to the camera' },
      'Progress: (connect) Connecting to the camera',
    ],
    [
      'missing-plugin',
      { what: 'H.264 encoder', kind: 'encoder', detail: 'video/x-h264' },
      'Missing element: H.264 encoder',
    ],
  ])('is %s %j', (name, fields, words) => {
    expect(report.event(event(name, fields))).toEqual({ out: [words], err: [] });
  });

  it.each([
    ['decoder', 'audio/x-alac', 'gstreamer1.0-libav'],
    ['element', 'x264enc', 'gstreamer1.0-plugins-ugly'],
    ['urisource', 'rtsp', 'gstreamer1.0-plugins-good'],
  ])('names the package of a missing %s %s', (type, detail, name) => {
    const hint = installHint(packagesFor(type, detail)) ?? '';
    expect(report.event(event('missing-plugin', { what: 'It', hint })).out).toEqual([
      `Missing element: It; install it: apt-get install ${name}`,
    ]);
  });
});

describe('words about results', () => {
  it('go to stderr', () => {
    expect(report.event(event('warning', { message: 'careful' }))).toEqual({
      out: [],
      err: ['kvswebrtc-launch: warning: careful'],
    });
    expect(report.event(event('stopping', {})).out).toEqual([]);
  });

  it('leave out states on the way', () => {
    expect(report.event(event('state', { state: 'ready' }))).toEqual({ out: [], err: [] });
  });
});

describe('quiet', () => {
  const quiet = createHumanReport({ paint: PLAIN, quiet: true });

  it('leaves warnings and errors', () => {
    expect(quiet.event(event('signaling', { state: 'connected' })).out).toEqual([]);
    expect(quiet.event(event('warning', { message: 'm' })).err).toHaveLength(1);
    expect(quiet.failure(new LaunchError('tls', 'm')).err).toHaveLength(1);
  });
});

describe('a failure', () => {
  it('is one line with its remedy', () => {
    const error = new LaunchError('usage', 'two\nlines', { hint: 'do this' });
    expect(report.failure(error)).toEqual({
      out: [],
      err: ['kvswebrtc-launch: error: two lines; do this'],
    });
  });
});

describe('colour', () => {
  it('comes when asked for', async () => {
    const colored = createHumanReport({ paint: await loadColors(), quiet: false });
    expect(colored.event(event('signaling', { state: 'connected' })).out[0]).toContain(
      '\u001b[32m',
    );
    expect(line('signaling', { state: 'connected' })).not.toContain('\u001b');
  });
});
