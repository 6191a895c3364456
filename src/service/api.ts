/**
 * The REST calls: a table from path to what it does. Everything here is plain values in and out;
 * signatures were checked before, HTTP happens around it.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/API_Operations.html
 */
import {
  accessDenied,
  channelNotFound,
  invalidArgument,
  ServiceError,
  throttled,
} from './errors.ts';
import { createBuckets } from './bucket.ts';
import { arnPrefix, DEFAULT_TTL_SECONDS } from './channels.ts';
import type { Channel, ChannelStore } from './channels.ts';
import {
  isFields,
  need,
  optionalArn,
  optionalChoice,
  optionalFields,
  optionalInteger,
  optionalList,
  optionalMatch,
  optionalName,
  optionalString,
} from './fields.ts';
import type { Fields } from './fields.ts';
import { iceServers } from './ice.ts';
import type { TurnServer } from './ice.ts';
import type { Key } from './keys.ts';
import type { Limits } from './limits.ts';

export interface ApiOptions {
  readonly region: string;
  readonly accountId: string;
  readonly limits: Limits;
  readonly turn: readonly TurnServer[];
  readonly store: ChannelStore;
  /** `ws://127.0.0.1:8080` and `http://127.0.0.1:8080`, known once the service listens. */
  readonly endpoints: () => { readonly wss: string; readonly https: string };
  /** Called when a channel is no more. */
  readonly onDeleted: (channel: Channel) => void;
}

export interface Api {
  /** The action's name, or undefined for a path that is none. */
  actionOf(path: string): string | undefined;
  /** Performs the call for a signed-in key; throws a ServiceError. */
  call(path: string, fields: Fields, key: Key, now: number): object;
  /** Throws AccessDenied where the key may not do that to the channel. */
  authorize(key: Key, action: string, channel: { name?: string; arn?: string }): void;
}

interface Operation {
  readonly action: string;
  readonly run: (fields: Fields, now: number) => object;
}

const maxTags = 50;

export function createApi(options: ApiOptions): Api {
  const { limits, store } = options;
  const account = createBuckets(limits.callsPerSecond);
  const describes = createBuckets(limits.describesPerSecond);
  const endpointCalls = createBuckets(limits.endpointsPerSecond);
  const iceConfigs = createBuckets(limits.iceConfigsPerSecond);

  const active = (fields: Fields, now: number, name = 'ChannelARN'): Channel => {
    const channel = store.find({ arn: need(optionalArn(fields, name), name) });
    if (store.status(channel, now) !== 'ACTIVE') throw channelNotFound();
    return channel;
  };
  const byNameOrArn = (fields: Fields): Channel => {
    const name = optionalName(fields, 'ChannelName');
    const arn = optionalArn(fields, 'ChannelARN');
    if (name === undefined && arn === undefined) {
      throw invalidArgument('Either ChannelName or ChannelARN must be specified.');
    }
    return store.find({ name, arn });
  };

  const operations: Readonly<Record<string, Operation>> = {
    '/describeSignalingChannel': {
      action: 'DescribeSignalingChannel',
      run: (fields, now) => {
        const channel = byNameOrArn(fields);
        admit(describes(channel.arn, now), 'DescribeSignalingChannel');
        return { ChannelInfo: channelInfo(channel, store, now) };
      },
    },
    '/createSignalingChannel': {
      action: 'CreateSignalingChannel',
      run: (fields, now) => {
        const name = need(optionalName(fields, 'ChannelName'), 'ChannelName');
        optionalChoice(fields, 'ChannelType', ['SINGLE_MASTER']);
        const messageTtlSeconds = messageTtl(fields) ?? DEFAULT_TTL_SECONDS;
        const tags = new Map(tagList(optionalList(fields, 'Tags') ?? []));
        return { ChannelARN: store.create({ name, messageTtlSeconds, tags }, now).arn };
      },
    },
    '/listSignalingChannels': {
      action: 'ListSignalingChannels',
      run: (fields, now) => listChannels(fields, store, now),
    },
    '/updateSignalingChannel': {
      action: 'UpdateSignalingChannel',
      run: (fields, now) => {
        const channel = active(fields, now);
        checkVersion(channel, need(optionalString(fields, 'CurrentVersion'), 'CurrentVersion'));
        const messageTtlSeconds = messageTtl(fields) ?? channel.messageTtlSeconds;
        store.update(channel, { messageTtlSeconds });
        return {};
      },
    },
    '/deleteSignalingChannel': {
      action: 'DeleteSignalingChannel',
      run: (fields) => {
        const arn = need(optionalArn(fields, 'ChannelARN'), 'ChannelARN');
        const channel = store.find({ arn });
        checkVersion(channel, optionalString(fields, 'CurrentVersion'));
        store.remove(channel);
        options.onDeleted(channel);
        return {};
      },
    },
    '/getSignalingChannelEndpoint': {
      action: 'GetSignalingChannelEndpoint',
      run: (fields, now) => {
        admit(endpointCalls('', now), 'GetSignalingChannelEndpoint');
        active(fields, now);
        return { ResourceEndpointList: endpointList(fields, options.endpoints()) };
      },
    },
    '/describeMediaStorageConfiguration': {
      action: 'DescribeMediaStorageConfiguration',
      run: (fields) => {
        byNameOrArn(fields);
        return { MediaStorageConfiguration: { Status: 'DISABLED', StreamARN: null } };
      },
    },
    '/TagResource': {
      action: 'TagResource',
      run: (fields) => {
        const channel = taggedChannel(fields, store);
        const added = tagList(need(optionalList(fields, 'Tags'), 'Tags'));
        const tags = new Map([...channel.tags, ...added]);
        if (tags.size > maxTags) throw tooManyTags();
        store.update(channel, { tags });
        return {};
      },
    },
    '/UntagResource': {
      action: 'UntagResource',
      run: (fields) => {
        const channel = taggedChannel(fields, store);
        const keys = need(optionalList(fields, 'TagKeyList'), 'TagKeyList');
        const tags = new Map([...channel.tags].filter(([name]) => !keys.includes(name)));
        store.update(channel, { tags });
        return {};
      },
    },
    '/ListTagsForResource': {
      action: 'ListTagsForResource',
      run: (fields) => ({ Tags: Object.fromEntries(taggedChannel(fields, store).tags) }),
    },
    '/v1/get-ice-server-config': {
      action: 'GetIceServerConfig',
      run: (fields, now) => {
        const { arn } = active(fields, now);
        const clientId = optionalName(fields, 'ClientId') ?? 'MASTER';
        optionalChoice(fields, 'Service', ['TURN']);
        optionalMatch(fields, 'Username', /^[a-zA-Z0-9_.-]{1,256}$/);
        admit(iceConfigs(arn, now), 'GetIceServerConfig');
        return { IceServerList: iceServers(options.turn, limits.iceTtlSeconds, clientId, now) };
      },
    },
    '/joinStorageSession': {
      action: 'JoinStorageSession',
      run: (fields, now) => refuseStorage(active(fields, now, 'channelArn')),
    },
    '/joinStorageSessionAsViewer': {
      action: 'JoinStorageSessionAsViewer',
      run: (fields, now) => {
        need(optionalName(fields, 'clientId'), 'clientId');
        return refuseStorage(active(fields, now, 'channelArn'));
      },
    },
  };
  const ownGate = new Set(['/getSignalingChannelEndpoint', '/v1/get-ice-server-config']);

  const authorize: Api['authorize'] = (key, action, { name, arn }) => {
    if (key.denied?.includes(action) !== true) return;
    const { accountId } = options;
    const resource = arn ?? `${arnPrefix(options)}:channel/${name ?? '*'}/*`;
    throw accessDenied(`arn:aws:iam::${accountId}:user/${key.user ?? 'launch'}`, action, resource);
  };
  const operationOf = (path: string): Operation | undefined =>
    Object.hasOwn(operations, path) ? operations[path] : undefined;
  return {
    actionOf: (path) => operationOf(path)?.action,
    authorize,
    call: (path, fields, key, now) => {
      const operation = operationOf(path);
      if (operation === undefined) throw unknownOperation();
      authorize(key, operation.action, namedChannel(fields));
      if (!ownGate.has(path)) admit(account('', now), operation.action);
      return operation.run(fields, now);
    },
  };
}

export function unknownOperation(): ServiceError {
  return new ServiceError('UnknownOperationException', 404, 'Unknown operation.');
}

/** The channel a request names, for the words of a refusal; valid or not. */
function namedChannel(fields: Fields): { name?: string; arn?: string } {
  const arn = optionalString(fields, 'ChannelARN') ?? optionalString(fields, 'channelArn');
  const name = optionalString(fields, 'ChannelName');
  return { ...(arn !== undefined && { arn }), ...(name !== undefined && { name }) };
}

function admit(isAdmitted: boolean, what: string): void {
  if (!isAdmitted) throw throttled(what);
}

function channelInfo(channel: Channel, store: ChannelStore, now: number): object {
  return {
    ChannelARN: channel.arn,
    ChannelName: channel.name,
    ChannelStatus: store.status(channel, now),
    ChannelType: 'SINGLE_MASTER',
    CreationTime: channel.createdAt / 1000,
    SingleMasterConfiguration: { MessageTtlSeconds: channel.messageTtlSeconds },
    Version: channel.version,
  };
}

function messageTtl(fields: Fields): number | undefined {
  const configuration = optionalFields(fields, 'SingleMasterConfiguration') ?? {};
  return optionalInteger(configuration, 'MessageTtlSeconds', [5, 120]);
}

function listChannels(fields: Fields, store: ChannelStore, now: number): object {
  const most = optionalInteger(fields, 'MaxResults', [1, 10_000]) ?? 100;
  const token = optionalString(fields, 'NextToken');
  const condition = optionalFields(fields, 'ChannelNameCondition') ?? {};
  optionalChoice(condition, 'ComparisonOperator', ['BEGINS_WITH']);
  const prefix = optionalName(condition, 'ComparisonValue') ?? '';
  const matching = store.list().filter(({ name }) => name.startsWith(prefix));
  const start = token === undefined ? 0 : pageStart(token, matching);
  const page = matching.slice(start, start + most);
  const last = page.at(-1);
  return {
    ChannelInfoList: page.map((channel) => channelInfo(channel, store, now)),
    ...(last !== undefined &&
      start + page.length < matching.length && {
        NextToken: Buffer.from(last.arn).toString('base64url'),
      }),
  };
}

/** The place after the channel a token names. One deleted in between invalidates the token. */
function pageStart(token: string, channels: readonly Channel[]): number {
  const arn = Buffer.from(token, 'base64url').toString();
  const index = channels.findIndex((channel) => channel.arn === arn);
  if (index < 0) throw invalidArgument('The NextToken is invalid.');
  return index + 1;
}

function checkVersion(channel: Channel, version: string | undefined): void {
  if (version !== undefined && version !== channel.version) {
    throw new ServiceError(
      'VersionMismatchException',
      400,
      'The channel version is not the current one.',
    );
  }
}

function endpointList(
  fields: Fields,
  { wss, https }: { readonly wss: string; readonly https: string },
): object[] {
  const configuration = optionalFields(fields, 'SingleMasterChannelEndpointConfiguration') ?? {};
  optionalChoice(configuration, 'Role', ['MASTER', 'VIEWER']);
  const protocols = optionalList(configuration, 'Protocols') ?? ['WSS', 'HTTPS'];
  if (protocols.length < 1 || protocols.length > 5) {
    throw invalidArgument('Protocols must name one to five protocols.');
  }
  return protocols.map((protocol) => {
    const Protocol = need(
      optionalChoice({ protocols: protocol }, 'protocols', ['WSS', 'HTTPS', 'WEBRTC']),
      'protocols',
    );
    return { Protocol, ResourceEndpoint: Protocol === 'WSS' ? wss : https };
  });
}

function taggedChannel(fields: Fields, store: ChannelStore): Channel {
  return store.find({ arn: need(optionalArn(fields, 'ResourceARN'), 'ResourceARN') });
}

function tagList(values: readonly unknown[]): readonly (readonly [string, string])[] {
  if (values.length > maxTags) throw tooManyTags();
  return values.map((value) => {
    if (!isFields(value)) throw invalidArgument('A tag is not a structure.');
    const key = need(optionalMatch(value, 'Key', /^[^\p{C}]{1,128}$/u), 'Key');
    return [key, need(optionalMatch(value, 'Value', /^[^\p{C}]{0,256}$/u), 'Value')];
  });
}

function tooManyTags(): ServiceError {
  return new ServiceError(
    'TagsPerResourceExceededLimitException',
    400,
    `A resource may have ${maxTags} tags.`,
  );
}

function refuseStorage(channel: Channel): never {
  throw invalidArgument(`Media storage is not enabled for the channel ${channel.name}.`);
}
