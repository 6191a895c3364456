/* The doctor: every stage on the way to a picture, one after the other. */
import { createChannel, describeChannel, listChannels } from '../aws/channels.ts';
import type { Channel } from '../aws/channels.ts';
import { CLOCK_HINT, createClient, noteAnswers, plainKeys, toLaunchError } from '../aws/client.ts';
import type { GivenKeys } from '../aws/client.ts';
import { findIdentity, sourceOf } from '../aws/identity.ts';
import type { Client } from '../aws/client.ts';
import { findEndpoints, findIceServers } from '../aws/signaling.ts';
import { describeCameras, describeEncoders } from '../check/machine.ts';
import { describeRefusal, neededFor } from '../check/permission.ts';
import type { Permission } from '../check/permission.ts';
import { allocate, bind, isReachableByIce, parseServer } from '../check/relay.ts';
import type { IceServer } from '../check/relay.ts';
import { signIn } from '../check/socket.ts';
import type { CheckRequest, Role } from '../request.ts';
import { LaunchError, messageOf } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { loadRuntime } from '../gst/plugin.ts';
import { awaited } from '../patience.ts';
import { printable, printableJson } from '../report/report.ts';
import type { Lines } from '../report/report.ts';
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
  /** Of what is wrong. */
  readonly code?: ErrorCode;
  readonly hint?: string | undefined;
  /** What the keys have to be allowed for it, as IAM calls it. */
  readonly permission?: string | undefined;
}

/** Checks what there is to check and tells each as it is done. Rejects with LaunchError when something is wrong. */
export async function runCheck(request: CheckRequest, context: CheckContext): Promise<void> {
  const results: Result[] = [];
  const check: Check = async (name, work, permission) => {
    if (context.signal.aborted) return null;
    const started = performance.now();
    const outcome = await awaited(settle(name, work, permission), name, context);
    if (outcome === null) return null;
    const result = { check: name, ms: Math.round(performance.now() - started), ...outcome.result };
    results.push(result);
    context.print({ out: [request.output.json ? printableJson(result) : line(result)], err: [] });
    return outcome.value;
  };
  await checkMachine(check);
  await checkService(request, check);
  const wrong = results.filter(({ ok }) => !ok);
  const [first] = wrong;
  if (first === undefined) {
    const isWhole = !context.signal.aborted;
    if (request.channel === null && isWhole) context.print({ out: [], err: [MORE] });
    return;
  }
  const more = wrong.length === 1 ? '' : ` and ${wrong.length - 1} more`;
  throw new LaunchError(first.code ?? 'service', `${first.check}${more} failed: ${first.detail}`, {
    hint: first.hint,
  });
}

const MORE =
  'kvswebrtc-launch: hint: with the name of a channel behind it, check tries signaling and relays, too';

/** Resolves with what was found, or null when that failed. */
type Check = <Value>(
  name: string,
  work: () => Promise<readonly [string, Value]>,
  permission?: Permission,
) => Promise<Value | null>;

interface Outcome<Value> {
  readonly result: Pick<Result, 'ok' | 'code' | 'detail' | 'hint' | 'permission'>;
  readonly value: Value | null;
}

async function settle<Value>(
  name: string,
  work: () => Promise<readonly [string, Value]>,
  permission: Permission | undefined,
): Promise<Outcome<Value>> {
  const about = permission === undefined ? {} : { permission: permission.action };
  try {
    const [detail, value] = await work();
    return { result: { ok: true, detail, ...about }, value };
  } catch (cause) {
    const error = toLaunchError(name, cause);
    if (permission !== undefined && error.code === 'permission') {
      return {
        result: { ok: false, code: error.code, ...describeRefusal(permission), ...about },
        value: null,
      };
    }
    const detail = cause instanceof LaunchError ? error.message : messageOf(cause);
    return {
      result: { ok: false, code: error.code, detail, hint: error.hint, ...about },
      value: null,
    };
  }
}

function line({ check, ok, ms, detail, hint, permission }: Result): string {
  const remedy = hint === undefined ? '' : `; ${hint}`;
  const allowed = ok && permission !== undefined ? ` (${permission})` : '';
  const said = printable(`${detail}${allowed}${remedy}`);
  return `${ok ? '✓' : '✗'} ${check.padEnd(12)} ${duration(ms).padStart(8)}  ${said}`;
}

async function checkMachine(check: Check): Promise<void> {
  const runtime = await check('gstreamer', async () => {
    const found = await loadRuntime();
    return [`${found.version}, kinesiswebrtcbin is there`, found];
  });
  if (runtime === null) return;
  await check('encoders', () => Promise.resolve([describeEncoders(runtime.elementNames()), null]));
  await check('camera', () => Promise.resolve([describeCameras(), null]));
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
    if (request.channel === null) await checkRegion(client, region, check);
    else await checkChannel(client, { ...request, channel: request.channel, region, keys }, check);
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

/** What can be known without a channel. */
async function checkRegion(client: Client, region: string, check: Check): Promise<void> {
  const answer = noteAnswers(client);
  await check('service', async () => [await tryListing(client), null]);
  const { host, date } = answer;
  if (host === null) return;
  await check('clock', () => Promise.resolve([clockSkew(date), null]));
  await checkStun(host, region, check);
}

/** Keys that may list no channels are good keys. */
async function tryListing(client: Client): Promise<string> {
  const names: string[] = [];
  try {
    for await (const { name } of listChannels(client, undefined)) names.push(name);
  } catch (cause) {
    if (toLaunchError('channels', cause).code !== 'permission') throw cause;
    return 'it answers; kinesisvideo:ListSignalingChannels is not allowed, and only channels list needs it';
  }
  const count = names.length === 1 ? 'is one channel' : `are ${names.length} channels`;
  return `it answers; there ${count}`;
}

interface Subject {
  /** Name or ARN. */
  readonly channel: string;
  readonly role: Role;
  readonly region: string;
  readonly keys: GivenKeys;
}

async function checkChannel(client: Client, subject: Subject, check: Check): Promise<void> {
  const { channel, role, region, keys } = subject;
  const known = await check(
    'channel',
    async () => {
      const found = await describeChannel(client, channel);
      return [`${found.arn} is ${found.status}`, found];
    },
    neededFor('DescribeSignalingChannel', channel),
  );
  // The calls below take nothing but an ARN, which may have been given.
  const arn = known?.arn ?? (channel.startsWith('arn:') ? channel : null);
  if (arn === null) return;
  if (role === 'master' && known !== null) await checkCreating(client, known, check);
  const endpoints = await check(
    'endpoints',
    async () => {
      const found = await findEndpoints(client, arn, role);
      return [`${found.wss} and ${found.https}`, found];
    },
    neededFor('GetSignalingChannelEndpoint', arn),
  );
  if (endpoints === null) return;
  await check('clock', async () => [await askTime(endpoints.https), null]);
  await check(
    'websocket',
    async () => {
      const client = role === 'viewer' ? { 'X-Amz-ClientId': `check-${process.pid}` } : {};
      const parameters = { 'X-Amz-ChannelARN': arn, ...client };
      const signing = { key: plainKeys(keys), region, now: Date.now(), expiresIn: 60 };
      await signIn(await presignUrl(endpoints.wss, parameters, signing));
      return [`signed in as ${role}`, null];
    },
    neededFor(role === 'viewer' ? 'ConnectAsViewer' : 'ConnectAsMaster', arn),
  );
  const servers = await check(
    'ice',
    async () => {
      const found = await findIceServers(client, endpoints.https, arn);
      return [`${found.length} relay servers`, found];
    },
    neededFor('GetIceServerConfig', arn),
  );
  await checkStun(new URL(endpoints.https).hostname, region, check);
  await checkRelays(servers ?? [], check);
}

/**
 * A channel that is there cannot be made again, and that is said only to those who may make one. A master
 * needs it only where there is none.
 */
async function checkCreating(client: Client, { name, arn }: Channel, check: Check): Promise<void> {
  const permission = neededFor('CreateSignalingChannel', arn);
  await check('creating', async () => {
    const code = await createChannel(client, name, {}, null).then(
      () => null,
      (cause: unknown) => toLaunchError('channel', cause).code,
    );
    return code === 'permission'
      ? [`${permission.action} is not allowed, and not needed while the channel is there`, null]
      : [`${permission.action} is allowed`, null];
  });
}

/** The local service has no STUN server of its own, and needs none. */
async function checkStun(service: string, region: string, check: Check): Promise<void> {
  if (!service.endsWith('.amazonaws.com')) return;
  const host = `stun.kinesisvideo.${region}.amazonaws.com`;
  await check('stun', async () => {
    await bind({ scheme: 'stun', host, port: 443, transport: 'udp' });
    return [host, null];
  });
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
      const unused = isReachableByIce(at)
        ? ''
        : ', of no use to ICE, which sends nothing to loopback';
      return [`a relay at ${found.url}${unused}`, null];
    });
  }
}

const MOST_SKEW_MS = 5 * 60_000;

async function askTime(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return clockSkew(answer.headers.get('date'));
}

/** `date` as in HTTP, of now. */
function clockSkew(date: string | null): string {
  const there = Date.parse(date ?? '');
  if (Number.isNaN(there)) return 'the service does not tell its time';
  const skew = Date.now() - there;
  const said = `${duration(Math.abs(skew))} from the service's`;
  if (Math.abs(skew) < MOST_SKEW_MS) return said;
  throw new LaunchError('clock', `the clock is ${said}`, { hint: CLOCK_HINT });
}
