/* A viewer of signaling alone: it offers, and never connects. */
import { readFileSync } from 'node:fs';
import { DescribeSignalingChannelCommand } from '@aws-sdk/client-kinesis-video';
import type { Service } from '../../../src/service/index.ts';
import { controlClient } from '../../service/support/clients.ts';
import { connect } from '../../service/support/socket.ts';
import type { RawClient } from '../../service/support/socket.ts';

/** A browser's, for picture and sound. */
const OFFER = readFileSync(
  new URL('../../../plugin-c/tests/gst/offers/chrome.sdp', import.meta.url),
  'utf8',
).replaceAll('\n', '\r\n');

export interface Offerer extends Pick<RawClient, 'frames' | 'next'> {
  /** As page load `number` would write it. */
  offer(number: number): void;
  /** Gone without a word. */
  vanish(): void;
}

export async function openOfferer(
  service: Service,
  channel: string,
  clientId: string,
): Promise<Offerer> {
  const command = new DescribeSignalingChannelCommand({ ChannelName: channel });
  const { ChannelInfo } = await controlClient(service).send(command);
  const client = await connect(service, ChannelInfo?.ChannelARN ?? '', { viewer: clientId });
  return {
    frames: client.frames,
    next: () => client.next(),
    offer: (number) => {
      const ufrag = `a=ice-ufrag:u${String(number).padStart(5, '0')}`;
      const sdp = OFFER.replaceAll(/^a=ice-ufrag:.*$/gm, ufrag);
      const payload = Buffer.from(JSON.stringify({ type: 'offer', sdp })).toString('base64');
      client.send({ action: 'SDP_OFFER', recipientClientId: '', messagePayload: payload });
    },
    vanish: () => {
      client.socket.terminate();
    },
  };
}
