import { createHmac } from 'node:crypto';

/**
 * A TURN server to hand out: with `secret` (coturn's `static-auth-secret`) each answer has its own
 * time-limited user name, else the given pair is handed out as it is.
 */
export interface TurnServer {
  /** Such as `turn:127.0.0.1:3478?transport=udp`. */
  readonly urls: readonly string[];
  readonly secret?: string;
  readonly username?: string;
  readonly password?: string;
}

export interface IceServer {
  readonly Username: string;
  readonly Password: string;
  /** Seconds. */
  readonly Ttl: number;
  readonly Uris: readonly string[];
}

/** The IceServerList of GetIceServerConfig. `now` in milliseconds. */
export function iceServers(
  turn: readonly TurnServer[],
  ttlSeconds: number,
  clientId: string,
  now: number,
): readonly IceServer[] {
  return turn.map((server) => ({
    ...turnCredentials(server, ttlSeconds, clientId, now),
    Ttl: ttlSeconds,
    Uris: server.urls,
  }));
}

/** https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00 */
function turnCredentials(
  { secret, username = '', password = '' }: TurnServer,
  ttlSeconds: number,
  clientId: string,
  now: number,
): { Username: string; Password: string } {
  if (secret === undefined) return { Username: username, Password: password };
  const name = `${Math.floor(now / 1000) + ttlSeconds}:${clientId}`;
  return { Username: name, Password: createHmac('sha1', secret).update(name).digest('base64') };
}
