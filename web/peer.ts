import type { ViewerRequest } from './request.ts';
import type { Session } from './session.ts';

export interface PeerEvents {
  readonly onCandidate: (candidate: RTCIceCandidate) => void;
  readonly onTrack: (track: MediaStreamTrack) => void;
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
  if (request.video) addMedia(peer, 'video', sent, request.codec);
  if (request.audio) addMedia(peer, 'audio', sent, undefined);
  if (request.data) {
    peer.createDataChannel('kvsDataChannel').onmessage = ({ data }) => {
      events.onData(String(data));
    };
  }
  peer.onicecandidate = ({ candidate }) => {
    if (candidate !== null && candidate.candidate !== '') events.onCandidate(candidate);
  };
  peer.ontrack = ({ track, transceiver }) => {
    events.onTrack(track);
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

function addMedia(
  peer: RTCPeerConnection,
  kind: 'audio' | 'video',
  sent: MediaStream | null,
  codec: string | undefined,
): void {
  const [track] = sent?.getTracks().filter((one) => one.kind === kind) ?? [];
  const transceiver = peer.addTransceiver(track ?? kind, {
    direction: track === undefined ? 'recvonly' : 'sendrecv',
    ...(sent !== null && { streams: [sent] }),
  });
  if (codec === undefined) return;
  const { codecs = [] } = RTCRtpReceiver.getCapabilities(kind) ?? {};
  const chosen = codecs.filter(({ mimeType }) => mimeType.toUpperCase() === `VIDEO/${codec}`);
  const repair = codecs.filter(({ mimeType }) => /\/(rtx|red|ulpfec)$/.test(mimeType));
  if (chosen.length === 0) throw new Error(`This browser cannot receive ${codec}.`);
  transceiver.setCodecPreferences([...chosen, ...repair]);
}
