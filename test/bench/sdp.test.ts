import { describe, expect, it } from 'vitest';
import { readAnswer, readCandidate, writeCandidate, writeOffer } from '../../bench/support/sdp.ts';

const LOCAL = {
  ufrag: 'abcd',
  password: 'p'.repeat(22),
  fingerprint: '00:11',
  address: '192.0.2.1',
  port: 4000,
};

describe('an offer', () => {
  it.each([
    ['VP8', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=rtpmap:96 VP8/90000'],
    ['H264', 'm=video 9 UDP/TLS/RTP/SAVPF 102', 'a=rtpmap:102 H264/90000'],
  ] as const)('of %s has it alone', (codec, media, map) => {
    const lines = writeOffer(LOCAL, codec).split('\r\n');
    expect(lines).toContain(media);
    expect(lines.filter((line) => line.startsWith('a=rtpmap:'))).toEqual([map]);
  });

  it('has sound where it is asked for, in the same bundle', () => {
    const lines = writeOffer(LOCAL, 'H264', true).split('\r\n');
    expect(lines).toContain('a=group:BUNDLE 0 1');
    expect(lines).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 111');
  });

  it('has what ICE and DTLS want to know in each section', () => {
    const sections = writeOffer(LOCAL, 'VP8', true).split('m=').slice(1);
    for (const section of sections) {
      for (const line of ['a=ice-ufrag:abcd', 'a=fingerprint:sha-256 00:11', 'a=setup:actpass']) {
        expect(section).toContain(line);
      }
    }
  });
});

describe('a candidate', () => {
  it('is read as it is written', () => {
    const candidate = { address: '192.0.2.1', port: 4000 };
    expect(readCandidate(writeCandidate(candidate))).toEqual(candidate);
  });

  it.each([
    'candidate:1 1 TCP 2105458943 192.0.2.1 9 typ host tcptype active',
    'candidate:1 1 udp 2113937151 fd00::2 4000 typ host',
    'candidate:1 1 udp 2113937151 name.local 4000 typ host',
    '',
  ])('%s is left out', (text) => {
    expect(readCandidate(text)).toBeUndefined();
  });
});

describe('an answer', () => {
  const lines = (setup: string) => [
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'a=ice-ufrag:user',
    'a=ice-pwd:secret',
    `a=setup:${setup}`,
    'a=candidate:1 1 UDP 2113937151 192.0.2.7 5000 typ host',
    'a=candidate:2 1 UDP 2113937151 fd00::7 5000 typ host',
  ];

  it('tells of the way in, and of candidates that can be used', () => {
    expect(readAnswer(lines('passive').join('\r\n'))).toEqual({
      ufrag: 'user',
      password: 'secret',
      setup: 'passive',
      candidates: [{ address: '192.0.2.7', port: 5000 }],
    });
    expect(readAnswer(lines('active').join('\n')).setup).toBe('active');
  });

  it('without ICE is an error', () => {
    expect(() => readAnswer('m=video 9 UDP/TLS/RTP/SAVPF 96')).toThrow('without ICE');
  });
});
