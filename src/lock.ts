/* Keeps a second program from a file that the first one writes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './errors.ts';

/**
 * Holds `path`, which is absolute and behind no link, until what it returns is called or this process ends,
 * however it ends: the lock is a socket's name (unix(7), abstract), of which nothing is left to be stale. It
 * holds between processes of one network namespace. Rejects with LaunchError `settings`, which says who has it.
 */
export async function lockFile(path: string): Promise<() => void> {
  const name = `\0kvswebrtc-launch-${createHash('sha256').update(path).digest('hex')}`;
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.end(String(process.pid));
  });
  try {
    await listen(server, name);
  } catch (cause) {
    throw new LaunchError('settings', `${await holderOf(name)} keeps its channels in ${path}`, {
      hint: 'end that one, or name another file',
      cause,
    });
  }
  // It is not what keeps the process alive.
  server.unref();
  return () => server.close();
}

async function listen(server: Server, name: string): Promise<void> {
  server.listen(name);
  await once(server, 'listening');
}

const ANSWER_MS = 1000;

async function holderOf(name: string): Promise<string> {
  const socket = connect(name);
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, 10);
  });
  await Promise.race([once(socket, 'end').catch(() => undefined), sleep(ANSWER_MS)]);
  socket.destroy();
  return /^\d+$/.test(said) ? `process ${said}` : 'another process';
}
