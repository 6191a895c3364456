import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from './clock.ts';
import { createBucket } from './bucket.ts';
import type { Limits } from './limits.ts';
import { noticeFrame, parseMessage, statusFrame, tooMany } from './message.ts';
import type { Action, Refusal } from './message.ts';
import type { Seat, Switchboard } from './switchboard.ts';

/** Who a connection turned out to be. */
export interface Visitor {
  readonly channelArn: string;
  readonly channelName: string;
  /** Undefined for a master. */
  readonly viewerId: string | undefined;
}

/** Close codes of the service. The reasons are words for a log, not for a program. */
export const closeCodes = {
  /** End of the connection's life, idle time-out, or the service stops. */
  goingAway: 1001,
  /** A newer connection of the same client, or the channel was deleted. */
  policy: 1008,
} as const;

export type SocketEvent =
  | { readonly type: 'connected' | 'displaced'; readonly visitor: Visitor }
  | { readonly type: 'disconnected'; readonly visitor: Visitor; readonly code: number }
  | { readonly type: 'message'; readonly visitor: Visitor; readonly action: Action }
  | { readonly type: 'refused'; readonly visitor: Visitor; readonly refusal: Refusal };

export interface SocketsOptions {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly switchboard: Switchboard;
  /** How long an undeliverable message of the channel is held, in milliseconds. */
  readonly messageTtlMs: (channelArn: string) => number;
  readonly onEvent: (event: SocketEvent) => void;
}

/** The live WebSocket connections. */
export interface Sockets {
  /** Completes an upgrade that was let in. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer, visitor: Visitor): void;
  /** Sends GO_AWAY now and closes after the grace period, on every connection of the channel. */
  goAway(channelArn: string): void;
  /** Tells every connection of the channel to fetch its ICE configuration again. */
  reconnectIceServers(channelArn: string): void;
  /** Cuts every connection of the channel without a word, as a broken network does. */
  cut(channelArn: string): void;
  count(): number;
  /** Ends every connection; resolves when the last has told of its end. */
  close(): Promise<void>;
}

interface Connection {
  readonly visitor: Visitor;
  readonly webSocket: WebSocket;
  readonly goAway: () => void;
}

/** A reader slower than this many waiting bytes is cut off rather than remembered. */
const mostBuffered = 4 * 1024 * 1024;

export function createSockets(options: SocketsOptions): Sockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: options.limits.frameBytes,
    // Amazon's C SDK offers `wss`, browsers offer nothing
    handleProtocols: (offered) => (offered.has('wss') ? 'wss' : false),
  });
  const connections = new Set<Connection>();
  const of = (channelArn: string): readonly Connection[] =>
    [...connections].filter(({ visitor }) => visitor.channelArn === channelArn);
  return {
    accept: (request, socket, head, visitor) => {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = serve(webSocket, visitor, options, () => {
          connections.delete(connection);
        });
        connections.add(connection);
      });
    },
    goAway: (channelArn) => {
      for (const { goAway } of of(channelArn)) goAway();
    },
    reconnectIceServers: (channelArn) => {
      for (const { webSocket } of of(channelArn)) {
        webSocket.send(noticeFrame('RECONNECT_ICE_SERVER'));
      }
    },
    cut: (channelArn) => {
      for (const { webSocket } of of(channelArn)) webSocket.terminate();
    },
    count: () => connections.size,
    close: async () => {
      const ends = [...connections].map(async ({ webSocket }) => {
        const closed = once(webSocket, 'close');
        webSocket.close(closeCodes.goingAway, 'The service stops.');
        webSocket.terminate();
        await closed;
      });
      server.close();
      await Promise.all(ends);
    },
  };
}

/** One connection, from its first frame to its last. */
function serve(
  webSocket: WebSocket,
  visitor: Visitor,
  options: SocketsOptions,
  onClosed: () => void,
): Connection {
  const { clock, limits, switchboard, onEvent } = options;
  const seat: Seat = {
    channelArn: visitor.channelArn,
    viewerId: visitor.viewerId,
    deliver: (frame) => {
      if (webSocket.bufferedAmount > mostBuffered) webSocket.terminate();
      else webSocket.send(frame);
    },
    displace: () => {
      onEvent({ type: 'displaced', visitor });
      webSocket.close(closeCodes.policy, 'A newer connection of this client took over.');
    },
    evict: () => {
      webSocket.close(closeCodes.policy, 'The channel was deleted.');
    },
  };
  const { goAway, touch, stop } = keepTime(webSocket, options);
  const isAdmitted = messageGates(limits);

  const handle = (text: string): void => {
    if (text === '') return; // a keep-alive
    const parsed = parseMessage(text, limits.payloadLength);
    if ('refusal' in parsed) {
      refuse(parsed.refusal, parsed.correlationId);
      return;
    }
    const { message } = parsed;
    const now = clock.now();
    if (!isAdmitted(message.action, now)) {
      refuse(tooMany(message.action), message.correlationId);
      return;
    }
    onEvent({ type: 'message', visitor, action: message.action });
    const ttlMs = options.messageTtlMs(visitor.channelArn);
    const refusal = switchboard.route(seat, message, ttlMs, now);
    if (refusal !== undefined) refuse(refusal, message.correlationId);
  };
  // the sender hears of it only where it asked to, by a correlation id
  const refuse = (refusal: Refusal, correlationId: string | undefined): void => {
    onEvent({ type: 'refused', visitor, refusal });
    if (correlationId !== undefined) seat.deliver(statusFrame(correlationId, refusal));
  };

  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    touch();
    if (webSocket.readyState !== webSocket.OPEN) return; // displaced: its words count no more
    handle(isBinary ? '\0' : toText(data));
  });
  webSocket.on('ping', touch);
  webSocket.on('error', () => {
    // 'close' follows and tells the code: a frame too long is 1009, bad text 1007
  });
  webSocket.on('close', (code) => {
    stop();
    switchboard.leave(seat);
    onClosed();
    onEvent({ type: 'disconnected', visitor, code });
  });
  onEvent({ type: 'connected', visitor });
  switchboard.join(seat, clock.now());
  return { visitor, webSocket, goAway };
}

/** A connection's clocks: idle time-out, longest life with its warning, and our own ping. */
function keepTime(
  webSocket: WebSocket,
  { clock, limits }: SocketsOptions,
): { readonly goAway: () => void; readonly touch: () => void; readonly stop: () => void } {
  const end = (reason: string) => () => {
    webSocket.close(closeCodes.goingAway, reason);
  };
  const startIdle = (): (() => void) => clock.after(limits.socketIdleMs, end('Idle time-out.'));
  let cancelIdle = startIdle();
  let cancelLife = clock.after(limits.socketLifeMs - limits.goAwayGraceMs, () => {
    goAway();
  });
  const goAway = (): void => {
    cancelLife();
    if (webSocket.readyState !== webSocket.OPEN) return;
    webSocket.send(noticeFrame('GO_AWAY'));
    cancelLife = clock.after(limits.goAwayGraceMs, end('The connection reached its longest life.'));
  };
  const stopPing = keepPinging(webSocket, clock, limits.pingMs);
  return {
    goAway,
    touch: () => {
      cancelIdle();
      cancelIdle = startIdle();
    },
    stop: () => {
      cancelIdle();
      cancelLife();
      stopPing();
    },
  };
}

/** Ends a connection whose other side is silently gone. A pong is no sign of use, only of life. */
function keepPinging(webSocket: WebSocket, clock: Clock, pingMs: number): () => void {
  let isAnswered = true;
  webSocket.on('pong', () => {
    isAnswered = true;
  });
  const tick = (): void => {
    if (!isAnswered) {
      webSocket.terminate();
      return;
    }
    isAnswered = false;
    if (webSocket.readyState === webSocket.OPEN) webSocket.ping();
    cancel = clock.after(pingMs, tick);
  };
  let cancel = clock.after(pingMs, tick);
  return () => {
    cancel();
  };
}

function messageGates(limits: Limits): (action: Action, now: number) => boolean {
  const gates = {
    SDP_OFFER: createBucket(limits.offersPerSecond),
    SDP_ANSWER: createBucket(limits.answersPerSecond),
    ICE_CANDIDATE: createBucket(limits.candidatesPerSecond),
  } satisfies Record<Action, unknown>;
  return (action, now) => gates[action](now);
}

function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}
