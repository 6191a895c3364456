/* The tables of `peers` and `stats`. */
import type { PeerStats } from '../control/peers.ts';
import { printable } from './report.ts';
import { tableLines } from './table.ts';
import { duration } from './words.ts';

/** An id is a remote's and may be long; its beginning is enough to name it. */
const MAX_ID = 40;

interface Column {
  readonly title: string;
  readonly cell: (peer: PeerStats) => string;
  readonly right?: true;
  readonly only?: 'stats';
}

const COLUMNS: readonly Column[] = [
  { title: 'ELEMENT', cell: ({ element }) => element },
  { title: 'PEER', cell: ({ peerId }) => cut(printable(peerId)) },
  { title: 'STATE', cell: stateOf },
  { title: 'PATH', cell: pathOf },
  { title: 'VIDEO', cell: videoOf, only: 'stats' },
  { title: 'AUDIO', cell: ({ fields }) => word(fields.audioCodec), only: 'stats' },
  { title: 'KBIT/S OUT', cell: ({ kbpsSent }) => whole(kbpsSent), right: true, only: 'stats' },
  { title: 'IN', cell: ({ kbpsReceived }) => whole(kbpsReceived), right: true, only: 'stats' },
  { title: 'RTT', cell: ({ fields }) => roundTrip(fields.roundTripMs), right: true, only: 'stats' },
  { title: 'LOST', cell: ({ fields }) => lost(fields.packetsLost), right: true, only: 'stats' },
  { title: 'NACK/PLI', cell: repairsOf, right: true, only: 'stats' },
  { title: 'DATA', cell: ({ fields }) => dataOf(fields.dataChannels) },
  { title: 'AGE', cell: ({ fields }) => age(fields.durationMs), right: true },
];

/** Sorted by element and age; the column of elements is left out where there is one. */
export function peerTable(
  kind: 'peers' | 'stats',
  elements: readonly string[],
  peers: readonly PeerStats[],
): readonly string[] {
  if (peers.length === 0) return ['nobody is there'];
  const columns = COLUMNS.filter(
    ({ title, only }) =>
      (only === undefined || only === kind) && (title !== 'ELEMENT' || elements.length > 1),
  );
  const right = new Set(columns.flatMap((column, index) => (column.right === true ? [index] : [])));
  const rows = sorted(elements, peers).map((peer) => columns.map(({ cell }) => cell(peer)));
  return tableLines([columns.map(({ title }) => title), ...rows], right);
}

function sorted(elements: readonly string[], peers: readonly PeerStats[]): readonly PeerStats[] {
  return peers.toSorted(
    (a, b) =>
      elements.indexOf(a.element) - elements.indexOf(b.element) ||
      Number(b.fields.durationMs) - Number(a.fields.durationMs) ||
      a.peerId.localeCompare(b.peerId),
  );
}

function cut(id: string): string {
  return id.length > MAX_ID ? `${id.slice(0, MAX_ID - 1)}…` : id;
}

function stateOf({ fields }: PeerStats): string {
  const state = word(fields.state);
  return fields.muted === true ? `${state}, muted` : state;
}

function pathOf({ fields }: PeerStats): string {
  const { localCandidate, remoteCandidate, protocol } = fields;
  if (localCandidate === undefined) return '-';
  return `${word(localCandidate)} to ${word(remoteCandidate)}, ${word(protocol)}`;
}

/** Of each camera that is sent: the first has no number, the second is 1. */
function videoOf({ fields }: PeerStats): string {
  const cameras = [cameraOf(fields, '')];
  while (fields[`videoCodec${cameras.length}`] !== undefined) {
    cameras.push(cameraOf(fields, String(cameras.length)));
  }
  return cameras.join(', ');
}

function cameraOf(fields: PeerStats['fields'], number: string): string {
  const codec = word(fields[`videoCodec${number}`]);
  const [width, height] = [fields[`width${number}`], fields[`height${number}`]];
  const isKnown = typeof width === 'number' && typeof height === 'number' && width > 0;
  return isKnown ? `${codec} ${width}x${height}` : codec;
}

function whole(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}

/** Negative where the peer has not reported yet. */
function roundTrip(ms: unknown): string {
  return typeof ms === 'number' && ms >= 0 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : '-';
}

function lost(packets: unknown): string {
  return typeof packets === 'number' && packets >= 0 ? String(packets) : '-';
}

/** What the peer asked for again, packets and pictures. */
function repairsOf({ fields: { nacks, plis } }: PeerStats): string {
  return typeof nacks === 'number' && typeof plis === 'number' ? `${nacks}/${plis}` : '-';
}

function dataOf(channels: unknown): string {
  return channels === 0 || channels === undefined ? '-' : 'yes';
}

function age(ms: unknown): string {
  return ms === 0 ? '-' : duration(ms);
}

function word(value: unknown): string {
  return typeof value === 'string' && value !== '' ? printable(value) : '-';
}
