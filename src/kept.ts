/* The file of `local --persist`: the channels and the key of the local service, for its next run. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LaunchError, messageOf } from './errors.ts';
import type { Channel } from './service/channels.ts';
import { isFields, namePattern } from './service/fields.ts';
import type { Fields } from './service/fields.ts';

export interface Kept {
  readonly region: string;
  readonly accessKeyId: string;
  /** Why the file is its owner's alone. */
  readonly secretAccessKey: string;
  readonly channels: readonly Channel[];
}

const VERSION = 1;

/** Null where there is no file yet. Rejects with LaunchError `settings`, which says nothing of what is in the file. */
export async function readKept(file: string): Promise<Kept | null> {
  let text;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw fault(file, `cannot be read: ${messageOf(cause)}`, 'name a file that may be read', cause);
  }
  const wrong = (what: string) => fault(file, what, 'correct it, or move it away to begin anew');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Node's own words quote the place, and the secret key may stand there
    throw wrong('is not JSON');
  }
  return parseKept(content, wrong);
}

function parseKept(content: unknown, wrong: (what: string) => LaunchError): Kept {
  if (!isFields(content) || content.version !== VERSION) {
    throw wrong(`was not written by --persist of this version`);
  }
  const { channels } = content;
  if (!Array.isArray(channels)) throw wrong('has no list "channels"');
  const text = (name: string): string => {
    const value = content[name];
    if (typeof value !== 'string' || value === '') throw wrong(`has no "${name}"`);
    return value;
  };
  const parsed = channels.map((value: unknown, place) => {
    const channel = isFields(value) ? parseChannel(value) : null;
    if (channel === null) throw wrong(`has a channel that is of no use, number ${place + 1}`);
    return channel;
  });
  if (new Set(parsed.map(({ name }) => name)).size < parsed.length) {
    throw wrong('has two channels of one name');
  }
  return {
    region: text('region'),
    accessKeyId: text('accessKeyId'),
    secretAccessKey: text('secretAccessKey'),
    channels: parsed,
  };
}

function parseChannel(fields: Fields): Channel | null {
  const { name, arn, created, messageTtlSeconds, version, tags } = fields;
  const createdAt = Date.parse(String(created));
  if (typeof name !== 'string' || !namePattern.test(name)) return null;
  if (typeof arn !== 'string' || arn.split('/')[1] !== name) return null;
  if (!Number.isInteger(createdAt) || typeof version !== 'string') return null;
  if (typeof messageTtlSeconds !== 'number' || !isFields(tags)) return null;
  const pairs = Object.entries(tags).map(([key, value]): [string, string] => [key, String(value)]);
  return { name, arn, createdAt, messageTtlSeconds, version, tags: new Map(pairs) };
}

/**
 * Writes beside the file and moves it there: whoever reads finds the old one or the new one, whole.
 * Throws LaunchError `settings`.
 */
export function writeKept(file: string, { channels, ...kept }: Kept): void {
  const listed = channels.map(({ createdAt, tags, ...channel }) => ({
    ...channel,
    created: new Date(createdAt).toISOString(),
    tags: Object.fromEntries(tags),
  }));
  const text = JSON.stringify({ version: VERSION, ...kept, channels: listed }, null, 2);
  try {
    replace(followed(file), `${text}\n`);
  } catch (cause) {
    const hint = 'name a file in a directory that may be written to';
    throw fault(file, `cannot be written: ${messageOf(cause)}`, hint, cause);
  }
}

function replace(file: string, text: string): void {
  const beside = `${file}.${process.pid}.new`;
  rmSync(beside, { force: true });
  try {
    const descriptor = openSync(beside, 'wx', 0o600);
    try {
      writeFileSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(beside, file);
  } finally {
    rmSync(beside, { force: true });
  }
}

/** Behind symbolic links, which stay such. */
export function followed(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    // There is no file yet, but it has a directory, or it cannot be written.
    const directory = dirname(resolve(file));
    return existsSync(directory) ? join(realpathSync(directory), basename(file)) : resolve(file);
  }
}

function fault(file: string, message: string, hint: string, cause?: unknown): LaunchError {
  return new LaunchError('settings', `the file ${file} ${message}`, { hint, cause });
}
