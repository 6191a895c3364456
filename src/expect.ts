/* Smoke tests: what is expected of a run, and whether it came. Pure: it sees messages and judges. */
import type { BusMessage } from './gst/runtime.ts';

export interface Expectation {
  /** So many peers are to connect in the course of the run. */
  readonly peers: number;
  /** And media is to reach each of them. */
  readonly media: boolean;
  /** Names of the viewers that this program itself adds: each is to get a frame. */
  readonly probes: readonly string[];
}

export interface Verdict {
  readonly ok: boolean;
  /** What did not come; empty when all did. */
  readonly reason: string;
  readonly peers: number;
  /** Peers that media has reached. */
  readonly reached: number;
  /** Of the first frame, from the peer's offer; null where there was none. */
  readonly firstFrameMs: number | null;
}

export interface SmokeTest {
  readonly see: (message: BusMessage) => void;
  readonly verdict: () => Verdict;
}

/** Watches the messages of a run and of its probes. */
export function createSmokeTest(expected: Expectation): SmokeTest {
  const peers = new Set<string>();
  const reached = new Set<string>();
  const probed = new Set<string>();
  const signaling = new Map<string, string>();
  let firstFrameMs: number | null = null;
  const see = (message: BusMessage) => {
    if (message.type !== 'element') return;
    const { source, details } = message;
    const peer = JSON.stringify([source, String(details.fields['peer-id'])]);
    const { state, ms } = details.fields;
    if (details.name === 'kinesiswebrtc-signaling') signaling.set(source, String(state));
    // The probe's own look at its master is no peer of anybody's.
    const isProbe = expected.probes.includes(source);
    const isFrame = details.name === 'kinesiswebrtc-first-frame';
    if (!isProbe && (isFrame || details.name === 'kinesiswebrtc-peer-connected')) peers.add(peer);
    if (!isFrame) return;
    if (isProbe) probed.add(source);
    else reached.add(peer);
    firstFrameMs ??= typeof ms === 'number' ? ms : null;
  };
  const verdict = () => {
    const reason = missing(expected, { peers, reached, probed, signaling });
    return { ok: reason === '', reason, peers: peers.size, reached: reached.size, firstFrameMs };
  };
  return { see, verdict };
}

interface Seen {
  /** Each with its element. */
  readonly peers: ReadonlySet<string>;
  readonly reached: ReadonlySet<string>;
  /** Probes that got a frame. */
  readonly probed: ReadonlySet<string>;
  /** The last state of each element. */
  readonly signaling: ReadonlyMap<string, string>;
}

function missing(expected: Expectation, { peers, reached, probed, signaling }: Seen): string {
  const away = [...signaling].find(([, state]) => state !== 'connected');
  const unsigned = away === undefined ? '' : ` (signaling of "${away[0]}" is ${away[1]})`;
  if (peers.size < expected.peers) {
    return `${peers.size} of ${count(expected.peers, 'expected peer')} connected${unsigned}`;
  }
  const unserved = [...peers].filter((peer) => !reached.has(peer)).map(nameOf);
  if (expected.media && unserved.length > 0) {
    return `media did not reach ${unserved.join(', ')}, connected though it is`;
  }
  const blind = expected.probes.filter((name) => !probed.has(name));
  if (blind.length > 0) {
    const seen = blind.map((name) => `"${name}" is ${signaling.get(name) ?? 'not started'}`);
    return `the probe got no picture or sound (signaling of ${seen.join(', ')})${unsigned}`;
  }
  return '';
}

function nameOf(peer: string): string {
  return (JSON.parse(peer) as [string, string])[1];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
