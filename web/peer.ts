import { dropExtensions, offeredCodecs } from './codecs.ts';
import type { ViewerRequest } from './request.ts';
import type { Session } from './session.ts';

export interface PeerEvents {
  readonly onCandidate: (candidate: RTCIceCandidate) => void;
  /** `camera` is the place among the video lines of the offer; null for sound. */
  readonly onTrack: (track: MediaStreamTrack, camera: number | null) => void;
  readonly onState: (state: RTCPeerConnectionState) => void;
  /** The master said goodbye, by closing its side of the encryption. */
  readonly onLeft: () => void;
  readonly onData: (text: string) => void;
}

/** A peer connection with what the request asks for in it, before its offer. */
export function createPeer(
  request: ViewerRequest,
  session: Session,
  sent: MediaStream | null,
  events: PeerEvents,
): RTCPeerConnection {
  const peer = new RTCPeerConnection({
    iceServers: session.iceServers.map(({ urls, ...credentials }) => ({
      urls: [...urls],
      ...credentials,
    })),
    iceTransportPolicy: request.relay ? 'relay' : 'all',
  });
  if (request.video) addMedia(peer, 'video', sent, request);
  if (request.audio) addMedia(peer, 'audio', sent, request);
  // behind the sound: a master that knows of one camera alone finds what it always found
  for (let camera = 1; request.video && camera < request.cameras; camera += 1) {
    addMedia(peer, 'video', null, request);
  }
  if (request.data) {
    peer.createDataChannel('kvsDataChannel').onmessage = ({ data }) => {
      events.onData(String(data));
    };
  }
  peer.onicecandidate = ({ candidate }) => {
    if (candidate !== null && candidate.candidate !== '') events.onCandidate(candidate);
  };
  peer.ontrack = ({ track, transceiver }) => {
    events.onTrack(track, cameraOf(peer, transceiver));
    const { transport } = transceiver.receiver;
    transport?.addEventListener('statechange', () => {
      if (transport.state === 'closed' || transport.state === 'failed') events.onLeft();
    });
  };
  peer.onconnectionstatechange = () => {
    events.onState(peer.connectionState);
  };
  return peer;
}

function cameraOf(peer: RTCPeerConnection, transceiver: RTCRtpTransceiver): number | null {
  const isVideo = ({ receiver }: RTCRtpTransceiver): boolean => receiver.track.kind === 'video';
  const place = peer.getTransceivers().filter(isVideo).indexOf(transceiver);
  return place === -1 ? null : place;
}

function addMedia(
  peer: RTCPeerConnection,
  kind: 'audio' | 'video',
  sent: MediaStream | null,
  { codec, cameras }: ViewerRequest,
): void {
  const [track] = sent?.getTracks().filter((one) => one.kind === kind) ?? [];
  const transceiver = peer.addTransceiver(track ?? kind, {
    direction: track === undefined ? 'recvonly' : 'sendrecv',
    ...(sent !== null && { streams: [sent] }),
  });
  const codecs = offeredCodecs(kind, codec, cameras > 1);
  if (codecs !== null) transceiver.setCodecPreferences(codecs);
  if (cameras > 1) dropExtensions(transceiver);
}
