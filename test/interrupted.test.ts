/* Ctrl-C while a service does not answer: the program ends at once, as it does at any other time. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start } from './helpers/run.ts';

let server: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  sockets.forEach((socket) => socket.destroy());
  server.close();
});

it.each([
  ['watch', 'cam1'],
  ['check', 'cam1'],
  ['check'],
  ['channels', 'list'],
  ['channels', 'list', '--json'],
  ['channels', 'describe', 'cam1'],
  ['channels', 'create', 'cam1'],
  ['channels', 'delete', 'cam1', '--yes'],
])('%s %s %s', async (...words) => {
  const asked = once(server, 'connection');
  const program = start(words, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  await asked;
  program.child.kill('SIGINT');
  expect(await program.finished).toMatchObject({ code: 0, stderr: '' });
});
