/**
 * A viewer for tests, in a page: Amazon's JavaScript SDK, and on its data channel the questions that
 * Amazon's test page asks for its chart of the time to the first frame. Not a part of what is shipped.
 */
import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import type { MasterRequest } from './js-master.ts';
import { plainSigner } from './signer.ts';

export interface ViewerRequest extends MasterRequest {
  readonly clientId: string;
  /** Whether the page's box "profile timeline" is ticked. */
  readonly profile: boolean;
}

export interface JsViewerState {
  readonly connection: string;
  readonly framesDecoded: number;
  readonly isChannelOpen: boolean;
  readonly messages: readonly string[];
  /** When the offer was sent and the connection stood, by the page's clock. */
  readonly offeredAt: number;
  readonly connectedAt: number;
}

declare global {
  interface Window {
    startViewer: (request: ViewerRequest) => void;
    viewerState: () => Promise<JsViewerState>;
    viewerSay: (text: string) => void;
  }
}

const messages: string[] = [];
let peer: RTCPeerConnection | null = null;
let channel: RTCDataChannel | null = null;
let offeredAt = 0;
let connectedAt = 0;

window.startViewer = ({ channelArn, endpoint, region, credentials, clientId, profile }) => {
  const signaling = new SignalingClient({
    role: Role.VIEWER,
    clientId,
    channelARN: channelArn,
    channelEndpoint: endpoint,
    region,
    requestSigner: plainSigner(region, credentials),
  });
  const connection = new RTCPeerConnection();
  peer = connection;
  connection.onconnectionstatechange = () => {
    if (connection.connectionState === 'connected') connectedAt = Date.now();
  };
  connection.onicecandidate = ({ candidate }) => {
    if (candidate !== null) signaling.sendIceCandidate(candidate);
  };
  connection.ontrack = ({ streams: [stream] }) => {
    const video = document.querySelector('video') ?? document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    video.srcObject = stream ?? null;
    document.body.append(video);
  };
  channel = openChannel(connection, profile);
  signaling.on('sdpAnswer', (answer: RTCSessionDescriptionInit) => {
    void connection.setRemoteDescription(answer);
  });
  signaling.on('iceCandidate', (candidate: RTCIceCandidateInit) => {
    void connection.addIceCandidate(candidate);
  });
  signaling.on('open', () => {
    void offer(connection, signaling);
  });
  signaling.on('error', () => undefined);
  signaling.open();
};

async function offer(connection: RTCPeerConnection, signaling: SignalingClient): Promise<void> {
  const media = { offerToReceiveAudio: true, offerToReceiveVideo: true };
  await connection.setLocalDescription(await connection.createOffer(media));
  offeredAt = Date.now();
  if (connection.localDescription) signaling.sendSdpOffer(connection.localDescription);
}

/** The page and the master fill the stamps in by turns. */
interface Stamps {
  content: string;
  firstMessageFromViewerTs: string;
  firstMessageFromMasterTs: string;
  secondMessageFromViewerTs: string;
  secondMessageFromMasterTs: string;
  lastMessageFromViewerTs: string;
}

function openChannel(connection: RTCPeerConnection, profile: boolean): RTCDataChannel {
  const opened = connection.createDataChannel('kvsDataChannel');
  opened.onopen = () => {
    const stamps: Stamps = {
      content: 'Opened data channel by viewer',
      firstMessageFromViewerTs: String(Date.now()),
      firstMessageFromMasterTs: '',
      secondMessageFromViewerTs: '',
      secondMessageFromMasterTs: '',
      lastMessageFromViewerTs: '',
    };
    opened.send(profile ? JSON.stringify(stamps) : 'Opened data channel by viewer');
  };
  opened.onmessage = ({ data }) => {
    messages.push(String(data));
    if (profile) answerStamps(opened, String(data));
  };
  return opened;
}

function answerStamps(opened: RTCDataChannel, text: string): void {
  if (!text.includes('firstMessageFromViewerTs')) return;
  const stamps = JSON.parse(text) as Stamps;
  const now = String(Date.now());
  if (stamps.secondMessageFromViewerTs === '') stamps.secondMessageFromViewerTs = now;
  else if (stamps.lastMessageFromViewerTs === '') stamps.lastMessageFromViewerTs = now;
  stamps.content = 'Message from JS viewer';
  opened.send(JSON.stringify(stamps));
}

window.viewerSay = (text) => {
  channel?.send(text);
};

window.viewerState = async () => {
  let framesDecoded = 0;
  for (const report of (await peer?.getStats())?.values() ?? []) {
    const { type, kind, framesDecoded: frames } = report as Partial<RTCInboundRtpStreamStats>;
    if (type === 'inbound-rtp' && kind === 'video') framesDecoded += frames ?? 0;
  }
  return {
    connection: peer?.connectionState ?? 'none',
    framesDecoded,
    isChannelOpen: channel?.readyState === 'open',
    messages: [...messages],
    offeredAt,
    connectedAt,
  };
};
