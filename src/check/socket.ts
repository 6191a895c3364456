/* Signs in to a channel, and out at once. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';

const HANDSHAKE_MS = 10_000;
/** More of a refusal than any service says. */
const MOST_BYTES = 4096;

/** `url` is signed. Resolves once the connection was open; rejects with an error named as the service names it. */
export async function signIn(url: string): Promise<void> {
  const socket = new WebSocket(url, { handshakeTimeout: HANDSHAKE_MS });
  const refused = new Promise<never>((_, reject) => {
    socket.on('unexpected-response', (request, response) => {
      readRefusal(response)
        .then(reject, reject)
        .finally(() => request.destroy());
    });
  });
  try {
    await Promise.race([once(socket, 'open'), refused]);
  } finally {
    socket.on('error', () => undefined);
    socket.close();
  }
}

/** As REST calls are refused: the kind in a header, the words in JSON. */
async function readRefusal(response: IncomingMessage): Promise<Error> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) {
    body += String(chunk);
    if (body.length > MOST_BYTES) break;
  }
  const words = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/i.exec(body)?.[1];
  const error = new Error(words ?? `HTTP status ${response.statusCode ?? 'unknown'}`);
  error.name = String(response.headers['x-amzn-errortype'] ?? 'Error').split(':')[0] ?? 'Error';
  return error;
}
