/**
 * The local Kinesis Video Streams signaling service: REST and WebSocket, as strict as the real one.
 * Amazon's own clients work against it unchanged. KVS's developer guide is the specification:
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/
 */
import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { createApi, unknownOperation } from './api.ts';
import type { Api } from './api.ts';
import { createBuckets } from './bucket.ts';
import { createChannelStore } from './channels.ts';
import type { ChannelStore } from './channels.ts';
import { channelNotFound, invalidArgument, ServiceError, throttled } from './errors.ts';
import { namePattern, parseBody } from './fields.ts';
import {
  apiHeaders,
  errorReply,
  preflightReply,
  readBody,
  refuseUpgrade,
  sendReply,
  splitTarget,
  textReply,
} from './http.ts';
import type { Reply } from './http.ts';
import { iceServers } from './ice.ts';
import type { Key } from './keys.ts';
import { planService } from './options.ts';
import type { ServiceOptions, ServicePlan } from './options.ts';
import { createPage } from './page.ts';
import type { Page, ViewerSession } from './page.ts';
import { presignUrl, verifyHeaderForm, verifyQueryForm } from './sigv4.ts';
import type { SignatureRules, SignedRequest } from './sigv4.ts';
import { createSockets } from './sockets.ts';
import type { Sockets, Visitor } from './sockets.ts';
import { createSwitchboard } from './switchboard.ts';
import type { Switchboard } from './switchboard.ts';

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
  state.base = `${plan.publicHost}:${port}`;
  const url = `${plan.tls ? 'https' : 'http'}://${state.base}`;
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

/** The rooms of the running service, each of which knows only what it was given. */
interface State {
  /** `host:port`, once it is known. */
  base: string;
  readonly keys: Map<string, Key>;
  readonly store: ChannelStore;
  readonly switchboard: Switchboard;
  readonly sockets: Sockets;
  readonly api: Api;
  readonly page: Page;
  /** Connections between their first byte and their acceptance. */
  readonly arriving: Set<Duplex>;
  readonly connectGates: Record<'ConnectAsMaster' | 'ConnectAsViewer', Gates>;
}

type Gates = (channelArn: string, now: number) => boolean;

function createState(plan: ServicePlan): State {
  const { limits, clock, region, accountId, turn, onEvent } = plan;
  const store = createChannelStore({ region, accountId, ...limits });
  const switchboard = createSwitchboard(limits);
  const endpoints = (): { wss: string; https: string } => ({
    wss: `${plan.tls ? 'wss' : 'ws'}://${state.base}`,
    https: `${plan.tls ? 'https' : 'http'}://${state.base}`,
  });
  const onDeleted = ({ arn }: { readonly arn: string }): void => {
    switchboard.drop(arn);
  };
  const state: State = {
    base: '',
    keys: new Map([plan.credentials, ...plan.keys].map((key) => [key.accessKeyId, key])),
    store,
    switchboard,
    sockets: createSockets({
      clock,
      limits,
      switchboard,
      messageTtlMs: (arn) => store.find({ arn }).messageTtlSeconds * 1000,
      onEvent,
    }),
    api: createApi({ region, accountId, limits, turn, store, endpoints, onDeleted }),
    page: createPage({
      directory: plan.web,
      endpoint: () => endpoints().wss,
      hosts: () => pageHosts(state.base),
      openSession: (channel, clientId) =>
        openSession(channel, clientId, endpoints().wss, state, plan),
    }),
    arriving: new Set(),
    connectGates: {
      ConnectAsMaster: createBuckets(limits.connectsPerSecond),
      ConnectAsViewer: createBuckets(limits.connectsPerSecond),
    },
  };
  return state;
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
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
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

function closeServer(server: Server, state: State, open: ReadonlySet<Duplex>): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    state.sockets.close();
    for (const socket of open) socket.destroy();
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plan: ServicePlan,
  state: State,
): Promise<void> {
  try {
    sendReply(request, response, await replyTo(request, plan, state));
  } catch (error) {
    if (request.destroyed && !request.complete) return; // the client left in the middle
    plan.onEvent({ type: 'failure', error });
    sendReply(request, response, errorReply(error, plan.clock.now()));
  }
}

function replyTo(request: IncomingMessage, plan: ServicePlan, state: State): Promise<Reply> {
  const { path } = splitTarget(request.url ?? '/');
  if (path.startsWith('/watch/')) return state.page.handle(request);
  if (request.method === 'OPTIONS') return Promise.resolve(preflightReply(plan.clock.now()));
  if (request.method === 'GET' && path === '/') {
    return Promise.resolve(textReply(200, 'kvswebrtc-launch: a local signaling service'));
  }
  return callReply(request, path, plan, state);
}

/** One call of the REST API, from bytes to bytes. */
async function callReply(
  request: IncomingMessage,
  path: string,
  plan: ServicePlan,
  state: State,
): Promise<Reply> {
  const { clock, limits, onEvent } = plan;
  const action = (request.method === 'POST' && state.api.actionOf(path)) || undefined;
  try {
    if (action === undefined) throw unknownOperation();
    const fault = plan.fault(action);
    if (fault !== undefined) throw fault;
    const body = await readBody(request, limits.bodyBytes);
    const key = await verifyHeaderForm(signedRequest(request, body), rules(plan, state));
    const answered = state.api.call(path, parseBody(body), key, clock.now());
    onEvent({ type: 'request', action, status: 200 });
    return { status: 200, headers: apiHeaders(clock.now()), body: JSON.stringify(answered) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { status, type: errorType } = error;
    onEvent({ type: 'request', action: action ?? 'Unknown', status, errorType });
    return errorReply(error, clock.now());
  }
}

/** Decides on one WebSocket connection. */
async function admit(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  plan: ServicePlan,
  state: State,
): Promise<void> {
  const { clock, onEvent } = plan;
  const onError = (): void => {
    socket.destroy();
  };
  socket.on('error', onError);
  try {
    const signed = signedRequest(request, new Uint8Array());
    if (signed.path !== '/') throw unknownOperation();
    const { key, parameters } = await verifyQueryForm(signed, rules(plan, state));
    const { visitor, action } = identify(parameters, key, plan, state);
    if (socket.destroyed) return;
    onEvent({ type: 'request', action, status: 101 });
    socket.off('error', onError);
    state.sockets.accept(request, socket, head, visitor);
  } catch (error) {
    if (!(error instanceof ServiceError)) onEvent({ type: 'failure', error });
    const { status, headers, body } = errorReply(error, clock.now());
    const errorType = headers['x-amzn-ErrorType'] ?? '';
    onEvent({ type: 'request', action: 'Connect', status, errorType });
    refuseUpgrade(socket, { status, headers, body });
  }
}

/** Who connects, once it is known that they may. Throws a ServiceError where they may not. */
function identify(
  parameters: ReadonlyMap<string, string>,
  key: Key,
  { clock, fault, limits }: ServicePlan,
  { api, store, switchboard, connectGates }: State,
): { readonly visitor: Visitor; readonly action: string } {
  const now = clock.now();
  const viewerId = parameters.get('X-Amz-ClientId');
  const action = viewerId === undefined ? 'ConnectAsMaster' : 'ConnectAsViewer';
  const injected = fault(action);
  if (injected !== undefined) throw injected;
  const arn = parameters.get('X-Amz-ChannelARN');
  if (arn === undefined) throw invalidArgument('X-Amz-ChannelARN must be specified.');
  if (viewerId !== undefined && (!namePattern.test(viewerId) || viewerId.startsWith('AWS_'))) {
    throw invalidArgument('X-Amz-ClientId is not a client id.');
  }
  const channel = store.find({ arn });
  api.authorize(key, action, { arn });
  if (store.status(channel, now) !== 'ACTIVE') throw channelNotFound();
  if (!connectGates[action](arn, now)) throw throttled(action);
  if (!switchboard.hasRoom(arn, viewerId)) {
    throw new ServiceError(
      'ClientLimitExceededException',
      400,
      `The channel has its ${limits.viewersPerChannel} viewers.`,
    );
  }
  return { visitor: { channelArn: arn, channelName: channel.name, viewerId }, action };
}

/** What the page asks for: a viewer's seat, signed with the service's own key. */
async function openSession(
  name: string,
  clientId: string,
  endpoint: string,
  { store, switchboard }: State,
  { credentials: key, region, clock, turn, limits }: ServicePlan,
): Promise<ViewerSession> {
  const now = clock.now();
  const channel = store.find({ name });
  if (store.status(channel, now) !== 'ACTIVE') throw channelNotFound();
  const parameters = { 'X-Amz-ChannelARN': channel.arn, 'X-Amz-ClientId': clientId };
  const servers = iceServers(turn, limits.iceTtlSeconds, clientId, now);
  return {
    region,
    channelArn: channel.arn,
    endpoint,
    url: await presignUrl(endpoint, parameters, { key, region, now, expiresIn: 60 }),
    iceServers: servers.map(({ Uris, Username, Password }) => ({
      urls: Uris,
      username: Username,
      credential: Password,
    })),
    hasMaster: switchboard.view(channel.arn, now).master,
  };
}

function rules({ region, limits, clock }: ServicePlan, { keys }: State): SignatureRules {
  return {
    region,
    clockSkewMs: limits.clockSkewMs,
    now: clock.now(),
    findKey: (id) => keys.get(id),
  };
}

function signedRequest(request: IncomingMessage, body: Uint8Array): SignedRequest {
  const { method = '', headers } = request;
  return { method, headers, body, ...splitTarget(request.url ?? '/') };
}

/** The page is at home on loopback under any of its names. */
function pageHosts(base: string): readonly string[] {
  const port = base.slice(base.lastIndexOf(':') + 1);
  return [base, `127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
}

function report(
  name: string,
  arn: string,
  { switchboard }: State,
  { clock }: ServicePlan,
): ChannelReport {
  return { name, arn, ...switchboard.view(arn, clock.now()) };
}
