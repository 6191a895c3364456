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
  /** Pictures a second likewise: of each camera it is sent, in their order, and of all that it sends. */
  readonly fpsSent: readonly (number | null)[];
  readonly fpsReceived: number | null;
}

type Rates = Omit<PeerStats, 'element' | 'peerId' | 'fields'>;

export const NO_RATES: Rates = {
  kbpsSent: null,
  kbpsReceived: null,
  fpsSent: [],
  fpsReceived: null,
};

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
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly framesSent: readonly number[];
  readonly framesReceived: number;
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
  const number = (name: string) => numberOf(fields[name]);
  return {
    at,
    duration: number('durationMs'),
    bytesSent: number('bytesSent'),
    bytesReceived: number('bytesReceived'),
    framesSent: camerasOf(fields).map((camera) => number(`framesSent${camera}`)),
    framesReceived: number('framesReceived'),
  };
}

function numberOf(value: EventFields[string] | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** What stands behind the names of each camera's fields: nothing for the first, then 1. */
export function camerasOf(fields: EventFields): readonly string[] {
  const cameras: string[] = [];
  for (let camera = ''; fields[`videoCodec${camera}`] !== undefined;) {
    cameras.push(camera);
    camera = String(cameras.length);
  }
  return cameras;
}

function ratesOf(sample: Sample, base: Sample | null): Rates {
  const ms = base === null ? sample.duration : sample.at - base.at;
  const perMs = (now: number, before = 0) => (ms > 0 ? Math.max(0, now - before) / ms : null);
  const perSecond = (now: number, before?: number) => scaled(perMs(now, before), 1000);
  // Bits a millisecond are kbit/s.
  return {
    kbpsSent: scaled(perMs(sample.bytesSent, base?.bytesSent), 8),
    kbpsReceived: scaled(perMs(sample.bytesReceived, base?.bytesReceived), 8),
    fpsSent: sample.framesSent.map((sent, camera) => perSecond(sent, base?.framesSent[camera])),
    fpsReceived: perSecond(sample.framesReceived, base?.framesReceived),
  };
}

function scaled(rate: number | null, by: number): number | null {
  return rate === null ? null : rate * by;
}
