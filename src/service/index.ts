/**
 * The local Kinesis Video Streams signaling service: REST and WebSocket, as strict as the real one.
 * Amazon's own clients work against it unchanged. KVS's developer guide is the specification:
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { serviceAddress } from './address.ts';
import { admit } from './admit.ts';
import { answer } from './answer.ts';
import type { Key } from './keys.ts';
import { planService } from './options.ts';
import type { ServiceOptions, ServicePlan } from './options.ts';
import { createState } from './state.ts';
import type { State } from './state.ts';

export { ServiceError } from './errors.ts';
export type { Clock } from './clock.ts';
export type { TurnServer } from './ice.ts';
export type { Key } from './keys.ts';
export { defaultLimits } from './limits.ts';
export type { Limits } from './limits.ts';
export type { ServiceEvent, ServiceOptions } from './options.ts';

/** What a channel looks like from inside. */
export interface ChannelReport {
  readonly name: string;
  readonly arn: string;
  readonly master: boolean;
  readonly viewers: readonly string[];
  /** Messages waiting for a recipient. */
  readonly held: number;
}

export interface Service {
  /** `http://127.0.0.1:8080`: what AWS_ENDPOINT_URL_KINESIS_VIDEO is set to. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  /** Signs for everything. Handle as a secret. */
  readonly credentials: Key;
  /** The address of a page that plays the channel. Whoever has it may watch. */
  watchUrl(channel: string): string;
  /** The channels, in order of creation. */
  inspect(): readonly ChannelReport[];
  /** Open WebSocket connections. */
  connections(): number;
  /** Makes a key known, replacing one of the same id. For tests of renewal. */
  addKey(key: Key): void;
  removeKey(accessKeyId: string): void;
  /** Sends GO_AWAY to everybody on the channel and closes after the grace period. */
  goAway(channel: string): void;
  /** Sends RECONNECT_ICE_SERVER to everybody on the channel. */
  reconnectIceServers(channel: string): void;
  /** Cuts every connection of the channel without a closing word. */
  cut(channel: string): void;
  /** Ends every connection and stops listening; nothing of the service stays alive. */
  close(): Promise<void>;
}

/**
 * Starts the service and resolves once it listens. Rejects with Node's own error where it cannot
 * (EADDRINUSE, a TLS file that is not there) and with a TypeError for options that make no sense.
 */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const plan = planService(options);
  const state = createState(plan);
  const server = await createServer(plan);
  const isOpen = connectServer(server, plan, state);
  await listen(server, plan);
  const { port } = server.address() as AddressInfo;
  state.address = serviceAddress(plan, port);
  const url = state.address.origin;
  const arnOf = (name: string): string => state.store.find({ name }).arn;
  return {
    url,
    port,
    region: plan.region,
    credentials: plan.credentials,
    watchUrl: (channel) => `${url}${state.page.path}?channel=${encodeURIComponent(channel)}`,
    inspect: () => state.store.list().map(({ name, arn }) => report(name, arn, state, plan)),
    connections: () => state.sockets.count(),
    addKey: (key) => state.keys.set(key.accessKeyId, key),
    removeKey: (id) => state.keys.delete(id),
    goAway: (channel) => {
      state.sockets.goAway(arnOf(channel));
    },
    reconnectIceServers: (channel) => {
      state.sockets.reconnectIceServers(arnOf(channel));
    },
    cut: (channel) => {
      state.sockets.cut(arnOf(channel));
    },
    close: () => closeServer(server, state, isOpen),
  };
}

async function createServer({ tls, limits }: ServicePlan): Promise<Server> {
  const times = {
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    connectionsCheckingInterval: Math.max(50, limits.requestMs / 4),
    keepAliveTimeout: 5000,
  };
  if (tls === undefined) return createHttpServer(times);
  const [cert, key] = await Promise.all([readFile(tls.cert), readFile(tls.key)]);
  return createHttpsServer({ ...times, cert, key });
}

function connectServer(server: Server, plan: ServicePlan, state: State): Set<Duplex> {
  const open = new Set<Duplex>();
  const track = (socket: Duplex): void => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  server.on(plan.tls ? 'secureConnection' : 'connection', track);
  if (plan.tls) server.on('connection', track);
  server.on('request', (request, response) => {
    void answer(request, response, plan, state);
  });
  server.on('upgrade', (request, socket, head) => {
    void admit(request, socket, head, plan, state);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Browsers open connections ahead of need. One whose time is over is closed without a word: an answer
    // that waits there would be taken for the answer to the first request.
    if (socket.writable && error.code !== 'ERR_HTTP_REQUEST_TIMEOUT') {
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    } else {
      socket.destroy();
    }
  });
  return open;
}

function listen(server: Server, { host, port }: ServicePlan): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function closeServer(server: Server, state: State, open: ReadonlySet<Duplex>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  await state.sockets.close();
  for (const socket of open) socket.destroy();
  await closed;
}

function report(
  name: string,
  arn: string,
  { switchboard }: State,
  { clock }: ServicePlan,
): ChannelReport {
  return { name, arn, ...switchboard.view(arn, clock.now()) };
}
