/* The few lines of SDP and of candidates that a viewer of the bench speaks. Pure. */

export type Codec = 'VP8' | 'H264';

/** As the program `viewer` counts them. */
const PAYLOAD_TYPES = { VP8: 96, H264: 102 } as const;

export interface Local {
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: string;
  readonly address: string;
  readonly port: number;
}

export interface Remote {
  readonly ufrag: string;
  readonly password: string;
  /** What the master is to be in DTLS. */
  readonly setup: 'active' | 'passive';
  readonly candidates: readonly Candidate[];
}

export interface Candidate {
  readonly address: string;
  readonly port: number;
}

/** An offer to receive a picture, and sound where `hasAudio`, for masters that insist. */
export function writeOffer(local: Local, codec: Codec, hasAudio = false): string {
  const type = PAYLOAD_TYPES[codec];
  const video = [
    `a=rtpmap:${type} ${codec}/90000`,
    `a=rtcp-fb:${type} nack`,
    `a=rtcp-fb:${type} nack pli`,
    `a=rtcp-fb:${type} ccm fir`,
    ...(codec === 'H264'
      ? [`a=fmtp:${type} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f`]
      : []),
  ];
  const audio = ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 minptime=10;useinbandfec=1'];
  return [
    'v=0',
    'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${hasAudio ? '0 1' : '0'}`,
    'a=msid-semantic: WMS',
    ...section('video', type, 0, local, video),
    ...(hasAudio ? section('audio', 111, 1, local, audio) : []),
    '',
  ].join('\r\n');
}

function section(
  kind: string,
  type: number,
  mid: number,
  { ufrag, password, fingerprint }: Local,
  attributes: readonly string[],
): readonly string[] {
  return [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${type}`,
    'c=IN IP4 0.0.0.0',
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${password}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    `a=mid:${mid}`,
    'a=recvonly',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...attributes,
  ];
}

export function writeCandidate({ address, port }: Candidate): string {
  return `candidate:1 1 udp 2113937151 ${address} ${port} typ host generation 0`;
}

/** Undefined for what is not UDP over IPv4. */
export function readCandidate(text: string): Candidate | undefined {
  const [, address, port] = /candidate:\S+ 1 udp \d+ (\d+\.\d+\.\d+\.\d+) (\d+) /i.exec(text) ?? [];
  return address === undefined ? undefined : { address, port: Number(port) };
}

/** Throws on an answer that says not enough to connect. */
export function readAnswer(sdp: string): Remote {
  const value = (name: string) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(sdp)?.[1];
  const [ufrag, password, setup] = [value('ice-ufrag'), value('ice-pwd'), value('setup')];
  if (ufrag === undefined || password === undefined) throw new Error('an answer without ICE');
  const candidates = sdp
    .split('\n')
    .filter((line) => line.startsWith('a=candidate:'))
    .flatMap((line) => readCandidate(line) ?? []);
  return { ufrag, password, setup: setup === 'passive' ? 'passive' : 'active', candidates };
}
