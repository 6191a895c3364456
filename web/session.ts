/** What the service grants a viewer: a signed address and ICE servers, never a key. */
export interface Session {
  readonly region: string;
  readonly channelArn: string;
  readonly endpoint: string;
  readonly url: string;
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username?: string;
    readonly credential?: string;
  }[];
  readonly hasMaster?: boolean;
}

/** The service's refusal: `type` is AWS's name of the error. */
export class SessionError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = 'SessionError';
    this.type = type;
  }
}

/** Asks the page's own server. Rejects with a SessionError, `Unreachable` where nobody answers. */
export async function openSession(channel: string, clientId: string): Promise<Session> {
  let response: Response;
  try {
    response = await fetch('session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ channel, clientId }),
    });
  } catch {
    throw new SessionError('Unreachable', 'The service does not answer.');
  }
  const value: unknown = await response.json().catch(() => null);
  if (response.ok) return value as Session; // our own server, the same build
  const { type, message } = (value ?? {}) as { type?: string; message?: string };
  throw new SessionError(type ?? 'Unknown', message ?? `The service answered ${response.status}.`);
}
