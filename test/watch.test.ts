/* The command `watch`, run as a program: what it serves, to whom, and what it says instead. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../src/service/index.ts';
import type { Service } from '../src/service/index.ts';
import { ask } from './helpers/http.ts';
import type { Answer, Question } from './helpers/http.ts';
import { run, start } from './helpers/run.ts';
import type { Running } from './helpers/run.ts';
import { serviceEnvironment } from './media/launcher.ts';
import { createChannel, controlClient } from './service/support/clients.ts';
import { open } from './service/support/socket.ts';

const KEY = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE00',
  secretAccessKey: 'secret/key+of/the+tests',
  sessionToken: 'token//of++the==tests',
};

let service: Service;
let arn: string;
let running: Running | null = null;

beforeAll(async () => {
  service = await startService({
    credentials: KEY,
    limits: { creatingMs: 0 },
    turn: [{ urls: ['turn:192.0.2.1:3478'], secret: 'of the relay' }],
    keys: [{ accessKeyId: 'AKIADENIED', secretAccessKey: 'd', denied: ['GetIceServerConfig'] }],
  });
  arn = await createChannel(service, 'cam1');
});
afterAll(() => service.close());
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.finished;
  running = null;
});

const env = (key: object = {}): NodeJS.ProcessEnv => ({
  ...serviceEnvironment(service),
  AWS_SESSION_TOKEN: KEY.sessionToken,
  ...key,
});

async function watch(...args: readonly string[]): Promise<URL> {
  running = start(['watch', 'cam1', ...args], env());
  const line = await running.line(/^watch at http/);
  return new URL(line.replace('watch at ', ''));
}

const askAt = (url: URL, question: Question = {}): Promise<Answer> =>
  ask(Number(url.port), url.pathname + url.search, question);

const askSession = (page: URL, headers = {}, channel = 'cam1', clientId = 'viewer-1') =>
  askAt(new URL('session', page), {
    method: 'POST',
    headers,
    body: JSON.stringify({ channel, clientId }),
  });

describe('watch', () => {
  it('serves a page behind a token, and ends with a signal', async () => {
    const page = await watch();
    expect(page.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/watch\/[\w-]{22}\/\?channel=cam1$/);
    const { status, headers, body } = await askAt(page);
    expect(status).toBe(200);
    expect(body).toContain('main.js');
    expect(headers['content-security-policy']).toContain(
      `connect-src 'self' ws://127.0.0.1:${service.port};`,
    );
    for (const path of ['/', '/watch/', '/watch/AAAAAAAAAAAAAAAAAAAAAA/', '/open/x', '/session']) {
      expect((await askAt(new URL(path, page))).status).toBe(404);
    }
    running?.child.kill('SIGINT');
    expect(await running?.finished).toMatchObject({ code: 0, stderr: '' });
  });

  it('takes an ARN, and tells programs', async () => {
    running = start(['watch', arn, '--json'], env());
    const told = JSON.parse(await running.line(/^\{/)) as Readonly<Record<string, string>>;
    expect(told).toMatchObject({ event: 'watch', channel: 'cam1', channelArn: arn });
    expect(told.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/watch\/.*channel=cam1$/);
  });

  it('signs a viewer in, and keeps its keys', async () => {
    const page = await watch();
    const { status, body } = await askSession(page, { Origin: page.origin });
    expect(status).toBe(200);
    const session = JSON.parse(body) as { url: string; iceServers: { username: string }[] };
    expect(session).toMatchObject({ region: 'us-west-2', channelArn: arn });
    expect(session.iceServers[0]?.username).toMatch(/:viewer-1$/);
    expect(body).not.toContain(KEY.secretAccessKey);
    expect(body).not.toContain('of the relay');
    const client = await open(session.url);
    expect(service.inspect().find(({ name }) => name === 'cam1')?.viewers).toEqual(['viewer-1']);
    client.socket.close();
    await client.closed;
  });

  it.each<[string, number, object, string?]>([
    ['another page', 403, { Origin: 'http://evil.example' }],
    ['a page without an origin', 403, { Origin: 'null' }],
    ['a name that was bound anew', 421, { Host: 'evil.example' }],
    ['another channel', 404, {}, 'cam2'],
  ])('gives %s no session: %s', async (_, status, headers, channel) => {
    const page = await watch();
    const answer = await askSession(page, headers, channel);
    expect(answer.status).toBe(status);
    expect(answer.body).not.toContain('X-Amz-Signature');
  });

  it('finds a channel that was made anew, and tells of one that is gone', async () => {
    const remove = async (gone: string): Promise<void> => {
      const client = controlClient(service);
      await client.send(new DeleteSignalingChannelCommand({ ChannelARN: gone }));
      client.destroy();
    };
    const old = await createChannel(service, 'brief');
    running = start(['watch', 'brief'], env());
    const page = new URL((await running.line(/^watch at /)).replace('watch at ', ''));
    await remove(old);
    expect(await askSession(page, {}, 'brief')).toMatchObject({
      status: 404,
      body: expect.stringContaining('ResourceNotFoundException') as string,
    });
    const anew = await createChannel(service, 'brief');
    expect(anew).not.toBe(old);
    expect((await askSession(page, {}, 'brief')).body).toContain(anew);
  });

  it('opens a browser by an address that leads to the page once', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'kvs-open-'));
    try {
      const file = join(directory, 'opened');
      const opener = join(directory, 'xdg-open');
      writeFileSync(opener, `#!/bin/sh\necho "$1" > ${file}.new && mv ${file}.new ${file}\n`);
      chmodSync(opener, 0o755);
      const path = `${directory}:${process.env.PATH ?? ''}`;
      running = start(['watch', 'cam1', '--open'], { ...env(), PATH: path });
      const page = (await running.line(/^watch at /)).replace('watch at ', '');
      const door = new URL((await read(file)).trim());
      expect(door.href).not.toContain(new URL(page).pathname);
      expect(await askAt(door)).toMatchObject({ status: 303, headers: { location: page } });
      expect((await askAt(door)).status).toBe(404);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('watch says in one line, and serves nothing, that', () => {
  it.each<[string, readonly string[], NodeJS.ProcessEnv, RegExp]>([
    [
      'there is no such channel',
      ['nosuch'],
      {},
      /channel "nosuch" cannot be watched.*channels list/,
    ],
    ['the keys are wrong', ['cam1'], { AWS_SECRET_ACCESS_KEY: 'wrong' }, /check the keys/],
    [
      'there are no keys',
      ['cam1'],
      {
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SESSION_TOKEN: undefined,
      },
      /check the keys/,
    ],
    [
      'no region is known',
      ['cam1'],
      { AWS_REGION: undefined },
      /no AWS region is known; set AWS_REGION/,
    ],
    [
      'a permission is missing',
      ['cam1'],
      {
        AWS_ACCESS_KEY_ID: 'AKIADENIED',
        AWS_SECRET_ACCESS_KEY: 'd',
        AWS_SESSION_TOKEN: undefined,
      },
      /GetIceServerConfig.*IAM/,
    ],
  ])('%s', async (_, args, other, said) => {
    const { code, stdout, stderr } = await run(['watch', ...args], env(other));
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*\n$/);
    expect(stderr).toMatch(said);
  });

  it('its port is taken', async () => {
    const { code, stdout, stderr } = await run(
      ['watch', 'cam1', '--port', String(service.port)],
      env(),
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: the page cannot be served: [^\n]*--port/);
  });

  it.each([
    ['no channel is named', []],
    ['two are', ['a', 'b']],
    ['the port is none', ['a', '--port', 'x']],
  ])('%s', async (_, args) => {
    const { code, stderr } = await run(['watch', ...args]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*\n$/);
  });
});

/** Once it is there. */
async function read(file: string): Promise<string> {
  for (;;) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
