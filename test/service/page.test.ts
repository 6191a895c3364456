import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service, ServiceOptions } from '../../src/service/index.ts';
import { ask } from '../helpers/http.ts';
import type { Answer, Question } from '../helpers/http.ts';
import { createChannel } from './support/clients.ts';
import { open } from './support/socket.ts';

let directory: string;
let service: Service;
const start = async (options: ServiceOptions = {}): Promise<void> => {
  service = await startService({ web: directory, limits: { creatingMs: 0 }, ...options });
};

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kvs-page-'));
  await writeFile(join(directory, 'index.html'), '<title>page</title>');
  await writeFile(join(directory, 'main.js'), 'true');
  await writeFile(join(directory, '.secret'), 'hidden');
});
afterEach(() => service.close());
afterAll(() => rm(directory, { recursive: true }));

const get = (path: string, question: Question = {}): Promise<Answer> =>
  ask(service.port, path, question);

const watchPath = (): string => new URL(service.watchUrl('demo')).pathname;
const askSession = (value: unknown, headers = {}) =>
  get(`${watchPath()}session`, { method: 'POST', headers, body: JSON.stringify(value) });

describe('the page', () => {
  it('is served behind its token, with a policy, and never cached', async () => {
    await start();
    const url = service.watchUrl('my cam');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/watch\/[\w-]{22}\/\?channel=my%20cam$/);
    const page = await get(`${watchPath()}?channel=demo`);
    expect(page).toMatchObject({ status: 200, body: '<title>page</title>' });
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(page.headers['content-security-policy']).toContain(
      `connect-src 'self' ws://127.0.0.1:${service.port};`,
    );
    const script = await get(`${watchPath()}main.js`);
    expect(script.headers['content-type']).toContain('text/javascript');
  });

  it.each([
    ['no token', '/watch/'],
    ['a wrong token', '/watch/AAAAAAAAAAAAAAAAAAAAAA/'],
    ['a file that is not there', 'none.js'],
    ['a hidden file', '.secret'],
    ['a way out', '../index.html'],
    ['an encoded way out', '..%2f..%2fpackage.json'],
    ['a null byte', 'main.js%00.html'],
    ['a folder', 'a/main.js'],
  ])('is not found by %s', async (_, path) => {
    await start();
    const full = path.startsWith('/') ? path : `${watchPath()}${path}`;
    expect((await get(full)).status).toBe(404);
  });

  it('answers its own hosts alone', async () => {
    await start();
    const { port } = service;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      expect((await get(watchPath(), { headers: { host } })).status).toBe(200);
    }
    expect((await get(watchPath(), { headers: { host: `rebound.example:${port}` } })).status).toBe(
      421,
    );
  });

  it('says where it was not built', async () => {
    await start({ web: null });
    expect(await get(watchPath())).toMatchObject({
      status: 404,
      body: 'The viewer page is not built: npm run build\n',
    });
  });
});

describe("a page's session", () => {
  it('is a signed address that works once, with ICE servers and no key', async () => {
    await start({ turn: [{ urls: ['turn:127.0.0.1:3478'], username: 'u', password: 'p' }] });
    const arn = await createChannel(service, 'demo');
    const { status, body } = await askSession({ channel: 'demo', clientId: 'viewer-1' });
    expect(status).toBe(200);
    const session = JSON.parse(body) as { url: string };
    expect(session).toMatchObject({
      region: 'us-west-2',
      channelArn: arn,
      endpoint: `ws://127.0.0.1:${service.port}`,
      iceServers: [{ urls: ['turn:127.0.0.1:3478'], username: 'u', credential: 'p' }],
      hasMaster: false,
    });
    expect(body).not.toContain(service.credentials.secretAccessKey);
    const client = await open(session.url);
    expect(service.inspect()[0]?.viewers).toEqual(['viewer-1']);
    client.socket.close();
    await client.closed;
  });

  it.each<[string, unknown, object, number]>([
    ['an unknown channel', { channel: 'none', clientId: 'v' }, {}, 404],
    ['no channel', { clientId: 'v' }, {}, 400],
    ['a bad client id', { channel: 'demo', clientId: 'a b' }, {}, 400],
    ['no object', 7, {}, 400],
    ['a huge body', { channel: 'x'.repeat(5000) }, {}, 413],
    ['another origin', { channel: 'demo', clientId: 'v' }, { Origin: 'http://evil.example' }, 403],
    ['no origin', { channel: 'demo', clientId: 'v' }, { Origin: 'null' }, 403],
  ])('is refused with %s', async (_, value, headers, status) => {
    await start();
    expect((await askSession(value, headers)).status).toBe(status);
  });

  it('is given to the page itself, and not by GET', async () => {
    await start();
    await createChannel(service, 'demo');
    const own = { Origin: service.url };
    expect((await askSession({ channel: 'demo', clientId: 'v' }, own)).status).toBe(200);
    expect((await get(`${watchPath()}session`)).status).toBe(405);
  });
});
