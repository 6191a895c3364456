/* The peers of all elements as a list, and how one of them is meant. Pure. */
import type { EventFields } from '../events.ts';
import { printable } from '../report/report.ts';

/** One peer's statistics, as the element's `stats` property has them; names in camelCase. */
export interface PeerStats {
  /** Name of the element it is a peer of. */
  readonly element: string;
  readonly peerId: string;
  readonly fields: EventFields;
  /** kbit/s since the last look, or since it connected; null before that. */
  readonly kbpsSent: number | null;
  readonly kbpsReceived: number | null;
}

type Named = Pick<PeerStats, 'element' | 'peerId'>;

export type Found<Peer> = { readonly peer: Peer } | { readonly peer: null; readonly fault: string };

/** How many ids a message names at most. */
const MOST_NAMED = 5;

/** The one peer that is called `target`, or begins so, also as ELEMENT/ID. */
export function findPeer<Peer extends Named>(target: string, peers: readonly Peer[]): Found<Peer> {
  const exact = peers.filter((peer) => namesOf(peer).includes(target));
  const close = peers.filter((peer) => namesOf(peer).some((name) => name.startsWith(target)));
  const found = exact.length > 0 ? exact : close;
  const [peer] = found;
  if (peer !== undefined && found.length === 1) return { peer };
  if (found.length > 1) {
    return { peer: null, fault: `"${target}" may be ${listed(found, peers)}; write more of it` };
  }
  const known = peers.length === 0 ? 'nobody is there' : `there is ${listed(peers, peers)}`;
  return { peer: null, fault: `no peer is called "${target}"; ${known}` };
}

/** An id as it is, and as it is shown. */
function namesOf({ element, peerId }: Named): readonly string[] {
  const ids = [...new Set([peerId, printable(peerId)])];
  return [...ids, ...ids.map((id) => `${element}/${id}`)];
}

function listed(some: readonly Named[], all: readonly Named[]): string {
  const names = some.slice(0, MOST_NAMED).map((peer) => nameOf(peer, all));
  if (some.length > MOST_NAMED) return `${names.join(', ')} and ${some.length - MOST_NAMED} more`;
  return names.join(', ');
}

/** The id alone where that says it. */
function nameOf({ element, peerId }: Named, all: readonly Named[]): string {
  const isUnique = all.filter((other) => other.peerId === peerId).length === 1;
  return isUnique ? peerId : `${element}/${peerId}`;
}

interface Sample {
  readonly at: number;
  readonly duration: number;
  readonly sent: number;
  readonly received: number;
}

/** Remembers the last look at each peer, for the rates of the next one. */
export class RateMeter {
  #samples = new Map<string, Sample>();

  /** `now` is in milliseconds of any steady clock. */
  measure(
    peers: readonly (Named & Pick<PeerStats, 'fields'>)[],
    now: number,
  ): readonly PeerStats[] {
    const last = this.#samples;
    this.#samples = new Map();
    return peers.map((peer) => {
      const key = JSON.stringify([peer.element, peer.peerId]);
      const sample = sampleOf(peer.fields, now);
      this.#samples.set(key, sample);
      const before = last.get(key);
      // One that came again under its id begins anew.
      const base = before !== undefined && before.duration <= sample.duration ? before : null;
      return { ...peer, ...ratesOf(sample, base) };
    });
  }
}

function sampleOf(fields: EventFields, at: number): Sample {
  const number = (name: string) => {
    const value = fields[name];
    return typeof value === 'number' ? value : 0;
  };
  return {
    at,
    duration: number('durationMs'),
    sent: number('bytesSent'),
    received: number('bytesReceived'),
  };
}

function ratesOf(
  { at, duration, sent, received }: Sample,
  base: Sample | null,
): Pick<PeerStats, 'kbpsSent' | 'kbpsReceived'> {
  const ms = base === null ? duration : at - base.at;
  if (ms <= 0) return { kbpsSent: null, kbpsReceived: null };
  // Bits a millisecond are kbit/s.
  return {
    kbpsSent: ((sent - (base?.sent ?? 0)) * 8) / ms,
    kbpsReceived: ((received - (base?.received ?? 0)) * 8) / ms,
  };
}
