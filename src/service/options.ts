import type { Channel } from './channels.ts';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import type { ServiceError } from './errors.ts';
import type { TurnServer } from './ice.ts';
import { randomKey } from './keys.ts';
import type { Key } from './keys.ts';
import { defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';
import { findPageDirectory } from './page.ts';
import type { SocketEvent } from './sockets.ts';

export type ServiceEvent =
  | SocketEvent
  | {
      readonly type: 'request';
      /** Such as `DescribeSignalingChannel`, `ConnectAsViewer`. */
      readonly action: string;
      readonly status: number;
      /** The error's type, where it failed. */
      readonly errorType?: string;
    }
  /** A mistake of the service itself; clients saw a 500. */
  | { readonly type: 'failure'; readonly error: unknown };

export interface ServiceOptions {
  /** Address to listen on. `127.0.0.1`. */
  readonly host?: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Host name in the addresses the service hands out; by default `host`, with TLS `localhost`. */
  readonly publicHost?: string;
  /** `us-west-2`. */
  readonly region?: string;
  /** `111122223333`. */
  readonly accountId?: string;
  /** The key that may do everything; a fresh random one if absent. */
  readonly credentials?: Key;
  /** Further keys, such as one without permissions. */
  readonly keys?: readonly Key[];
  readonly limits?: Partial<Limits>;
  /** Names of channels that are there from the start; none by default. */
  readonly channels?: readonly string[];
  /** Channels of an earlier run, which are there from the start. */
  readonly kept?: readonly Channel[];
  /** Is given all channels before a change of them takes effect; what it throws fails the call. */
  readonly keep?: (channels: readonly Channel[]) => void;
  /** PEM files; with them the service speaks https and wss alone. Give both or none. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Handed out by GetIceServerConfig; none by default, as loopback needs none. */
  readonly turn?: readonly TurnServer[];
  /** Directory of the viewer page; by default the built one, null for none. */
  readonly web?: string | null;
  readonly onEvent?: (event: ServiceEvent) => void;
  /** For tests: may fail a call before it is looked at. */
  readonly fault?: (action: string) => ServiceError | undefined;
  /** For tests. */
  readonly clock?: Clock;
}

export const DEFAULT_REGION = 'us-west-2';

/** The options with nothing left open. */
export interface ServicePlan {
  readonly host: string;
  readonly port: number;
  readonly publicHost: string;
  readonly region: string;
  readonly accountId: string;
  readonly credentials: Key;
  readonly keys: readonly Key[];
  readonly limits: Limits;
  readonly channels: readonly string[];
  readonly kept: readonly Channel[];
  readonly keep: (channels: readonly Channel[]) => void;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly turn: readonly TurnServer[];
  readonly web: string | null;
  readonly onEvent: (event: ServiceEvent) => void;
  readonly fault: (action: string) => ServiceError | undefined;
  readonly clock: Clock;
}

/** Throws a TypeError where only one of the two TLS files is named. */
export function planService(options: ServiceOptions): ServicePlan {
  const { tlsCert, tlsKey, host = '127.0.0.1' } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw new TypeError('The local service needs both a TLS certificate and its key, or neither.');
  }
  const tls =
    tlsCert !== undefined && tlsKey !== undefined ? { cert: tlsCert, key: tlsKey } : undefined;
  return {
    host,
    port: options.port ?? 0,
    publicHost: options.publicHost ?? reachableName(host, tls !== undefined),
    region: options.region ?? DEFAULT_REGION,
    accountId: options.accountId ?? '111122223333',
    credentials: options.credentials ?? randomKey(),
    keys: options.keys ?? [],
    limits: { ...defaultLimits, ...options.limits },
    channels: options.channels ?? [],
    kept: options.kept ?? [],
    keep: options.keep ?? (() => undefined),
    tls,
    turn: options.turn ?? [],
    web: options.web === undefined ? findPageDirectory() : options.web,
    onEvent: options.onEvent ?? (() => undefined),
    fault: options.fault ?? (() => undefined),
    clock: options.clock ?? systemClock,
  };
}

/** Certificates are made for names: Amazon's C SDK checks them, and sends no port with the name. */
function reachableName(host: string, isTls: boolean): string {
  const isLoopback = host.startsWith('127.') || host === '::1' || host === 'localhost';
  if (isLoopback && isTls) return 'localhost';
  if (host === '0.0.0.0' || host === '::') return isTls ? 'localhost' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
