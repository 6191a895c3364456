import { expect, it } from 'vitest';
import { createGreeter } from '../../src/control/greeting.ts';
import type { BusMessage } from '../../src/gst/runtime.ts';
import { createFakeGst } from '../helpers/fakegst.ts';

function message(name: string, peerId: string, source = 'k'): BusMessage {
  const details = { name: `kinesiswebrtc-${name}`, fields: { 'peer-id': peerId, label: 'chat' } };
  const common = { source, path: () => '', seqnum: 1, kind: 'element', text: () => '' };
  return { ...common, type: 'element', details };
}

it('sends each text once to a peer that opens a data channel, and again when it comes anew', () => {
  const gst = createFakeGst({ elements: [{ factory: 'f', name: 'k' }] });
  const greet = createGreeter(gst.parse('').elementsOf('f'), ['one', 'two']);
  const events = ['peer-connected', 'data-channel', 'data-channel', 'data', 'peer-disconnected'];
  for (const name of events) greet(message(name, 'a'));
  const twice = ['emit k send-data ["a","one"]', 'emit k send-data ["a","two"]'];
  expect(gst.asked.slice(1)).toEqual(twice);
  greet(message('data-channel', 'a'));
  expect(gst.asked.slice(1)).toEqual([...twice, ...twice]);
});

it('says nothing when there is nothing to say', () => {
  const gst = createFakeGst({ elements: [{ factory: 'f', name: 'k' }] });
  createGreeter(gst.parse('').elementsOf('f'), [])(message('data-channel', 'a'));
  expect(gst.asked.slice(1)).toEqual([]);
});
