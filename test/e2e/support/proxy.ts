/* An HTTP proxy that only knows CONNECT, and whom it knows. */
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { listen } from './turn.ts';

export interface TestProxy {
  readonly port: number;
  /** `host:port` of every tunnel so far, in order. */
  readonly tunnels: readonly string[];
  /** Those who asked without the right password. */
  refused(): number;
  close(): Promise<void>;
}

/** `userAndPassword` is what it wants to hear, "me:secret". */
export async function startProxy(host: string, userAndPassword: string): Promise<TestProxy> {
  const wanted = `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
  const tunnels: string[] = [];
  const sockets = new Set<Socket>();
  let refused = 0;

  const server = createServer((_request, response) => {
    response.writeHead(405).end();
  });
  server.on('connect', (request, client: Socket, head: Buffer) => {
    if (request.headers['proxy-authorization'] !== wanted) {
      refused += 1;
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const target = new URL(`http://${request.url ?? ''}`);
    tunnels.push(target.host === target.hostname ? `${target.host}:80` : target.host);
    const far = connect(Number(target.port), target.hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      far.write(head);
      client.pipe(far).pipe(client);
    });
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  return {
    port: await listen(server, host),
    tunnels,
    refused: () => refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
