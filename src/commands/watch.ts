/* A page that plays a channel. It is given signed addresses; the keys stay in this process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describeChannel } from '../aws/channels.ts';
import { createClient, plainKeys, toLaunchError } from '../aws/client.ts';
import type { Client } from '../aws/client.ts';
import { findEndpoints, findIceServers } from '../aws/signaling.ts';
import type { Endpoints } from '../aws/signaling.ts';
import type { WatchRequest } from '../request.ts';
import type { Streams } from '../control/console.ts';
import { LaunchError, messageOf } from '../errors.ts';
import { awaited } from '../patience.ts';
import { printable, printableJson } from '../report/report.ts';
import type { Lines } from '../report/report.ts';
import { channelNotFound, ServiceError } from '../service/errors.ts';
import type { ViewerSession } from '../service/page.ts';
import { presignUrl } from '../service/sigv4.ts';
import { servePage } from '../watch/server.ts';

export interface WatchContext {
  readonly print: (lines: Lines) => void;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

/** A channel that a viewer can sign in to. */
interface Seat {
  readonly name: string;
  readonly arn: string;
  readonly endpoints: Endpoints;
}

/**
 * Serves the page until `signal`. Whatever is wrong with channel, keys or region is found before
 * anything is served, and rejects with LaunchError.
 */
export async function runWatch(request: WatchRequest, context: WatchContext): Promise<void> {
  const { channel, port, output } = request;
  const { print, signal } = context;
  const client = createClient(request);
  try {
    const found = await awaited(findSeat(client, channel), `looking for ${channel}`, context);
    if (found === null) return;
    let seat = found;
    const openSession = async (name: string, clientId: string): Promise<ViewerSession> => {
      if (name !== seat.name) throw channelNotFound();
      try {
        return await createSession(client, seat, clientId);
      } catch {
        // it may be another channel of the same name by now, or have moved
        seat = await findSeat(client, channel);
        return createSession(client, seat, clientId);
      }
    };
    const page = await servePage(port, {
      endpoint: () => seat.endpoints.wss,
      openSession: (name, clientId) => openSession(name, clientId).catch(refuse),
    });
    try {
      const url = `${page.url}?channel=${encodeURIComponent(seat.name)}`;
      const told = { event: 'watch', channel: seat.name, channelArn: seat.arn, url };
      const line = { time: new Date().toISOString(), ...told };
      print({ out: [output.json ? printableJson(line) : `watch at ${url}`], err: [] });
      if (request.open) openBrowser(page.once(url), print);
      if (!signal.aborted) await once(signal, 'abort');
    } finally {
      await page.close();
    }
  } finally {
    client.destroy();
  }
}

/** All that a session needs, tried once: so a permission that is missing is known before. */
async function findSeat(client: Client, channel: string): Promise<Seat> {
  try {
    const { name, arn, status } = await describeChannel(client, channel);
    if (status !== 'ACTIVE') {
      throw new LaunchError('channel', `channel "${channel}" is ${status}`, {
        hint: 'try again when it is ACTIVE',
      });
    }
    const endpoints = await findEndpoints(client, arn, 'viewer');
    await findIceServers(client, endpoints.https, arn);
    return { name, arn, endpoints };
  } catch (cause) {
    throw toLaunchError(`channel "${channel}" cannot be watched`, cause);
  }
}

/** Seconds; the page connects at once. */
const SIGNED_FOR = 60;

async function createSession(
  client: Client,
  { arn, endpoints }: Seat,
  clientId: string,
): Promise<ViewerSession> {
  const [region, keys, servers] = await Promise.all([
    client.config.region(),
    client.config.credentials(),
    findIceServers(client, endpoints.https, arn, clientId),
  ]);
  const parameters = { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': clientId };
  const url = await presignUrl(endpoints.wss, parameters, {
    key: plainKeys(keys),
    region,
    // the SDK learns from each answer how far this machine's clock is from the service's
    now: Date.now() + client.config.systemClockOffset,
    expiresIn: SIGNED_FOR,
  });
  return {
    region,
    channelArn: arn,
    endpoint: endpoints.wss,
    url,
    iceServers: servers.map(({ urls, username, password }) => ({
      urls,
      username,
      credential: password,
    })),
  };
}

/** In the words of the page: it waits for a channel that is gone, and shows what else is wrong. */
function refuse(cause: unknown): never {
  if (cause instanceof ServiceError) throw cause;
  const error = toLaunchError('signing in', cause);
  if (error.code === 'channel') throw channelNotFound();
  const hint = error.hint === undefined ? '' : `; ${error.hint}`;
  throw new ServiceError('SessionException', 502, printable(`${error.message}${hint}.`));
}

function openBrowser(url: string, print: WatchContext['print']): void {
  const fail = (reason: string): void => {
    const line = `kvswebrtc-launch: warning: no browser can be opened: ${printable(reason)}`;
    print({ out: [], err: [line] });
  };
  const opener = spawn('xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', (error) => {
    fail(`${messageOf(error)}; apt-get install xdg-utils`);
  });
  opener.on('exit', (code) => {
    if (code !== null && code !== 0) fail(`xdg-open ended with ${code}`);
  });
  opener.unref();
}
