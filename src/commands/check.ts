/* The doctor: every stage on the way to a picture, one after the other. */
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import WebSocket from 'ws';
import { describeChannel } from '../aws/channels.ts';
import { createClient, plainKeys, toLaunchError } from '../aws/client.ts';
import { findIdentity, sourceOf } from '../aws/identity.ts';
import type { Client } from '../aws/client.ts';
import { findEndpoints, findIceServers } from '../aws/signaling.ts';
import { allocate, bind, parseServer } from '../check/relay.ts';
import type { IceServer } from '../check/relay.ts';
import type { CheckRequest } from '../request.ts';
import { LaunchError, messageOf } from '../errors.ts';
import { loadRuntime } from '../gst/plugin.ts';
import { printable, printableJson } from '../report/report.ts';
import type { Lines } from '../report/report.ts';
import { spin } from '../report/spinner.ts';
import { duration } from '../report/words.ts';
import { presignUrl } from '../service/sigv4.ts';
import type { Streams } from '../control/console.ts';

export interface CheckContext {
  readonly print: (lines: Lines) => void;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

interface Result {
  readonly check: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What was found, or what is wrong. */
  readonly detail: string;
  readonly hint?: string | undefined;
}

/** Checks what there is to check and tells each as it is done. Rejects with LaunchError when something is wrong. */
export async function runCheck(request: CheckRequest, context: CheckContext): Promise<void> {
  const results: Result[] = [];
  const check = async <Value>(name: string, work: () => Promise<readonly [string, Value]>) => {
    if (context.signal.aborted) return null;
    const started = performance.now();
    const done = spin(context.streams.stderr, name);
    const outcome = await settle(name, work);
    done();
    const result = { check: name, ms: Math.round(performance.now() - started), ...outcome.result };
    results.push(result);
    context.print({ out: [request.output.json ? printableJson(result) : line(result)], err: [] });
    return outcome.value;
  };
  await checkMachine(check);
  await checkService(request, check);
  const wrong = results.filter(({ ok }) => !ok);
  const [first] = wrong;
  if (first === undefined) return;
  const more = wrong.length === 1 ? '' : ` and ${wrong.length - 1} more`;
  throw new LaunchError('service', `${first.check}${more} failed: ${first.detail}`, {
    hint: first.hint,
  });
}

type Check = <Value>(
  name: string,
  work: () => Promise<readonly [string, Value]>,
) => Promise<Value | null>;

async function settle<Value>(
  name: string,
  work: () => Promise<readonly [string, Value]>,
): Promise<{
  readonly result: Pick<Result, 'ok' | 'detail' | 'hint'>;
  readonly value: Value | null;
}> {
  try {
    const [detail, value] = await work();
    return { result: { ok: true, detail }, value };
  } catch (cause) {
    const error = toLaunchError(name, cause);
    const detail = cause instanceof LaunchError ? error.message : messageOf(cause);
    return { result: { ok: false, detail, hint: error.hint }, value: null };
  }
}

function line({ check, ok, ms, detail, hint }: Result): string {
  const remedy = hint === undefined ? '' : `; ${hint}`;
  const said = printable(`${detail}${remedy}`);
  return `${ok ? '✓' : '✗'} ${check.padEnd(12)} ${duration(ms).padStart(8)}  ${said}`;
}

const ENCODERS = ['vp8enc', 'x264enc', 'openh264enc', 'vp9enc', 'x265enc', 'opusenc'] as const;

async function checkMachine(check: Check): Promise<void> {
  const runtime = await check('gstreamer', async () => {
    const found = await loadRuntime();
    return [`${found.version}, kinesiswebrtcbin is there`, found];
  });
  if (runtime === null) return;
  await check('encoders', () => {
    const found = ENCODERS.filter((name) => runtime.hasElement(name));
    if (found.some((name) => name !== 'opusenc')) return Promise.resolve([found.join(', '), null]);
    throw new LaunchError('missing-plugin', 'there is no encoder for video', {
      hint: 'apt-get install gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly',
    });
  });
  const camera = existsSync('/dev/video0')
    ? '/dev/video0 is there'
    : 'none; other sources need none';
  await check('camera', () => Promise.resolve([camera, null]));
}

async function checkService(request: CheckRequest, check: Check): Promise<void> {
  const client = createClient(request);
  try {
    const keys = await check('credentials', async () => {
      const found = await client.config.credentials();
      const { accessKeyId, expiration } = found;
      const until = expiration === undefined ? '' : `, until ${expiration.toISOString()}`;
      const source = sourceOf(found);
      const from = source === null ? '' : ` from ${source}`;
      return [`key ${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}${from}${until}`, found];
    });
    const region = await check('region', async () => {
      const found = await client.config.region();
      return [found, found];
    });
    if (keys === null || region === null) return;
    if (hasIdentities(request)) {
      await check('identity', async () => [await identityOf(region, keys), null]);
    }
    const { channel } = request;
    const arn = await check('channel', async () => {
      const { arn: found, status } = await describeChannel(client, channel);
      return [`${found} is ${status}`, found];
    });
    if (arn === null) return;
    await checkChannel(client, arn, region, keys, request, check);
  } finally {
    client.destroy();
  }
}

/** It is good to know and nothing needs it, so that it is not known is no fault. */
async function identityOf(
  region: string,
  keys: Awaited<ReturnType<Client['config']['credentials']>>,
): Promise<string> {
  try {
    return await findIdentity({ region, keys });
  } catch (error) {
    return `not known: ${messageOf(error)}`;
  }
}

/** Whoever stands in for AWS's control plane need not stand in for its STS. */
function hasIdentities({ endpoint }: CheckRequest): boolean {
  const { AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS_VIDEO } = process.env;
  const isAws = [endpoint, AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_KINESIS_VIDEO].every(
    (url) => url === undefined || url === '',
  );
  return isAws || (AWS_ENDPOINT_URL_STS ?? '') !== '';
}

async function checkChannel(
  client: Client,
  arn: string,
  region: string,
  keys: Awaited<ReturnType<Client['config']['credentials']>>,
  request: CheckRequest,
  check: Check,
): Promise<void> {
  const endpoints = await check('endpoints', async () => {
    const found = await findEndpoints(client, arn);
    return [`${found.wss} and ${found.https}`, found];
  });
  if (endpoints === null) return;
  await check('clock', async () => [await clockSkew(endpoints.https), null]);
  await check('websocket', async () => {
    const parameters = { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': `check-${process.pid}` };
    const signing = { key: plainKeys(keys), region, now: Date.now(), expiresIn: 60 };
    await openSocket(await presignUrl(endpoints.wss, parameters, signing));
    return ['signed in as a viewer', null];
  });
  const servers = await check('ice', async () => {
    const found = await findIceServers(client, endpoints.https, arn);
    return [`${found.length} relay servers`, found];
  });
  // The local service has no STUN server of its own, and needs none.
  if (new URL(endpoints.https).hostname.endsWith('.amazonaws.com')) {
    const host = `stun.kinesisvideo.${region}.amazonaws.com`;
    await check('stun', async () => {
      await bind({ scheme: 'stun', host, port: 443, transport: 'udp' });
      return [host, null];
    });
  }
  await checkRelays(servers ?? [], check);
}

/** One of each kind is enough: the servers are alike. */
async function checkRelays(servers: readonly IceServer[], check: Check): Promise<void> {
  const kinds = { 'turn udp': ['turn', 'udp'], 'turn tls': ['turns', 'tcp'] } as const;
  for (const [name, [scheme, transport]] of Object.entries(kinds)) {
    const found = servers
      .flatMap((server) => server.urls.map((url) => ({ server, at: parseServer(url), url })))
      .find(({ at }) => at?.scheme === scheme && at.transport === transport);
    const at = found?.at;
    if (found === undefined || at === undefined || at === null) continue;
    await check(name, async () => {
      try {
        await allocate(at, found.server);
      } catch (cause) {
        throw new LaunchError('network', `${found.url}: ${messageOf(cause)}`, {
          hint:
            scheme === 'turn'
              ? 'UDP may be blocked on the way; TLS will do where that passes'
              : 'TCP port 443 to the outside has to be open',
          cause,
        });
      }
      return [`a relay at ${found.url}`, null];
    });
  }
}

const MOST_SKEW_MS = 5 * 60_000;

async function clockSkew(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  const there = Date.parse(answer.headers.get('date') ?? '');
  if (Number.isNaN(there)) return 'the service does not tell its time';
  const skew = Date.now() - there;
  const said = `${duration(Math.abs(skew))} from the service's`;
  if (Math.abs(skew) < MOST_SKEW_MS) return said;
  throw new LaunchError('clock', `the clock is ${said}`, { hint: 'set the clock of this machine' });
}

/** Resolves once it was open; the seat is given back. */
async function openSocket(url: string): Promise<void> {
  const socket = new WebSocket(url, { handshakeTimeout: 10_000 });
  try {
    await once(socket, 'open');
  } finally {
    socket.on('error', () => undefined);
    socket.close();
  }
}
