import { readFileSync } from 'node:fs';
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import {
  CreateSignalingChannelCommand,
  DescribeSignalingChannelCommand,
} from '@aws-sdk/client-kinesis-video';
import { KinesisVideoSignalingClient } from '@aws-sdk/client-kinesis-video-signaling';
import type { Key, Service } from '../../../src/service/index.ts';

/** Amazon's control-plane client, pointed at the service. It makes one attempt. */
export function controlClient(
  service: Service,
  key: Key = service.credentials,
  caFile?: string,
): KinesisVideoClient {
  return new KinesisVideoClient({
    ...clientOptions(service, key),
    ...(caFile !== undefined && { requestHandler: { httpsAgent: { ca: readFileSync(caFile) } } }),
  });
}

/** Amazon's signaling client (GetIceServerConfig). */
export function signalingClient(
  service: Service,
  key: Key = service.credentials,
): KinesisVideoSignalingClient {
  return new KinesisVideoSignalingClient(clientOptions(service, key));
}

function clientOptions(service: Service, key: Key) {
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  return {
    endpoint: service.url,
    region: service.region,
    credentials: {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    maxAttempts: 1,
  };
}

/** Creates a channel and returns its ARN. Start the service with `creatingMs: 0`. */
export async function createChannel(
  service: Service,
  name = 'cam',
  caFile?: string,
): Promise<string> {
  const client = controlClient(service, service.credentials, caFile);
  try {
    await client.send(new CreateSignalingChannelCommand({ ChannelName: name }));
    const { ChannelInfo } = await client.send(
      new DescribeSignalingChannelCommand({ ChannelName: name }),
    );
    return ChannelInfo?.ChannelARN ?? '';
  } finally {
    client.destroy();
  }
}
