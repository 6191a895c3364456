import { describe, expect, it } from 'vitest';
import { findPeer, RateMeter } from '../../src/control/peers.ts';

const peer = (peerId: string, element = 'k') => ({ element, peerId });

describe('a peer is meant', () => {
  const peers = [peer('viewer-7f3a'), peer('viewer-7f'), peer('viewer-9'), peer('\u001b[2Jx')];

  it.each([
    ['viewer-7f3a', 'viewer-7f3a'],
    // A full id counts, also when another one begins with it.
    ['viewer-7f', 'viewer-7f'],
    ['viewer-7f3', 'viewer-7f3a'],
    ['viewer-9', 'viewer-9'],
    ['k/viewer-9', 'viewer-9'],
    // As it is shown, since nobody could type it.
    ['\\u001b[2J', '\u001b[2Jx'],
  ])('by %j', (target, id) => {
    expect(findPeer(target, peers).peer?.peerId).toBe(id);
  });

  it.each([
    ['viewer-', /may be viewer-7f3a, viewer-7f, viewer-9; write more/],
    ['nobody', /no peer is called "nobody"; there is viewer-7f3a, /],
  ])('by %j by nobody', (target, words) => {
    const found = findPeer(target, peers);
    expect(found.peer).toBeNull();
    expect(found.peer === null ? found.fault : '').toMatch(words);
  });

  it('of one element where two have it, by the name of that', () => {
    const both = [peer('v', 'a'), peer('v', 'b')];
    expect(findPeer('v', both)).toMatchObject({ peer: null, fault: /a\/v, b\/v/ });
    expect(findPeer('b/v', both).peer).toEqual(peer('v', 'b'));
  });

  it('or nobody is there', () => {
    expect(findPeer('v', [])).toEqual({
      peer: null,
      fault: 'no peer is called "v"; nobody is there',
    });
  });

  it('among many, of whom few are named', () => {
    const many = Array.from({ length: 100 }, (_, index) => peer(`v${index}`));
    expect(findPeer('v', many)).toMatchObject({ fault: /v4 and 95 more/ });
  });
});

describe('rates', () => {
  const look = (durationMs: number, bytesSent: number) => [
    { ...peer('v'), fields: { durationMs, bytesSent, bytesReceived: 0 } },
  ];

  it('are since the peer connected, then since the last look', () => {
    const meter = new RateMeter();
    expect(meter.measure(look(1000, 125_000), 5000)[0]?.kbpsSent).toBe(1000);
    expect(meter.measure(look(3000, 375_000), 7000)[0]?.kbpsSent).toBe(1000);
    expect(meter.measure(look(4000, 375_000), 8000)[0]?.kbpsSent).toBe(0);
  });

  it("of pictures are each camera's, and those that come", () => {
    const meter = new RateMeter();
    const at = (durationMs: number, framesSent: number, framesSent1: number) => {
      const cameras = { videoCodec: 'VP8', framesSent, videoCodec1: 'VP8', framesSent1 };
      return [{ ...peer('v'), fields: { durationMs, ...cameras, framesReceived: framesSent / 2 } }];
    };
    expect(meter.measure(at(2000, 60, 20), 5000)[0]).toMatchObject({
      fpsSent: [30, 10],
      fpsReceived: 15,
    });
    // Another second: 20 of the one, none of the other.
    expect(meter.measure(at(3000, 80, 20), 6000)[0]).toMatchObject({
      fpsSent: [20, 0],
      fpsReceived: 10,
    });
  });

  it('begin anew with a peer that came again', () => {
    const meter = new RateMeter();
    meter.measure(look(60_000, 9_000_000), 1000);
    expect(meter.measure(look(500, 62_500), 2000)[0]?.kbpsSent).toBe(1000);
  });

  it('are unknown before the connection', () => {
    expect(new RateMeter().measure(look(0, 0), 1)[0]?.kbpsSent).toBeNull();
  });
});
