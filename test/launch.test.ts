import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import { launch } from '../src/launch.ts';
import type { Lines } from '../src/report/report.ts';
import { createJsonReport } from '../src/report/json.ts';
import { createFakeGst } from './helpers/fakegst.ts';
import type { FakeGst, FakeOptions } from './helpers/fakegst.ts';

const K = { factory: 'kinesiswebrtcbin', name: 'k' } as const;
const TEXT = 'videotestsrc ! kinesiswebrtcbin name=k channel=cam1';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAX', AWS_SECRET_ACCESS_KEY: 's', AWS_REGION: 'eu-west-1' };

interface Launched {
  readonly gst: FakeGst;
  readonly stop: AbortController;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly over: Promise<void>;
}

/** Launches on a fake GStreamer that ends its stream as soon as it plays, unless told otherwise. */
function launched(argv: readonly string[], fake: FakeOptions = {}): Launched {
  const request = parseCommandLine(argv);
  if (request.kind !== 'launch') throw new Error(`it is a ${request.kind}`);
  const gst = createFakeGst({
    elements: [K],
    onAsked: (asked, it) => {
      if (asked === 'state playing') it.post({ type: 'eos' });
    },
    ...fake,
  });
  const stop = new AbortController();
  const events: Readonly<Record<string, unknown>>[] = [];
  const print = ({ out }: Lines) => {
    for (const line of out) events.push(JSON.parse(line) as Readonly<Record<string, unknown>>);
  };
  const over = launch(request, {
    env: process.env,
    report: createJsonReport(),
    print,
    signal: stop.signal,
    stop: () => {
      stop.abort();
    },
    streams: process,
    loadRuntime: () => Promise.resolve(gst),
    hear: () => () => undefined,
    beforeBlocking: () => undefined,
  });
  return { gst, stop, events, over };
}

function withEnv(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('a launch', () => {
  it('gives the element the keys and the region AWS tools find, the access key last', async () => {
    withEnv({ ...KEYS, AWS_SESSION_TOKEN: 't' });
    const { gst, over } = launched([TEXT]);
    await over;
    expect(gst.asked).toEqual([
      `parse ${TEXT}`,
      'set k region=eu-west-1',
      'set k session-token=t',
      'set k secret-key=s',
      'set k access-key=AKIAX',
      'state paused',
      'state playing',
      'state ready',
      'close',
    ]);
  });

  it('sets what options say', async () => {
    withEnv(KEYS);
    const argv = ['--channel', 'x', '--role', 'viewer', '--client-id', 'me', '--region', 'r', TEXT];
    const { gst, over } = launched([...argv.slice(0, -1), '--endpoint', 'http://e', TEXT]);
    await over;
    expect(gst.asked).toEqual(
      expect.arrayContaining([
        'set k channel=x',
        'set k role=viewer',
        'set k client-id=me',
        'set k region=r',
        'set k endpoint=http://e',
      ]),
    );
  });

  it('looks for no keys where the text has them', async () => {
    withEnv({});
    const { gst, over } = launched([`${TEXT} access-key=a secret-key=b region=r`]);
    await over;
    expect(gst.asked.filter((asked) => /key|token/.test(asked.replace(/^parse.*/, '')))).toEqual(
      [],
    );
  });

  it('finds elements without a name by their order', async () => {
    withEnv(KEYS);
    const text = 'a ! kinesiswebrtcbin channel=x b ! kinesiswebrtcbin channel=y';
    const elements = ['kinesiswebrtcbin11', 'kinesiswebrtcbin9'].map((name) => ({ ...K, name }));
    const { gst, over } = launched(['--region', 'kinesiswebrtcbin0=first', text], {
      elements,
    });
    await over;
    expect(gst.asked).toContain('set kinesiswebrtcbin9 region=first');
    expect(gst.asked).toContain('set kinesiswebrtcbin11 region=eu-west-1');
  });

  it('shows the plan of a dry run and starts nothing', async () => {
    const { gst, events, over } = launched(['--dry-run', TEXT]);
    await over;
    expect(gst.asked).toEqual([]);
    expect(events).toMatchObject([{ pipeline: TEXT }]);
  });
});

describe('a local launch', () => {
  it('gives the element the service of this process and says where to watch', async () => {
    withEnv(KEYS);
    const { gst, events, over } = launched(['--local', 'a ! kinesiswebrtcbin name=k']);
    await over;
    const [endpoint = ''] = gst.asked.filter((asked) => asked.startsWith('set k endpoint='));
    expect(endpoint).toMatch(/=http:\/\/127\.0\.0\.1:\d+$/);
    expect(gst.asked).toContain('set k channel=demo');
    expect(gst.asked).not.toContain('set k access-key=AKIAX');
    expect(events[0]).toMatchObject({
      event: 'watch',
      element: 'k',
      channel: 'demo',
      url: expect.stringContaining(endpoint.replace('set k endpoint=', '')) as string,
    });
  });

  it('has no page to watch for a viewer', async () => {
    const { events, over } = launched(['--local', `${TEXT} role=viewer`]);
    await over;
    expect(events.map(({ event }) => event)).not.toContain('watch');
  });

  it('says that a port is taken', async () => {
    withEnv({});
    const { createServer } = await import('node:http');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const address = server.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { gst, over } = launched(['--local', port, TEXT]);
    await expect(over).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(port) as string,
    });
    expect(gst.asked.at(-1)).toBe('close');
    server.close();
  });
});

describe('what happens', () => {
  it('is told as events, with the channel of the element', async () => {
    const fields = { 'peer-id': 'p', 'setup-ms': 12, protocol: 'udp' };
    const { events, over } = launched(['--local', TEXT], {
      onAsked: (asked, gst) => {
        if (asked !== 'state playing') return;
        const details = { name: 'kinesiswebrtc-peer-connected', fields };
        gst.post({ type: 'state', top: true, old: 'paused', current: 'playing' });
        gst.post({ type: 'element', source: 'k', details });
        gst.post({ type: 'element', source: 'l', details: { name: 'level', fields: {} } });
        gst.post({ type: 'eos' });
      },
    });
    await over;
    expect(events.slice(1)).toMatchObject([
      { event: 'state', element: 'pipeline0', state: 'playing', oldState: 'paused' },
      { event: 'peer-connected', element: 'k', channel: 'cam1', peerId: 'p', setupMs: 12 },
      { event: 'eos', element: 'pipeline0' },
    ]);
  });

  it('is told in full with -m, and properties with -v', async () => {
    const { gst, events, over } = launched(['-m', '-v', '--local', TEXT], {
      onAsked: (asked, it) => {
        if (asked !== 'state playing') return;
        it.post({ type: 'property', source: 'src', property: 'caps', value: 'video/x-raw' });
        it.post({ type: 'eos' });
      },
    });
    await over;
    expect(gst.asked).toContain('watch properties');
    expect(events.map(({ event }) => event)).toEqual([
      'watch',
      'message',
      'property',
      'message',
      'eos',
    ]);
  });
});

describe('a launch that fails', () => {
  it.each([
    ['no element "nosuch"', /"nosuch"/],
    ['no property "foo" in element "videotestsrc"', /"foo"/],
  ])('names the word of the text: %s', async (parseError, message) => {
    const { over } = launched([TEXT], { parseError });
    await expect(over).rejects.toMatchObject({
      code: 'pipeline-text',
      message: expect.stringMatching(message) as string,
    });
  });

  it('names a reference to nothing', async () => {
    const parseError = 'No sink-element named "(null)" - omitting link';
    const { over } = launched([`${TEXT} audiotestsrc ! q.`], { parseError });
    await expect(over).rejects.toMatchObject({ message: expect.stringContaining('"q"') as string });
  });

  it.each([
    ['credentials', {}],
    ['credentials', { AWS_PROFILE: 'nosuch' }],
    ['region', { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' }],
  ])('for want of %s, with %j', async (code, env) => {
    withEnv(env);
    const { gst, over } = launched([TEXT]);
    await expect(over).rejects.toMatchObject({ code, hint: expect.any(String) as string });
    expect(gst.asked.at(-1)).toBe('close');
  });

  it('has closed its pipeline and its service', async () => {
    const details = { name: 'kinesiswebrtc-error', fields: { code: 'permission' } };
    const { gst, events, over } = launched(['--local', TEXT], {
      onAsked: (asked, it) => {
        if (asked === 'state playing') {
          it.post({ type: 'error', source: 'k', message: 'no', debug: '', details });
        }
      },
    });
    await expect(over).rejects.toMatchObject({ code: 'permission', element: 'k' });
    expect(gst.asked.at(-1)).toBe('close');
    await expect(fetch(String(events[0]?.url))).rejects.toThrow();
  });
});

describe('a launch that is stopped', () => {
  it('ends well while it plays', async () => {
    const { gst, stop, over } = launched(['--local', TEXT], {
      onAsked: (asked) => {
        if (asked === 'state playing') stop.abort();
      },
    });
    await over;
    expect(gst.asked.at(-1)).toBe('close');
  });
});
