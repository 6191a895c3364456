/* What a session is given before it begins: the endpoints and the ICE servers of a channel. */
import { GetSignalingChannelEndpointCommand } from '@aws-sdk/client-kinesis-video';
import {
  GetIceServerConfigCommand,
  KinesisVideoSignalingClient,
} from '@aws-sdk/client-kinesis-video-signaling';
import type { IceServer } from '../check/relay.ts';
import type { Role } from '../request.ts';
import type { Client } from './client.ts';

export interface Endpoints {
  readonly https: string;
  readonly wss: string;
}

export async function findEndpoints(client: Client, arn: string, role: Role): Promise<Endpoints> {
  const { ResourceEndpointList = [] } = await client.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN: arn,
      SingleMasterChannelEndpointConfiguration: {
        Protocols: ['WSS', 'HTTPS'],
        Role: role === 'viewer' ? 'VIEWER' : 'MASTER',
      },
    }),
  );
  const of = (protocol: string) =>
    ResourceEndpointList.find(({ Protocol }) => Protocol === protocol)?.ResourceEndpoint ?? '';
  return { https: of('HTTPS'), wss: of('WSS') };
}

/** Relays for that client, where one is named: its name is in their user names. */
export async function findIceServers(
  client: Client,
  endpoint: string,
  arn: string,
  clientId?: string,
): Promise<readonly IceServer[]> {
  const { region, credentials } = client.config;
  const signaling = new KinesisVideoSignalingClient({ endpoint, region, credentials });
  try {
    const { IceServerList = [] } = await signaling.send(
      new GetIceServerConfigCommand({
        ChannelARN: arn,
        Service: 'TURN',
        ...(clientId === undefined ? {} : { ClientId: clientId }),
      }),
    );
    return IceServerList.map(({ Uris = [], Username = '', Password = '' }) => ({
      urls: Uris,
      username: Username,
      password: Password,
    }));
  } finally {
    signaling.destroy();
  }
}
