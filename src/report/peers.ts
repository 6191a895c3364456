/* The tables of `peers` and `stats`. */
import { camerasOf } from '../control/peers.ts';
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
  /** Left out where there is no room for it, the highest first. */
  readonly spare?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'ELEMENT', cell: ({ element }) => element },
  { title: 'PEER', cell: ({ peerId }) => cut(printable(peerId)) },
  { title: 'STATE', cell: stateOf, spare: 1 },
  { title: 'PATH', cell: pathOf, spare: 2 },
  { title: 'VIDEO', cell: videoOf, only: 'stats' },
  { title: 'FPS OUT', cell: fpsOut, right: true, only: 'stats' },
  { title: 'IN', cell: fpsIn, right: true, only: 'stats', spare: 4 },
  { title: 'AUDIO', cell: ({ fields }) => word(fields.audioCodec), only: 'stats', spare: 5 },
  { title: 'KBIT/S OUT', cell: ({ kbpsSent }) => whole(kbpsSent), right: true, only: 'stats' },
  {
    title: 'IN',
    cell: ({ kbpsReceived }) => whole(kbpsReceived),
    right: true,
    only: 'stats',
    spare: 3,
  },
  { title: 'RTT', cell: ({ fields }) => roundTrip(fields.roundTripMs), right: true, only: 'stats' },
  { title: 'LOST', cell: ({ fields }) => lost(fields.packetsLost), right: true, only: 'stats' },
  { title: 'NACK/PLI', cell: repairsOf, right: true, only: 'stats' },
  { title: 'DATA', cell: ({ fields }) => dataOf(fields.dataChannels), spare: 6 },
  { title: 'AGE', cell: ({ fields }) => age(fields.durationMs), right: true },
];

/** Sorted by element and age; the column of elements is left out where there is one. */
export function peerTable(
  kind: 'peers' | 'stats',
  elements: readonly string[],
  peers: readonly PeerStats[],
  width: number,
): readonly string[] {
  if (peers.length === 0) return ['nobody is there'];
  const columns = COLUMNS.filter(
    ({ title, only }) =>
      (only === undefined || only === kind) && (title !== 'ELEMENT' || elements.length > 1),
  );
  return fitting(columns, sorted(elements, peers), width);
}

/** The table, with as many columns as there is room for. */
function fitting(
  columns: readonly Column[],
  peers: readonly PeerStats[],
  width: number,
): readonly string[] {
  const right = new Set(columns.flatMap((column, index) => (column.right === true ? [index] : [])));
  const rows = peers.map((peer) => columns.map(({ cell }) => cell(peer)));
  const lines = tableLines([columns.map(({ title }) => title), ...rows], right);
  const most = Math.max(...columns.map(({ spare = 0 }) => spare));
  if (most === 0 || lines.every(({ length }) => length <= width)) return lines;
  return fitting(
    columns.filter(({ spare }) => spare !== most),
    peers,
    width,
  );
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
  const cameras = camerasOf(fields).map((camera) => cameraOf(fields, camera));
  return cameras.length === 0 ? '-' : cameras.join(', ');
}

function cameraOf(fields: PeerStats['fields'], number: string): string {
  const codec = word(fields[`videoCodec${number}`]);
  const [width, height] = [fields[`width${number}`], fields[`height${number}`]];
  const isKnown = typeof width === 'number' && typeof height === 'number' && width > 0;
  return isKnown ? `${codec} ${width}x${height}` : codec;
}

function fpsOut({ fpsSent }: PeerStats): string {
  return fpsSent.length === 0 ? '-' : fpsSent.map(whole).join(', ');
}

/** Where it sends no pictures, there is no rate of theirs. */
function fpsIn({ fields, fpsReceived }: PeerStats): string {
  return fields.framesReceived === 0 ? '-' : whole(fpsReceived);
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
