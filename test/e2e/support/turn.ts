/* Relays to test with: coturn for TURN, and before it a strict end of TLS, for coturn's own takes plain TCP as well. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { run } from '../../media/program.ts';
import type { Program } from '../../media/program.ts';

export const TURN_SECRET = 'relays-for-tests';

/** A coturn with time-limited user names, for UDP and plain TCP. */
export interface TestTurn {
  readonly host: string;
  readonly port: number;
  readonly program: Program;
  stop(): Promise<void>;
}

/** Resolves once it listens. `extra` are options of turnserver; without a port it takes a free one. */
export async function startTurn(
  host = '127.0.0.1',
  extra: readonly string[] = [],
  wantedPort?: number,
): Promise<TestTurn> {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-turn-'));
  const port = wantedPort ?? (await freePort(host));
  const program = run('turnserver', [
    ...[
      '-n',
      '--no-cli',
      '--no-tls',
      '--no-dtls',
      '--no-multicast-peers',
      '--allow-loopback-peers',
    ],
    ...[`--listening-ip=${host}`, `--relay-ip=${host}`, `--listening-port=${port}`],
    ...['--realm=kvs.test', '--use-auth-secret', `--static-auth-secret=${TURN_SECRET}`],
    ...['--log-file=stdout', '--simple-log', '--verbose'],
    ...[`--userdb=${join(folder, 'db')}`, `--pidfile=${join(folder, 'pid')}`],
    ...extra,
  ]);
  await untilListening(host, port);
  return {
    host,
    port,
    program,
    stop: async () => {
      program.kill('SIGKILL');
      await program.exit();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** TLS towards clients, plain TCP towards a coturn. What is not TLS is cut off. */
export interface TlsFront {
  readonly port: number;
  /** Connections that are open. */
  open(): number;
  close(): Promise<void>;
}

export interface TlsFrontOptions {
  /** PEM files. */
  readonly cert: string;
  readonly key: string;
  readonly host?: string;
  readonly port?: number;
}

export async function startTlsFront(
  turn: Pick<TestTurn, 'host' | 'port'>,
  { cert, key, host = '127.0.0.1', port = 0 }: TlsFrontOptions,
): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  const server = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) => {
    const relay = connect(turn.port, turn.host);
    joinSockets(client, relay);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => undefined);
  return {
    port: await listen(server, host, port),
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Ends both when one ends. */
function joinSockets(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  for (const [socket, peer] of [
    [one, other],
    [other, one],
  ] as const) {
    socket.on('error', () => undefined);
    socket.once('close', () => peer.destroy());
  }
}

export function listen(server: Server, host: string, port = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });
}

async function freePort(host: string): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server, host);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(host: string, port: number): Promise<void> {
  for (const end = Date.now() + 15_000; ;) {
    const socket = connect(port, host);
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(true);
      });
      socket.once('error', () => {
        resolve(false);
      });
    });
    socket.destroy();
    if (isOpen) return;
    if (Date.now() > end) throw new Error(`no relay at ${host}:${port} within 15 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
