import { describe, expect, it } from 'vitest';
import { noStats, summarize } from '../../web/stats.ts';

const report = (bytes: number, timestamp: number, packets = 0, lost = 2) => [
  { id: 'T', type: 'transport', selectedCandidatePairId: 'P' },
  {
    id: 'P',
    type: 'candidate-pair',
    localCandidateId: 'L',
    remoteCandidateId: 'R',
    currentRoundTripTime: 0.0123,
  },
  { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'udp' },
  { id: 'R', type: 'remote-candidate', candidateType: 'relay' },
  { id: 'C', type: 'codec', mimeType: 'video/H264' },
  { id: 'D', type: 'codec', mimeType: 'audio/opus' },
  {
    id: 'V',
    type: 'inbound-rtp',
    kind: 'video',
    codecId: 'C',
    bytesReceived: bytes,
    timestamp,
    frameWidth: 640,
    frameHeight: 480,
    framesPerSecond: 30,
    framesDecoded: 99,
    packetsLost: lost,
    packetsReceived: packets,
  },
  {
    id: 'A',
    type: 'inbound-rtp',
    kind: 'audio',
    codecId: 'D',
    bytesReceived: 1000,
    timestamp,
    packetsLost: 1,
  },
];

describe('the statistics', () => {
  it('say codec, size, path and rate', () => {
    const first = summarize(report(9000, 1000), noStats);
    const second = summarize(report(134_000, 2000), first);
    expect(second).toMatchObject({
      videoCodec: 'H264',
      audioCodec: 'opus',
      width: 640,
      height: 480,
      fps: 30,
      kbps: 1000,
      framesDecoded: 99,
      packetsLost: 3,
      localCandidate: 'host',
      remoteCandidate: 'relay',
      protocol: 'udp',
      roundTripMs: 12,
    });
    expect(first.kbps).toBe(0);
  });

  it.each([
    ['of none lost', 95, 2, 0],
    ['of some lost', 95, 7, 5],
    ['of a loss taken back', 95, 1, 0],
    ['of all lost', 0, 5, 100],
    ['of nothing sent', 0, 2, null],
  ])('say the loss %s since the reading before', (_, received, lost, percent) => {
    const first = summarize(report(9000, 1000, 500, 2), noStats);
    expect(first.lossPercent).toBeNull();
    const second = summarize(report(9999, 2000, 500 + received, lost), first);
    expect(second.lossPercent).toBe(percent);
  });

  it('are nothing yet of an empty report, and no rate of a new connection', () => {
    expect(summarize([], noStats)).toEqual(noStats);
    expect(summarize(report(10, 3000), summarize(report(9000, 2000), noStats)).kbps).toBe(0);
  });
});
