import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorBody, internalFailure, ServiceError } from './errors.ts';

/** An answer, complete: bodies here are small. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * Reads a whole body of at most `limit` bytes. Throws a ServiceError 413 beyond it, without reading
 * on. How slowly it may come is the HTTP server's requestTimeout.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) {
      throw new ServiceError('RequestEntityTooLargeException', 413, 'The request is too large.');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `/path?query` cut at the first question mark, nothing decoded. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?');
  return mark < 0
    ? { path: target, query: '' }
    : { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** What every answer of the API carries. Any web page may call: the signature is the door. */
export function apiHeaders(now: number): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'x-amzn-RequestId': randomUUID(),
    // clients with a wrong clock correct themselves by it
    Date: new Date(now).toUTCString(),
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers':
      'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,Date',
  };
}

/** The answer to a browser's question whether it may send a signed request. */
export function preflightReply(now: number): Reply {
  const headers = {
    ...apiHeaders(now),
    'Access-Control-Allow-Methods': 'POST, OPTIONS',
    'Access-Control-Allow-Headers':
      'authorization,content-type,x-amz-date,x-amz-security-token,x-amz-content-sha256,' +
      'x-amz-user-agent,amz-sdk-invocation-id,amz-sdk-request,user-agent',
    'Access-Control-Max-Age': '172800',
  };
  return { status: 200, headers, body: '' };
}

/** A thrown value as an answer. What is no ServiceError is a mistake of ours and stays inside. */
export function errorReply(thrown: unknown, now: number): Reply {
  const error = thrown instanceof ServiceError ? thrown : internalFailure();
  return {
    status: error.status,
    headers: { ...apiHeaders(now), 'x-amzn-ErrorType': error.type },
    body: errorBody(error),
  };
}

export function textReply(status: number, text: string): Reply {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}

export function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Reply,
): void {
  if (response.destroyed) return;
  // a body we stopped reading would be taken for the next request
  const isUnread = !request.complete;
  response.writeHead(status, {
    ...headers,
    'Content-Length': Buffer.byteLength(body),
    ...(isUnread && { Connection: 'close' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body, () => {
    if (isUnread) request.destroy();
  });
}

/** Refuses a WebSocket upgrade with an ordinary answer. */
export function refuseUpgrade(socket: Duplex, { status, headers, body }: Reply): void {
  const lines = Object.entries({
    ...headers,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${body.toString()}`);
}
