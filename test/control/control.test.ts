import { describe, expect, it } from 'vitest';
import { createControl } from '../../src/control/control.ts';
import type { Command } from '../../src/control/line.ts';
import type { EventFields } from '../../src/events.ts';
import { createFakeGst } from '../helpers/fakegst.ts';
import type { FakeOptions } from '../helpers/fakegst.ts';

const viewer = (id: string, more: EventFields = {}): EventFields => ({
  'peer-id': id,
  state: 'connected',
  'data-channels': 1,
  'duration-ms': 1000,
  'bytes-sent': 125_000,
  'bytes-received': 0,
  ...more,
});

function controlled(peers: NonNullable<FakeOptions['peers']>, numbers = {}) {
  const names = Object.keys(peers);
  const elements = names.map((name) => ({ factory: 'kinesiswebrtcbin', name }));
  const gst = createFakeGst({ elements, peers, numbers });
  const handles = gst.parse('').elementsOf('kinesiswebrtcbin');
  const quits: string[] = [];
  const control = createControl(
    handles,
    () => quits.push('quit'),
    () => 0,
  );
  return {
    perform: (command: Command) => control.perform(command),
    peerIds: control.peerIds,
    asked: () => gst.asked.slice(1),
    quits,
  };
}

describe('a command', () => {
  it.each([
    ['kick', ['emit k disconnect-peer ["viewer-1"]']],
    ['mute', ['emit k mute-peer ["viewer-1",true]']],
    ['unmute', ['emit k mute-peer ["viewer-1",false]']],
  ] as const)('%s acts on the one peer', (name, asked) => {
    const it = controlled({ j: [viewer('other')], k: [viewer('viewer-1')] });
    expect(it.perform({ name, peer: 'view' })).toMatchObject({ command: name, kind: 'done' });
    expect(it.asked()).toEqual(asked);
  });

  it('for a peer that is not there does nothing', () => {
    const it = controlled({ k: [viewer('viewer-1')] });
    expect(it.perform({ name: 'kick', peer: 'x' })).toMatchObject({ kind: 'fault' });
    expect(it.asked()).toEqual([]);
  });

  it('key and bitrate go to every element', () => {
    const numbers = { bitrate: 800, 'min-bitrate': 100, 'max-bitrate': 20_000 };
    const it = controlled({ j: [], k: [] }, numbers);
    it.perform({ name: 'key' });
    expect(it.perform({ name: 'bitrate', kbps: 800 })).toMatchObject({
      message: 'the bit rate of j is 800 kbit/s, the bit rate of k is 800 kbit/s',
    });
    expect(it.asked()).toEqual([
      'emit j force-key-frame []',
      'emit k force-key-frame []',
      'set j bitrate=800',
      'set k bitrate=800',
    ]);
  });

  it('rotate goes to every element', () => {
    const it = controlled({ j: [], k: [] });
    expect(it.perform({ name: 'rotate', degrees: 90 })).toMatchObject({ message: /by 90 degrees/ });
    expect(it.perform({ name: 'rotate', degrees: null })).toMatchObject({ message: /source says/ });
    expect(it.asked()).toEqual([
      'set j rotation=90',
      'set k rotation=90',
      'set j rotation=-1',
      'set k rotation=-1',
    ]);
  });

  it.each([
    [50, /100 kbit\/s, the least/],
    [5000, /3000 kbit\/s, the most/],
  ])('bitrate tells that %d is out of bounds', (bitrate, words) => {
    const it = controlled({ k: [] }, { bitrate, 'min-bitrate': 100, 'max-bitrate': 3000 });
    expect(it.perform({ name: 'bitrate', kbps: null })).toMatchObject({ message: words });
    expect(it.asked()).toEqual([]);
  });

  it('peers and stats tell of all elements, stats with rates', () => {
    const it = controlled({ j: [viewer('a')], k: [viewer('b')] });
    expect(it.perform({ name: 'peers' })).toMatchObject({
      elements: ['j', 'k'],
      peers: [
        { element: 'j', peerId: 'a', kbpsSent: null },
        { element: 'k', peerId: 'b', fields: { dataChannels: 1 } },
      ],
    });
    expect(it.perform({ name: 'stats' })).toMatchObject({ peers: [{ kbpsSent: 1000 }, {}] });
  });

  it('quit ends the run', () => {
    const it = controlled({ k: [] });
    it.perform({ name: 'quit' });
    expect(it.quits).toEqual(['quit']);
  });
});

describe('text', () => {
  const send = (peer: string | null): Command => ({ name: 'send', peer, text: 'hi' });

  it('goes to one peer', () => {
    const it = controlled({ k: [viewer('viewer-1'), viewer('x')] });
    expect(it.perform(send('view'))).toMatchObject({ kind: 'done', message: 'sent to viewer-1' });
    expect(it.asked()).toEqual(['emit k send-data ["viewer-1","hi"]']);
  });

  it('goes to all peers of all elements, and says to how many', () => {
    const it = controlled({ j: [viewer('a')], k: [viewer('b', { 'data-channels': 0 })] });
    expect(it.perform(send(null))).toMatchObject({ message: 'sent to 1 peer of 2' });
    expect(it.asked()).toEqual(['emit j send-data ["","hi"]', 'emit k send-data ["","hi"]']);
  });

  it.each([
    [[], null, /nobody is there/],
    [[viewer('a', { 'data-channels': 0 })], null, /nobody of 1/],
    [[viewer('a', { 'data-channels': 0 })], 'a', /a has no data channel open/],
  ])('that nobody would get is told so: %j', (peers, target, words) => {
    const it = controlled({ k: peers });
    expect(it.perform(send(target))).toMatchObject({ kind: 'fault', message: words });
    expect(it.asked()).toEqual([]);
  });
});
