/**
 * A master for tests, in a page: Amazon's JavaScript SDK, its own signing, and the browser's fake
 * camera and microphone. Not a part of what is shipped.
 */
import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { plainSigner } from './signer.ts';

export interface MasterRequest {
  readonly channelArn: string;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface MasterState {
  readonly isOpen: boolean;
  readonly closes: number;
  /** Connection state by viewer, of everyone who ever offered. */
  readonly peers: Readonly<Record<string, string>>;
}

declare global {
  interface Window {
    startMaster: (request: MasterRequest) => Promise<void>;
    masterState: () => MasterState;
    stopMaster: () => void;
  }
}

const peers = new Map<string, RTCPeerConnection>();
let client: SignalingClient | null = null;
let isOpen = false;
let closes = 0;

window.startMaster = async ({ channelArn, endpoint, region, credentials }) => {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true,
    video: { width: 640, height: 480, frameRate: 30 },
  });
  const signaling = new SignalingClient({
    role: Role.MASTER,
    channelARN: channelArn,
    channelEndpoint: endpoint,
    region,
    ...(endpoint.startsWith('wss:')
      ? { credentials }
      : { requestSigner: plainSigner(region, credentials) }),
  });
  client = signaling;
  signaling.on('sdpOffer', (offer: RTCSessionDescriptionInit, viewerId: string) => {
    void answer(signaling, stream, offer, viewerId);
  });
  signaling.on('iceCandidate', (candidate: RTCIceCandidateInit, viewerId: string) => {
    void peers.get(viewerId)?.addIceCandidate(candidate);
  });
  signaling.on('close', () => {
    isOpen = false;
    closes += 1;
  });
  await new Promise<void>((resolve, reject) => {
    signaling.on('open', () => {
      isOpen = true;
      resolve();
    });
    signaling.on('error', (error: unknown) => {
      reject(error instanceof Error ? error : new Error('the signaling socket failed'));
    });
    signaling.open();
  });
};

async function answer(
  signaling: SignalingClient,
  stream: MediaStream,
  offer: RTCSessionDescriptionInit,
  viewerId: string,
): Promise<void> {
  peers.get(viewerId)?.close();
  const peer = new RTCPeerConnection();
  peers.set(viewerId, peer);
  peer.onicecandidate = ({ candidate }) => {
    if (candidate !== null) signaling.sendIceCandidate(candidate, viewerId);
  };
  for (const track of stream.getTracks()) peer.addTrack(track, stream);
  peer.onconnectionstatechange = () => {
    const { transport } = peer.getSenders()[0] ?? {};
    // a viewer's goodbye shows here; the connection's own state learns of it seconds later
    transport?.addEventListener('statechange', () => {
      if (transport.state === 'closed') peer.close();
    });
  };
  await peer.setRemoteDescription(offer);
  await peer.setLocalDescription();
  if (peer.localDescription) signaling.sendSdpAnswer(peer.localDescription, viewerId);
}

window.masterState = () => ({
  isOpen,
  closes,
  peers: Object.fromEntries([...peers].map(([id, peer]) => [id, peer.connectionState])),
});

window.stopMaster = () => {
  for (const peer of peers.values()) peer.close();
  client?.close();
};
