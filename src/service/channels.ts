import { randomBytes } from 'node:crypto';
import { channelNotFound, ServiceError } from './errors.ts';

export type ChannelStatus = 'ACTIVE' | 'CREATING';

export interface Channel {
  readonly name: string;
  readonly arn: string;
  readonly messageTtlSeconds: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Changes with every update; a delete or an update may name it. */
  readonly version: string;
  readonly tags: ReadonlyMap<string, string>;
}

export interface ChannelStoreOptions {
  readonly region: string;
  readonly accountId: string;
  readonly creatingMs: number;
  readonly channels: number;
  /** Those that are there from the start. */
  readonly kept: readonly Channel[];
  /** Is given all of them before a change takes effect; what it throws prevents that. */
  readonly keep: (channels: readonly Channel[]) => void;
}

/** Of a channel that names no other. */
export const DEFAULT_TTL_SECONDS = 60;

/** The account's signaling channels. */
export interface ChannelStore {
  create(
    settings: { name: string; messageTtlSeconds: number; tags: ReadonlyMap<string, string> },
    now: number,
  ): Channel;
  find(id: { name?: string | undefined; arn?: string | undefined }): Channel;
  /** In order of creation. */
  list(): readonly Channel[];
  status(channel: Channel, now: number): ChannelStatus;
  update(channel: Channel, values: Partial<Pick<Channel, 'messageTtlSeconds' | 'tags'>>): Channel;
  remove(channel: Channel): void;
}

export function createChannelStore(options: ChannelStoreOptions): ChannelStore {
  let byName: ReadonlyMap<string, Channel> = new Map(
    options.kept.map((channel) => [channel.name, channel]),
  );
  const change = (edit: (channels: Map<string, Channel>) => void): void => {
    const next = new Map(byName);
    edit(next);
    options.keep([...next.values()]);
    byName = next;
  };
  return {
    create: ({ name, messageTtlSeconds, tags }, now) => {
      if (byName.has(name)) {
        throw new ServiceError(
          'ResourceInUseException',
          400,
          `The channel ${name} already exists.`,
        );
      }
      if (byName.size >= options.channels) {
        throw new ServiceError(
          'AccountChannelLimitExceededException',
          400,
          'The account has reached its number of active signaling channels.',
        );
      }
      const arn = `${arnPrefix(options)}:channel/${name}/${now}`;
      const version = newVersion();
      const channel = { name, arn, messageTtlSeconds, createdAt: now, version, tags };
      change((channels) => channels.set(name, channel));
      return channel;
    },
    find: ({ name, arn }) => {
      const found = byName.get(name ?? arn?.split('/')[1] ?? '');
      if (found === undefined || (arn !== undefined && found.arn !== arn)) {
        throw channelNotFound();
      }
      return found;
    },
    list: () => [...byName.values()],
    status: (channel, now) =>
      now < channel.createdAt + options.creatingMs ? 'CREATING' : 'ACTIVE',
    update: (channel, values) => {
      const updated = { ...channel, ...values, version: newVersion() };
      change((channels) => channels.set(channel.name, updated));
      return updated;
    },
    remove: (channel) => {
      change((channels) => channels.delete(channel.name));
    },
  };
}

/** `arn:aws:kinesisvideo:us-west-2:111122223333` */
export function arnPrefix({ region, accountId }: { region: string; accountId: string }): string {
  return `arn:aws:kinesisvideo:${region}:${accountId}`;
}

function newVersion(): string {
  return randomBytes(15)
    .toString('base64')
    .replace(/[^a-zA-Z0-9]/g, 'x');
}
