import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isReachableByIce, parseServer } from '../check/relay.ts';
import type { LocalRequest } from '../request.ts';
import type { Environment } from '../config.ts';
import { LaunchError, messageOf } from '../errors.ts';
import { followed, readKept, writeKept } from '../kept.ts';
import { startLocalService } from '../local.ts';
import { lockFile } from '../lock.ts';
import { TURN_SECRET_VARIABLE } from '../options.ts';
import { printable } from '../report/report.ts';
import type { Lines } from '../report/report.ts';
import { randomKey } from '../service/keys.ts';
import type { Service, ServiceEvent, ServiceOptions, TurnServer } from '../service/index.ts';
import { DEFAULT_REGION } from '../service/options.ts';

export interface LocalContext {
  readonly env: Environment;
  readonly print: (lines: Lines) => void;
  readonly signal: AbortSignal;
}

/** Runs the local service alone, until `signal`. */
export async function runLocal(request: LocalRequest, context: LocalContext): Promise<void> {
  const { persist } = request;
  // What two programs kept in one file, each would undo of the other.
  const unlock = persist === undefined ? null : await lockFile(followed(persist));
  try {
    await serve(request, context);
  } finally {
    unlock?.();
  }
}

async function serve(request: LocalRequest, { env, print, signal }: LocalContext): Promise<void> {
  const { port, region, tlsCert, tlsKey } = request;
  const onEvent = (event: ServiceEvent): void => {
    if (event.type !== 'failure') return;
    const said = printable(messageOf(event.error));
    print({ out: [], err: [`kvswebrtc-launch: warning: a client was answered 500: ${said}`] });
  };
  const service = await startLocalService({
    port,
    ...(region === undefined ? {} : { region }),
    ...(tlsCert === undefined ? {} : { tlsCert }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
    ...(await persisted(request)),
    turn: await relays(request, env),
    onEvent,
  });
  const unused = request.turn.filter((url) => !isUsable(url));
  if (unused.length > 0) {
    const said = `${unused.join(', ')} is of no use to ICE, which sends nothing to loopback; name an address of this machine on a network`;
    print({ out: [], err: [`kvswebrtc-launch: warning: ${said}`] });
  }
  try {
    const out = request.output.json
      ? [JSON.stringify(describe(service, request))]
      : exportLines(service, request);
    print({ out, err: [] });
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await service.close();
  }
}

/** What an earlier run has left, and how it is kept for the next. Writes at once, to know that it can. */
async function persisted({ persist, region }: LocalRequest): Promise<ServiceOptions> {
  if (persist === undefined) return {};
  const kept = (await readKept(persist)) ?? {
    ...randomKey(),
    region: region ?? DEFAULT_REGION,
    channels: [],
  };
  if (region !== undefined && region !== kept.region) {
    throw new LaunchError('usage', `the channels in ${persist} are of the region ${kept.region}`, {
      hint: 'leave --region out, or keep those of another region in a file of their own',
    });
  }
  const { accessKeyId, secretAccessKey } = kept;
  const keep: NonNullable<ServiceOptions['keep']> = (channels) => {
    writeKept(persist, { ...kept, channels });
  };
  keep(kept.channels);
  return {
    region: kept.region,
    credentials: { accessKeyId, secretAccessKey },
    kept: kept.channels,
    keep,
  };
}

async function relays(
  { turn, turnSecretFile }: LocalRequest,
  env: Environment,
): Promise<readonly TurnServer[]> {
  if (turn.length === 0) return [];
  const wrong = turn.find((url) => !(parseServer(url)?.scheme.startsWith('turn') ?? false));
  if (wrong !== undefined) {
    throw new LaunchError('usage', `--turn takes addresses of relays, not "${wrong}"`, {
      hint: 'such as turn:192.0.2.1:3478?transport=udp or turns:turn.example.com:443?transport=tcp',
    });
  }
  const secret =
    turnSecretFile === undefined ? env[TURN_SECRET_VARIABLE] : await readSecret(turnSecretFile);
  if (secret === undefined || secret === '') {
    throw new LaunchError('usage', '--turn needs the secret of the relays', {
      hint: `set ${TURN_SECRET_VARIABLE}, or give --turn-secret-file FILE`,
    });
  }
  return [{ urls: turn, secret }];
}

function isUsable(url: string): boolean {
  const address = parseServer(url);
  return address === null || isReachableByIce(address);
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const message = `the secret of the relays cannot be read: ${messageOf(cause)}`;
    throw new LaunchError('usage', message, { hint: 'name a file that may be read', cause });
  }
}

function describe(service: Service, { channel }: LocalRequest): Readonly<Record<string, unknown>> {
  const { accessKeyId, secretAccessKey } = service.credentials;
  return {
    time: new Date().toISOString(),
    event: 'local',
    endpoint: service.url,
    port: service.port,
    region: service.region,
    accessKeyId,
    secretAccessKey,
    channel,
    watch: service.watchUrl(channel),
  };
}

/** Lines to paste into another terminal. What is unset there would get in the way of the keys. */
function exportLines(service: Service, { channel, tlsCert }: LocalRequest): readonly string[] {
  const { accessKeyId, secretAccessKey } = service.credentials;
  return [
    `export AWS_ENDPOINT_URL_KINESIS_VIDEO=${quote(service.url)}`,
    `export AWS_REGION=${quote(service.region)}`,
    `export AWS_ACCESS_KEY_ID=${quote(accessKeyId)}`,
    `export AWS_SECRET_ACCESS_KEY=${quote(secretAccessKey)}`,
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
    ...(tlsCert === undefined
      ? []
      : [`export AWS_CA_BUNDLE=${quote(resolve(tlsCert))}  # if the certificate is self-signed`]),
    `# watch ${channel} at ${service.watchUrl(channel)}`,
  ];
}

function quote(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
