import { SigV4RequestSigner } from 'amazon-kinesis-video-streams-webrtc';
import type { SignalingClientConfig } from 'amazon-kinesis-video-streams-webrtc/lib/SignalingClient';

type RequestSigner = NonNullable<SignalingClientConfig['requestSigner']>;

/** The SDK signs for wss:// alone; the scheme is no part of what is signed. */
export function plainSigner(
  region: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): RequestSigner {
  const signer = new SigV4RequestSigner(region, credentials);
  return {
    getSignedURL: async (endpoint, parameters, date) => {
      const url = await signer.getSignedURL(endpoint.replace('ws:', 'wss:'), parameters, date);
      return url.replace('wss:', 'ws:');
    },
  };
}
