/* Signaling channels of an account, by the AWS SDK. */
import {
  CreateSignalingChannelCommand,
  DeleteSignalingChannelCommand,
  DescribeSignalingChannelCommand,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import type { ChannelInfo, KinesisVideoClient } from '@aws-sdk/client-kinesis-video';

export interface Channel {
  readonly name: string;
  readonly arn: string;
  /** CREATING, ACTIVE, UPDATING, DELETING. */
  readonly status: string;
  readonly type: string;
  readonly created: string;
  /** How long a message waits for its recipient. */
  readonly messageTtlSeconds: number | null;
}

function toChannel(info: ChannelInfo): Channel {
  return {
    name: info.ChannelName ?? '',
    arn: info.ChannelARN ?? '',
    status: info.ChannelStatus ?? '',
    type: info.ChannelType ?? '',
    created: info.CreationTime?.toISOString() ?? '',
    messageTtlSeconds: info.SingleMasterConfiguration?.MessageTtlSeconds ?? null,
  };
}

/** All of them, page after page; `prefix` is what their names begin with. */
export async function* listChannels(
  client: KinesisVideoClient,
  prefix: string | undefined,
): AsyncGenerator<Channel> {
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListSignalingChannelsCommand({
        ...(token === undefined ? {} : { NextToken: token }),
        ...(prefix === undefined
          ? {}
          : {
              ChannelNameCondition: { ComparisonOperator: 'BEGINS_WITH', ComparisonValue: prefix },
            }),
      }),
    );
    for (const info of page.ChannelInfoList ?? []) yield toChannel(info);
    token = page.NextToken;
  } while (token !== undefined && token !== '');
}

/** By name or ARN. */
export async function describeChannel(client: KinesisVideoClient, id: string): Promise<Channel> {
  const answer = await client.send(
    new DescribeSignalingChannelCommand(
      id.startsWith('arn:') ? { ChannelARN: id } : { ChannelName: id },
    ),
  );
  return toChannel(answer.ChannelInfo ?? {});
}

export async function tagsOf(
  client: KinesisVideoClient,
  arn: string,
): Promise<Readonly<Record<string, string>>> {
  const tags: Record<string, string> = {};
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListTagsForResourceCommand({
        ResourceARN: arn,
        ...(token === undefined ? {} : { NextToken: token }),
      }),
    );
    Object.assign(tags, page.Tags ?? {});
    token = page.NextToken;
  } while (token !== undefined && token !== '');
  return tags;
}

/** It may not be ACTIVE yet. */
export async function createChannel(
  client: KinesisVideoClient,
  name: string,
  tags: Readonly<Record<string, string>>,
  ttlSeconds: number | null,
): Promise<void> {
  await client.send(
    new CreateSignalingChannelCommand({
      ChannelName: name,
      ChannelType: 'SINGLE_MASTER',
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      ...(ttlSeconds === null
        ? {}
        : { SingleMasterConfiguration: { MessageTtlSeconds: ttlSeconds } }),
    }),
  );
}

export async function deleteChannel(client: KinesisVideoClient, arn: string): Promise<void> {
  await client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }));
}
