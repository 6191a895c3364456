/* Statistics for Prometheus, on a port of their own. The only importer of prom-client. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Registry } from 'prom-client';
import { camerasOf } from './control/peers.ts';
import type { MetricsAddress } from './request.ts';
import type { Equipped } from './equip.ts';
import { LaunchError, messageOf } from './errors.ts';
import { camelFields, elementEventName } from './events.ts';
import type { EventFields } from './events.ts';
import type { BusMessage } from './gst/runtime.ts';

export interface Metrics {
  /** Where they are: `http://HOST:PORT/metrics`. */
  readonly url: string;
  /** Counts what comes and goes. To be given the messages of the pipeline. */
  readonly see: (message: BusMessage) => void;
  readonly close: () => Promise<void>;
}

const PREFIX = 'kvswebrtc_';
const ELEMENT = ['element', 'channel'] as const;
const PEER = [...ELEMENT, 'peer'] as const;
const CAMERA = [...PEER, 'camera'] as const;

/** What is told of each peer: field of its statistics, name, what it is, and what one of it is in the base unit. */
const OF_PEER: readonly (readonly [string, string, string, number])[] = [
  ['durationMs', 'peer_connected_seconds', 'Time since the peer connected', 0.001],
  ['bytesSent', 'peer_sent_bytes', 'Media and headers sent to the peer', 1],
  ['packetsSent', 'peer_sent_packets', 'Packets sent to the peer', 1],
  ['bytesReceived', 'peer_received_bytes', 'Media and headers received from the peer', 1],
  ['framesReceived', 'peer_received_frames', 'Pictures received from the peer', 1],
  ['packetsLost', 'peer_lost_packets', 'Packets the peer says it did not get', 1],
  ['roundTripMs', 'peer_round_trip_seconds', 'Round trip to the peer and back', 0.001],
  ['nacks', 'peer_nacks', 'Packets the peer asked for again', 1],
  ['plis', 'peer_plis', 'Key frames the peer asked for', 1],
  [
    'estimate',
    'peer_estimate_bits_per_second',
    'What the path to the peer can take, -1 where it is not known',
    1,
  ],
  ['target', 'peer_target_bits_per_second', 'What is sent to the peer makes', 1],
  ['loss', 'peer_loss_ratio', 'Packets lost between its last two reports', 1],
];

/** Rejects with LaunchError `usage` where the port cannot be had. */
export async function openMetrics(
  address: MetricsAddress,
  equipped: readonly Equipped[],
): Promise<Metrics> {
  const registry = new Registry();
  const see = countMessages(registry, equipped);
  const refresh = peerGauges(registry, equipped);
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('look at /metrics\n');
      return;
    }
    refresh();
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => response.writeHead(500).end(`${messageOf(error)}\n`),
    );
  });
  try {
    server.listen(address.port, address.host);
    await once(server, 'listening');
  } catch (cause) {
    throw new LaunchError('usage', `metrics cannot be served: ${messageOf(cause)}`, {
      hint: 'name another --metrics [HOST:]PORT',
      cause,
    });
  }
  const { address: host, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${host}]` : host}:${port}/metrics`,
    see,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Labels = Readonly<Record<(typeof ELEMENT)[number], string>>;

function labelsOf(equipped: readonly Equipped[]): ReadonlyMap<string, Labels> {
  return new Map(
    equipped.map(({ handle: { name }, plan }) => [
      name,
      { element: name, channel: plan.channel.value },
    ]),
  );
}

function countMessages(registry: Registry, equipped: readonly Equipped[]): Metrics['see'] {
  const registers = [registry];
  const labelNames = ELEMENT;
  const counter = (name: string, help: string) =>
    new Counter({ name: `${PREFIX}${name}_total`, help, labelNames, registers });
  const counters = {
    'peer-connected': counter('peers_connected', 'Peers that connected'),
    'peer-disconnected': counter('peers_disconnected', 'Peers that went, or were lost'),
    'peer-refused': counter('peers_refused', 'Offers that led to no connection'),
    stalled: counter('peers_stalled', 'Peers that had no media after 5 s'),
  };
  const signaling = new Gauge({
    name: `${PREFIX}signaling_connected`,
    help: 'Whether the element is signed in to its channel',
    labelNames,
    registers,
  });
  const labels = labelsOf(equipped);
  for (const known of labels.values()) {
    signaling.set({ ...known }, 0);
    for (const each of Object.values(counters)) each.inc({ ...known }, 0);
  }
  return (message) => {
    const known = labels.get(message.source);
    if (message.type !== 'element' || known === undefined) return;
    const event = elementEventName(message.details.name);
    if (event === 'signaling')
      signaling.set({ ...known }, message.details.fields.state === 'connected' ? 1 : 0);
    else if (event !== null && event in counters)
      counters[event as keyof typeof counters].inc({ ...known });
  };
}

/** Returns what reads all peers anew: they come and go, so each look begins with none. */
function peerGauges(registry: Registry, equipped: readonly Equipped[]): () => void {
  const labels = labelsOf(equipped);
  const registers = [registry];
  const gauges = OF_PEER.map(([field, name, help, unit]) => ({
    field,
    unit,
    gauge: new Gauge({ name: `${PREFIX}${name}`, help, labelNames: PEER, registers }),
  }));
  const pictures = new Gauge({
    name: `${PREFIX}peer_sent_frames`,
    help: 'Pictures sent to the peer, of each camera',
    labelNames: CAMERA,
    registers,
  });
  const show = (labelled: Labels, peer: EventFields) => {
    for (const [camera, suffix] of camerasOf(peer).entries()) {
      const sent = Number(peer[`framesSent${suffix}`]);
      pictures.set({ ...labelled, peer: String(peer.peerId), camera }, sent);
    }
    for (const { field, unit, gauge } of gauges) {
      const value = peer[field];
      // Less than nothing stands for what is not known.
      if (typeof value === 'number' && value >= 0)
        gauge.set({ ...labelled, peer: String(peer.peerId) }, value * unit);
    }
  };
  const connected = new Gauge({
    name: `${PREFIX}peers`,
    help: 'Peers that are connected',
    labelNames: ELEMENT,
    registers,
  });
  return () => {
    pictures.reset();
    for (const { gauge } of gauges) gauge.reset();
    for (const { handle } of equipped) {
      const labelled = labels.get(handle.name);
      if (labelled === undefined) continue;
      const peers = handle
        .readPeers()
        .map(camelFields)
        .filter((peer) => peer.connected === true);
      connected.set({ ...labelled }, peers.length);
      for (const peer of peers) show(labelled, peer);
    }
  };
}
