import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  createChannel,
  deleteChannel,
  describeChannel,
  listChannels,
  tagsOf,
} from '../aws/channels.ts';
import type { Channel } from '../aws/channels.ts';
import { createClient, toLaunchError } from '../aws/client.ts';
import type { Client } from '../aws/client.ts';
import type { ChannelsRequest } from '../request.ts';
import type { Streams } from '../control/console.ts';
import { LaunchError } from '../errors.ts';
import { printable, printableJson } from '../report/report.ts';
import type { Lines } from '../report/report.ts';
import { awaited } from '../patience.ts';
import { tableLines } from '../report/table.ts';

export interface CommandContext {
  readonly print: (lines: Lines) => void;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

/** Lists, creates, describes or deletes channels. Rejects with LaunchError. */
export async function runChannels(
  request: ChannelsRequest,
  context: CommandContext,
): Promise<void> {
  const client = createClient(request);
  try {
    switch (request.verb) {
      case 'list':
        await list(client, request, context);
        break;
      case 'create':
        await create(client, request, context);
        break;
      case 'describe':
        await describe(client, request, context);
        break;
      case 'delete':
        await remove(client, request, context);
        break;
      default:
        request.verb satisfies never;
    }
  } finally {
    client.destroy();
  }
}

/** Objects go out page by page; a table needs all of them. */
async function list(
  client: Client,
  { prefix, output }: ChannelsRequest,
  context: CommandContext,
): Promise<void> {
  const { print, signal } = context;
  const rows: string[][] = [['NAME', 'STATUS', 'CREATED', 'ARN']];
  const read = async () => {
    for await (const channel of listChannels(client, prefix)) {
      if (signal.aborted) return false;
      if (output.json) print({ out: [printableJson(channel)], err: [] });
      else rows.push([channel.name, channel.status, channel.created, channel.arn].map(printable));
    }
    return true;
  };
  try {
    const isWhole = await awaited(read(), output.json ? null : 'looking for channels', context);
    if (isWhole !== true || output.json) return;
  } catch (error) {
    throw toLaunchError('channels cannot be listed', error);
  }
  if (rows.length > 1) print({ out: tableLines(rows, new Set()), err: [] });
  else print({ out: [], err: ['there are no channels'] });
}

async function describe(
  client: Client,
  { name, output }: ChannelsRequest,
  context: CommandContext,
): Promise<void> {
  const read = async () => {
    const channel = await describeChannel(client, name);
    return { channel, tags: await tagsOf(client, channel.arn) };
  };
  try {
    const found = await awaited(read(), `looking for ${name}`, context);
    if (found === null) return;
    const { channel, tags } = found;
    context.print({
      out: output.json ? [printableJson({ ...channel, tags })] : lines(channel, tags),
      err: [],
    });
  } catch (error) {
    throw toLaunchError(`channel "${name}" cannot be described`, error);
  }
}

function lines(channel: Channel, tags: Readonly<Record<string, string>>): readonly string[] {
  const { name, arn, status, type, created, messageTtlSeconds } = channel;
  const rows = [
    ['name', name],
    ['arn', arn],
    ['status', status],
    ['type', type],
    ['created', created],
    ['message ttl', messageTtlSeconds === null ? '-' : `${messageTtlSeconds} s`],
    ...Object.entries(tags).map(([key, value]) => ['tag', `${key}=${value}`]),
  ];
  return tableLines(
    rows.map((row) => row.map(printable)),
    new Set(),
  );
}

/** Resolves once the channel is ACTIVE. */
async function create(
  client: Client,
  { name, tags, ttl, output }: ChannelsRequest,
  context: CommandContext,
): Promise<void> {
  const make = async () => {
    await createChannel(client, name, tags, ttl);
    return untilActive(client, name, context.signal);
  };
  try {
    const channel = await awaited(make(), `creating channel ${name}`, context);
    if (channel === null) return;
    const out = output.json ? printableJson({ ...channel, tags }) : channel.arn;
    context.print({ out: [out], err: [] });
  } catch (error) {
    throw toLaunchError(`channel "${name}" cannot be created`, error);
  }
}

const POLL_MS = 500;
const ACTIVE_LIMIT_MS = 60_000;

/** Null when the user has stopped waiting. */
async function untilActive(
  client: Client,
  name: string,
  signal: AbortSignal,
): Promise<Channel | null> {
  for (const end = performance.now() + ACTIVE_LIMIT_MS; ;) {
    const channel = await describeChannel(client, name);
    if (channel.status === 'ACTIVE') return channel;
    if (performance.now() > end) {
      throw new LaunchError('channel', `channel "${name}" is still ${channel.status} after 60 s`, {
        hint: `"kvswebrtc-launch channels describe ${name}" shows how it gets on`,
      });
    }
    try {
      await sleep(POLL_MS, undefined, { signal });
    } catch {
      return null;
    }
  }
}

async function remove(
  client: Client,
  { name, yes, output }: ChannelsRequest,
  context: CommandContext,
): Promise<void> {
  const { print, streams, signal } = context;
  try {
    const found = await awaited(describeChannel(client, name), `looking for ${name}`, context);
    if (found === null) return;
    const { arn } = found;
    if (
      !yes &&
      !(await confirmed(`delete channel ${arn}? Nobody can use it then [y/N] `, streams, signal))
    ) {
      print({ out: [], err: ['nothing is deleted'] });
      return;
    }
    // Not left once it is on its way: whether it is deleted is to be known.
    await deleteChannel(client, arn);
    print({ out: [output.json ? printableJson({ deleted: arn }) : `deleted ${arn}`], err: [] });
  } catch (error) {
    throw toLaunchError(`channel "${name}" cannot be deleted`, error);
  }
}

/** Throws LaunchError `usage` where nobody can be asked. */
async function confirmed(
  question: string,
  { stdin, stderr }: Streams,
  signal: AbortSignal,
): Promise<boolean> {
  if (!stdin.isTTY) {
    throw new LaunchError('usage', 'nobody is there to confirm that it is to be deleted', {
      hint: 'give --yes where that is meant',
    });
  }
  const lines = createInterface({ input: stdin, output: stderr });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^y(es)?$/i.test((await lines.question(question, { signal })).trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}
