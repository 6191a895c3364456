import { randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join } from 'node:path';
import { HOME } from '../home.ts';
import { ServiceError } from './errors.ts';
import { parseBody, need, optionalName } from './fields.ts';
import { readBody, splitTarget, textReply } from './http.ts';
import type { Reply } from './http.ts';

/** All a page needs to be a viewer once. No key is among it: the URL is signed already. */
export interface ViewerSession {
  readonly region: string;
  readonly channelArn: string;
  /** `ws://…`, without a query. */
  readonly endpoint: string;
  /** The endpoint with its signed query; good for one connection soon. */
  readonly url: string;
  /** For RTCPeerConnection. */
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username?: string;
    readonly credential?: string;
  }[];
  /** Whether a master is connected, where that is known. */
  readonly hasMaster?: boolean;
}

export interface PageOptions {
  /** Directory of the built page, or null to serve none. */
  readonly directory: string | null;
  /** Where the page may connect to, for its content security policy. */
  readonly endpoint: () => string;
  /** Host headers the page answers to; anything else may be a rebound name. */
  readonly hosts: () => readonly string[];
  /** Signs a viewer in to a channel. Throws a ServiceError, whose message the page shows. */
  readonly openSession: (channel: string, clientId: string) => Promise<ViewerSession>;
}

/** The viewer page and its one JSON endpoint, behind a path nobody can guess. */
export interface Page {
  /** `/watch/<token>/` */
  readonly path: string;
  /** The answer to a request under /watch/. Never throws. */
  handle(request: IncomingMessage): Promise<Reply>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
};
const sessionBytes = 4096;

/** Where the build leaves the page; null before it was built. */
export function findPageDirectory(): string | null {
  const place = join(HOME, 'dist/web');
  return existsSync(join(place, 'index.html')) ? place : null;
}

export function createPage(options: PageOptions): Page {
  const token = randomBytes(16).toString('base64url');
  const reply = async (request: IncomingMessage): Promise<Reply> => {
    if (!isOurHost(request, options.hosts())) return textReply(421, 'Unknown host.');
    const [, , given = '', name, ...rest] = splitTarget(request.url ?? '').path.split('/');
    if (!isSame(given, token) || name === undefined || rest.length > 0) return notFound();
    if (name === 'session') return sessionReply(request, options);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return textReply(405, 'Only GET is answered here.');
    }
    return fileReply(options, name === '' ? 'index.html' : name);
  };
  return {
    path: `/watch/${token}/`,
    handle: async (request) => {
      const { status, headers, body } = await reply(request);
      return { status, body, headers: { ...pageHeaders(options), ...headers } };
    },
  };
}

function pageHeaders({ endpoint }: PageOptions): Record<string, string> {
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy':
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; ` +
      `media-src 'self' blob:; connect-src 'self' ${endpoint()}; frame-ancestors 'none'; ` +
      `base-uri 'none'; form-action 'none'`,
    'Referrer-Policy': 'no-referrer', // the path holds the token
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The key stays here: the page gets a signed URL, and only a page of our own origin does. */
async function sessionReply(request: IncomingMessage, options: PageOptions): Promise<Reply> {
  if (request.method !== 'POST') return textReply(405, 'Only POST is answered here.');
  const { origin, host } = request.headers;
  if (origin !== undefined && splitOrigin(origin) !== host) {
    return textReply(403, 'Another page may not ask.');
  }
  try {
    const fields = parseBody(await readBody(request, sessionBytes));
    const channel = need(optionalName(fields, 'channel'), 'channel');
    const clientId = need(optionalName(fields, 'clientId'), 'clientId');
    return json(200, await options.openSession(channel, clientId));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return json(error.status, { type: error.type, message: error.message });
  }
}

async function fileReply({ directory }: PageOptions, name: string): Promise<Reply> {
  const type = contentTypes[extname(name)];
  if (directory === null) return textReply(404, 'The viewer page is not built: npm run build');
  if (type === undefined || !/^[\w-]+(\.[\w-]+)+$/.test(name)) return notFound();
  try {
    const body = await readFile(join(directory, name));
    return { status: 200, headers: { 'Content-Type': type }, body };
  } catch {
    return notFound();
  }
}

function isOurHost(request: IncomingMessage, hosts: readonly string[]): boolean {
  return request.headers.host !== undefined && hosts.includes(request.headers.host);
}

function splitOrigin(origin: string): string {
  return origin.replace(/^https?:\/\//, '');
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function notFound(): Reply {
  return textReply(404, 'Nothing is here.');
}

function json(status: number, value: object): Reply {
  return {
    status,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(value),
  };
}
