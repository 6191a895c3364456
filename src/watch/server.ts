/* The viewer page on a port of its own, on 127.0.0.1. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LaunchError, messageOf } from '../errors.ts';
import { pageHosts } from '../service/address.ts';
import { errorReply, sendReply, splitTarget, textReply } from '../service/http.ts';
import type { Reply } from '../service/http.ts';
import { createPage, findPageDirectory } from '../service/page.ts';
import type { Page, PageOptions } from '../service/page.ts';

export interface PageServer {
  /** The address of the page, which nobody can guess, without a query. Handle as a secret. */
  readonly url: string;
  /**
   * Another address that leads to `target`, once: arguments of programs can be seen by everybody on
   * the machine, and this one is used up by the browser it is for.
   */
  once(target: string): string;
  close(): Promise<void>;
}

/** Resolves once it listens; port 0 takes any free one. Rejects with LaunchError `usage` where it cannot. */
export async function servePage(
  port: number,
  options: Pick<PageOptions, 'endpoint' | 'openSession'>,
): Promise<PageServer> {
  const server = createServer({ requestTimeout: 10_000 });
  const origin = () => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const page = createPage({
    ...options,
    directory: findPageDirectory(),
    hosts: () => pageHosts(origin()),
  });
  const doors = new Map<string, string>();
  server.on('request', (request, response) => {
    void replyTo(request, page, doors).then((reply) => {
      sendReply(request, response, reply);
    });
  });
  await listen(server, port);
  return {
    url: `${origin().origin}${page.path}`,
    once: (target) => {
      const path = `/open/${randomBytes(16).toString('base64url')}`;
      doors.set(path, target);
      return `${origin().origin}${path}`;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function replyTo(
  request: IncomingMessage,
  page: Page,
  doors: Map<string, string>,
): Promise<Reply> {
  const { path } = splitTarget(request.url ?? '/');
  try {
    if (path.startsWith('/watch/')) return await page.handle(request);
    const target = request.method === 'GET' ? doors.get(path) : undefined;
    if (target === undefined) return textReply(404, 'Nothing is here.');
    doors.delete(path);
    const headers = { Location: target, 'Cache-Control': 'no-store' };
    return { status: 303, headers, body: '' };
  } catch (error) {
    return errorReply(error, Date.now());
  }
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new LaunchError('usage', `the page cannot be served: ${messageOf(cause)}`, {
      hint: 'name another --port, or none for any that is free',
      cause,
    });
  }
}
