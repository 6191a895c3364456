/* Asks a STUN server for an answer, and a TURN server for a relay, which is given back at once. */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect as connectTls } from 'node:tls';
import {
  ALLOCATE_REQUEST,
  ALLOCATE_SUCCESS,
  ATTRIBUTE,
  BINDING_REQUEST,
  BINDING_SUCCESS,
  decode,
  encode,
  errorOf,
  integrityKey,
  REFRESH_REQUEST,
  TRANSPORT_UDP,
} from './stun.ts';
import type { Attribute, Message } from './stun.ts';

export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string;
  readonly password: string;
}

export interface ServerAddress {
  readonly scheme: 'stun' | 'turn' | 'turns';
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
}

/** `turns:host:443?transport=tcp`; null for what is none. */
export function parseServer(url: string): ServerAddress | null {
  const parts = /^(stun|turns?):([^:?]+|\[[^\]]+\])(?::(\d+))?(?:\?transport=(udp|tcp))?$/.exec(
    url,
  );
  if (parts === null) return null;
  const [, scheme = '', host = '', port, transport] = parts;
  return {
    scheme: scheme as ServerAddress['scheme'],
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (scheme === 'turns' ? 5349 : 3478)),
    transport: (transport ?? (scheme === 'turns' ? 'tcp' : 'udp')) as 'udp' | 'tcp',
  };
}

/**
 * Whether ICE can have relays there. Its packets leave from the addresses of networks, never from loopback (RFC 8445
 * section 5.1.1.1), and what listens on loopback cannot answer to those; connections are made from anywhere.
 */
export function isReachableByIce({ host, transport }: ServerAddress): boolean {
  return transport === 'tcp' || !/^(127\.|::1$|localhost$)/.test(host);
}

const LIMIT_MS = 8000;
const REPEAT_MS = 500;

/** One question at a time. */
interface Line {
  readonly ask: (type: number, attributes: readonly Attribute[], key?: Buffer) => Promise<Message>;
  readonly close: () => void;
}

/** Rejects with Error where no answer comes in time. */
export async function bind(server: ServerAddress): Promise<void> {
  const line = openUdp(server);
  try {
    const answer = await line.ask(BINDING_REQUEST, []);
    if (answer.type !== BINDING_SUCCESS) throw new Error(`it answers ${errorOf(answer)}`);
  } finally {
    line.close();
  }
}

/** A real allocation, by UDP or, for `turns`, by TLS. Rejects with Error where there is none. */
export async function allocate(
  server: ServerAddress,
  { username, password }: IceServer,
): Promise<void> {
  const line = server.scheme === 'turns' ? openTls(server) : openUdp(server);
  try {
    const wanted: Attribute = [ATTRIBUTE.transport, TRANSPORT_UDP];
    const challenge = await line.ask(ALLOCATE_REQUEST, [wanted]);
    const realm = challenge.attributes.get(ATTRIBUTE.realm);
    const nonce = challenge.attributes.get(ATTRIBUTE.nonce);
    if (realm === undefined || nonce === undefined) {
      throw new Error(`it answers ${errorOf(challenge) || 'without a challenge'}`);
    }
    const signed: readonly Attribute[] = [
      [ATTRIBUTE.username, Buffer.from(username)],
      [ATTRIBUTE.realm, realm],
      [ATTRIBUTE.nonce, nonce],
    ];
    const key = integrityKey(username, realm.toString(), password);
    const answer = await line.ask(ALLOCATE_REQUEST, [wanted, ...signed], key);
    if (answer.type !== ALLOCATE_SUCCESS) throw new Error(`it answers ${errorOf(answer)}`);
    const release: Attribute = [ATTRIBUTE.lifetime, Buffer.alloc(4)];
    await line.ask(REFRESH_REQUEST, [release, ...signed], key).catch(() => undefined);
  } finally {
    line.close();
  }
}

function openUdp({ host, port }: ServerAddress): Line {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const waiting = answers();
  socket.on('message', (data) => {
    const found = decode(data);
    if (found !== null) waiting.take(found.message);
  });
  socket.on('error', waiting.fail);
  return {
    ask: (type, attributes, key) => {
      const transaction = randomBytes(12);
      const data = encode(type, transaction, attributes, key);
      const send = () => {
        socket.send(data, port, host, (error) => {
          if (error !== null) waiting.fail(error);
        });
      };
      send();
      const timer = setInterval(send, REPEAT_MS);
      return waiting.for(transaction).finally(() => {
        clearInterval(timer);
      });
    },
    close: () => socket.close(),
  };
}

function openTls({ host, port }: ServerAddress): Line {
  const socket = connectTls({ host, port, servername: host });
  const waiting = answers();
  let data = Buffer.alloc(0);
  socket.on('data', (more: Buffer) => {
    data = Buffer.concat([data, more]);
    for (let found = decode(data); found !== null; found = decode(data)) {
      waiting.take(found.message);
      data = Buffer.from(found.rest);
    }
  });
  socket.on('error', waiting.fail);
  socket.on('close', () => {
    waiting.fail(new Error('it closed the connection'));
  });
  return {
    ask: (type, attributes, key) => {
      const transaction = randomBytes(12);
      socket.write(encode(type, transaction, attributes, key));
      return waiting.for(transaction);
    },
    close: () => socket.destroy(),
  };
}

interface Answers {
  readonly take: (message: Message) => void;
  readonly fail: (error: Error) => void;
  readonly for: (transaction: Buffer) => Promise<Message>;
}

function answers(): Answers {
  let pending: {
    id: Buffer;
    resolve: (message: Message) => void;
    reject: (error: Error) => void;
  } | null = null;
  return {
    take: (message) => {
      if (pending?.id.equals(message.transaction) === true) pending.resolve(message);
    },
    fail: (error) => pending?.reject(error),
    for: (id) =>
      new Promise<Message>((resolve, reject) => {
        const timer = setTimeout(() => {
          reject(new Error(`no answer within ${LIMIT_MS / 1000} s`));
        }, LIMIT_MS);
        const settled = () => {
          clearTimeout(timer);
          pending = null;
        };
        pending = {
          id,
          resolve: (message) => {
            settled();
            resolve(message);
          },
          reject: (error) => {
            settled();
            reject(error);
          },
        };
      }),
  };
}
