import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { WebSocket } from 'ws';
import { presignUrl } from '../../../src/service/sigv4.ts';
import type { Key, Service } from '../../../src/service/index.ts';

export interface Frame {
  readonly messageType: string;
  readonly messagePayload: string;
  readonly senderClientId?: string;
  readonly statusResponse?: {
    readonly correlationId: string;
    readonly errorType: string;
    readonly statusCode: string;
  };
}

/** A bare client of the WebSocket API, with a memory. */
export interface RawClient {
  readonly socket: WebSocket;
  readonly frames: readonly Frame[];
  /** The next frame nobody took yet. */
  next(): Promise<Frame>;
  send(message: object | string): void;
  /** The code and reason it ended with. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface ConnectOptions {
  readonly viewer?: string;
  readonly key?: Key;
  readonly protocols?: readonly string[];
  /** Milliseconds since the epoch: the signing date. */
  readonly now?: number;
}

/** Signs and opens a connection. Rejects with `refused <status>: <body>` where it is refused. */
export async function connect(
  service: Service,
  channelArn: string,
  { viewer, key = service.credentials, protocols = [], now = Date.now() }: ConnectOptions = {},
): Promise<RawClient> {
  const url = await presignUrl(
    service.url.replace(/^http/, 'ws'),
    { 'X-Amz-ChannelARN': channelArn, ...(viewer !== undefined && { 'X-Amz-ClientId': viewer }) },
    { key, region: service.region, now, expiresIn: 299 },
  );
  return open(url, protocols);
}

export async function open(url: string, protocols: readonly string[] = []): Promise<RawClient> {
  const socket = new WebSocket(url, [...protocols], { rejectUnauthorized: false });
  const frames: Frame[] = [];
  const waiting: ((frame: Frame) => void)[] = [];
  let taken = 0;
  socket.on('message', (data: Buffer) => {
    frames.push(JSON.parse(data.toString()) as Frame);
    const take = waiting.shift();
    if (take) take(frames[taken++]!);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        reject(new Error(`refused ${response.statusCode ?? 0}: ${body}`));
      });
    });
  });
  return {
    socket,
    frames,
    closed,
    next: () =>
      frames.length > taken
        ? Promise.resolve(frames[taken++]!)
        : new Promise((resolve) => waiting.push(resolve)),
    send: (message) => {
      socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    },
  };
}

/** Resolves once the service answered a ping: all sent before has been dealt with. */
export function settle({ socket }: RawClient): Promise<void> {
  return new Promise((resolve) => {
    socket.once('pong', () => {
      resolve();
    });
    socket.ping();
  });
}

export const payload = (text: string): string =>
  Buffer.from(JSON.stringify(text)).toString('base64');

/**
 * Amazon's SignalingClient in Node. It takes the global WebSocket; its own signer insists on wss,
 * so give it a service with TLS, or a signer.
 */
export function sdkClient(
  service: Service,
  channelARN: string,
  clientId?: string,
): SignalingClient {
  return new SignalingClient({
    channelARN,
    channelEndpoint: service.url.replace(/^http/, 'ws'),
    region: service.region,
    credentials: service.credentials,
    role: clientId === undefined ? Role.MASTER : Role.VIEWER,
    ...(clientId !== undefined && { clientId }),
  });
}
