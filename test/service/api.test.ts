import {
  CreateSignalingChannelCommand,
  DeleteSignalingChannelCommand,
  DescribeMediaStorageConfigurationCommand,
  DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
  paginateListSignalingChannels,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand } from '@aws-sdk/client-kinesis-video-signaling';
import { afterEach, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service, ServiceOptions } from '../../src/service/index.ts';
import { controlClient, createChannel, signalingClient } from './support/clients.ts';
import { createFakeClock } from './support/fake-clock.ts';

let service: Service;
const start = async (options: ServiceOptions = {}): Promise<Service> => {
  service = await startService({
    web: null,
    ...options,
    limits: { creatingMs: 0, ...options.limits },
  });
  return service;
};

afterEach(() => service.close());

describe("Amazon's clients", () => {
  it('create, describe, list, tag, update and delete a channel', async () => {
    const client = controlClient(await start());
    const created = await client.send(
      new CreateSignalingChannelCommand({
        ChannelName: 'cam',
        ChannelType: 'SINGLE_MASTER',
        SingleMasterConfiguration: { MessageTtlSeconds: 30 },
        Tags: [{ Key: 'room', Value: 'hall' }],
      }),
    );
    const ChannelARN = created.ChannelARN ?? '';
    expect(ChannelARN).toMatch(/^arn:aws:kinesisvideo:us-west-2:111122223333:channel\/cam\/\d+$/);
    const { ChannelInfo } = await client.send(
      new DescribeSignalingChannelCommand({ ChannelName: 'cam' }),
    );
    expect(ChannelInfo).toMatchObject({
      ChannelARN,
      ChannelName: 'cam',
      ChannelStatus: 'ACTIVE',
      ChannelType: 'SINGLE_MASTER',
      SingleMasterConfiguration: { MessageTtlSeconds: 30 },
    });
    expect(Math.abs(Number(ChannelInfo?.CreationTime) - Date.now())).toBeLessThan(60_000);

    await client.send(
      new TagResourceCommand({ ResourceARN: ChannelARN, Tags: [{ Key: 'floor', Value: '2' }] }),
    );
    await client.send(new UntagResourceCommand({ ResourceARN: ChannelARN, TagKeyList: ['room'] }));
    const tags = await client.send(new ListTagsForResourceCommand({ ResourceARN: ChannelARN }));
    expect(tags.Tags).toEqual({ floor: '2' });

    const { ChannelInfo: tagged } = await client.send(
      new DescribeSignalingChannelCommand({ ChannelARN }),
    );
    const CurrentVersion = tagged?.Version ?? '';
    await client.send(
      new UpdateSignalingChannelCommand({
        ChannelARN,
        CurrentVersion,
        SingleMasterConfiguration: { MessageTtlSeconds: 5 },
      }),
    );
    await expect(
      client.send(new DeleteSignalingChannelCommand({ ChannelARN, CurrentVersion })),
    ).rejects.toMatchObject({ name: 'VersionMismatchException' });
    await client.send(new DeleteSignalingChannelCommand({ ChannelARN }));
    const { ChannelInfoList } = await client.send(new ListSignalingChannelsCommand({}));
    expect(ChannelInfoList).toEqual([]);
    client.destroy();
  });

  it('list page by page, and by prefix', async () => {
    const client = controlClient(await start());
    for (const name of ['a1', 'b1', 'a2', 'a3', 'b2']) {
      await client.send(new CreateSignalingChannelCommand({ ChannelName: name }));
    }
    const pages: string[][] = [];
    for await (const { ChannelInfoList = [] } of paginateListSignalingChannels(
      { client, pageSize: 2 },
      { ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: 'a' } },
    )) {
      pages.push(ChannelInfoList.map(({ ChannelName = '' }) => ChannelName));
    }
    expect(pages).toEqual([['a1', 'a2'], ['a3']]);
    await expect(
      client.send(new ListSignalingChannelsCommand({ NextToken: 'bm90aGluZw' })),
    ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    client.destroy();
  });

  it('get endpoints that lead back to the service', async () => {
    const client = controlClient(await start());
    const ChannelARN = await createChannel(service);
    const { ResourceEndpointList } = await client.send(
      new GetSignalingChannelEndpointCommand({
        ChannelARN,
        SingleMasterChannelEndpointConfiguration: {
          Protocols: ['WSS', 'HTTPS'],
          Role: 'MASTER',
        },
      }),
    );
    expect(ResourceEndpointList).toEqual([
      { Protocol: 'WSS', ResourceEndpoint: `ws://127.0.0.1:${service.port}` },
      { Protocol: 'HTTPS', ResourceEndpoint: service.url },
    ]);
    const storage = await client.send(new DescribeMediaStorageConfigurationCommand({ ChannelARN }));
    expect(storage.MediaStorageConfiguration?.Status).toBe('DISABLED');
    client.destroy();
  });

  it('get ICE servers, with time-limited names where the server has a secret', async () => {
    const clock = createFakeClock();
    await start({
      clock,
      turn: [
        { urls: ['turn:127.0.0.1:3478?transport=udp'], secret: 'north' },
        { urls: ['turns:127.0.0.2:5349?transport=tcp'], username: 'u', password: 'p' },
      ],
    });
    const client = signalingClient(service);
    const ChannelARN = await createChannel(service);
    const { IceServerList = [] } = await client.send(
      new GetIceServerConfigCommand({ ChannelARN, ClientId: 'v1', Service: 'TURN' }),
    );
    expect(IceServerList).toMatchObject([
      { Ttl: 300, Uris: ['turn:127.0.0.1:3478?transport=udp'] },
      { Ttl: 300, Uris: ['turns:127.0.0.2:5349?transport=tcp'], Username: 'u', Password: 'p' },
    ]);
    expect(IceServerList[0]?.Username).toBe(`${Math.floor(clock.now() / 1000) + 300}:v1`);
    expect(IceServerList[0]?.Password).toMatch(/^[A-Za-z0-9+/]{27}=$/);
    client.destroy();
  });

  it('see a channel CREATING for its moment, and its endpoint not before', async () => {
    const clock = createFakeClock();
    await start({ clock, limits: { creatingMs: 500 } });
    const client = controlClient(service);
    const { ChannelARN } = await client.send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam' }),
    );
    const status = async () =>
      (await client.send(new DescribeSignalingChannelCommand({ ChannelARN }))).ChannelInfo
        ?.ChannelStatus;
    const endpoint = () => client.send(new GetSignalingChannelEndpointCommand({ ChannelARN }));
    expect(await status()).toBe('CREATING');
    await expect(endpoint()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    clock.advance(500);
    expect(await status()).toBe('ACTIVE');
    await endpoint();
    client.destroy();
  });
});
