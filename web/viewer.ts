import { Role, SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { createPeer } from './peer.ts';
import type { ViewerRequest } from './request.ts';
import { openSession, SessionError } from './session.ts';
import type { Session } from './session.ts';

/**
 * signing-in → waiting (the offer is out) → connecting (answered) → connected; failed before the
 * next try. The viewer never gives up by itself.
 */
export type ViewerPhase =
  'signing-in' | 'waiting' | 'connecting' | 'connected' | 'failed' | 'closed';

export interface ViewerReport {
  readonly phase: ViewerPhase;
  /** What is wrong or waited for, in a sentence; null when all is well. */
  readonly problem: string | null;
}

export interface ViewerEvents {
  readonly onReport: (report: ViewerReport) => void;
  /** An offer went out, for the clock of the first picture. */
  readonly onOffer: () => void;
  /** `camera` counts the master's cameras from 0; null for sound. */
  readonly onTrack: (track: MediaStreamTrack, camera: number | null) => void;
  /** The connection is over: its tracks will show nothing more. */
  readonly onEnd: () => void;
  readonly onData: (text: string) => void;
}

export interface Viewer {
  readonly peer: RTCPeerConnection | null;
  /** Whether the signaling socket is open; a playing viewer does not need it. */
  readonly isSignedIn: boolean;
  /**
   * Sends this sound to the master from now on, or with null none. The first time the connection is made
   * anew, as the offer that is out has no place for it.
   */
  readonly talk: (microphone: MediaStreamTrack | null) => void;
  /** False once the master's answer has turned that sound down. */
  readonly isHeard: boolean;
  /** Says goodbye to the master at once, and ends. */
  readonly close: () => void;
}

/** An unanswered offer is made anew, inside the shortest common message life of 60 s. */
const answerMs = 20_000;
/** From the answer to a connection. */
const connectMs = 20_000;
/** How long an interrupted connection may come back by itself. */
const interruptedMs = 4_000;
const socketMs = 10_000;

const noMaster =
  'Nobody is sending on this channel yet. The picture starts by itself when somebody does.';

const silentMaster = 'The sender does not answer. It may be full, or unable to serve this browser.';

/** Keeps one viewer connected to its channel's master until it is closed. */
export function startViewer(request: ViewerRequest, events: ViewerEvents): Viewer {
  let socket: SignalingClient | null = null;
  let isSignedIn = false;
  let peer: RTCPeerConnection | null = null;
  let sent: MediaStream | null = null;
  let microphone: MediaStreamTrack | null = null;
  let isAttempting = false;
  let phase: ViewerPhase = 'signing-in';
  let failures = 0;
  let timer = 0;
  const closing = new AbortController();
  const isClosed = (): boolean => closing.signal.aborted;

  const report = (next: ViewerPhase, problem: string | null): void => {
    phase = next;
    events.onReport({ phase, problem });
  };

  /** One step may be waited for at a time. */
  const later = (ms: number, step: () => void): void => {
    clearTimeout(timer);
    timer = setTimeout(step, ms);
  };

  const run = (
    step: () => Promise<void>,
    fail: (problem: string) => void = (problem) => {
      retry(problem);
    },
  ): void => {
    step().catch((error: unknown) => {
      if (!isClosed()) fail(error instanceof Error ? error.message : String(error));
    });
  };

  const retry = (problem: string, nextPhase: ViewerPhase = 'failed'): void => {
    endPeer();
    report(nextPhase, problem);
    const wait = Math.min(5000, 500 * 2 ** failures);
    failures += 1;
    later(wait * (0.5 + Math.random() / 2), () => {
      run(attempt);
    });
  };

  const endPeer = (): void => {
    if (peer === null) return;
    peer.close();
    peer = null;
    events.onEnd();
  };

  const endSocket = (): void => {
    const old = socket;
    socket = null;
    isSignedIn = false;
    old?.removeAllListeners();
    old?.on('error', () => undefined); // an emitter without one would throw
    old?.close();
  };

  const attempt = async (): Promise<void> => {
    isAttempting = true;
    try {
      await signInAndOffer();
    } finally {
      isAttempting = false;
    }
    if (!isClosed()) talk(microphone); // it may have come while the offer was made
  };

  /** One whole try: session, socket, offer. */
  const signInAndOffer = async (): Promise<void> => {
    if (peer === null) report('signing-in', null);
    const session = await signIn();
    if (session === null) return;
    if (isClosed()) return;
    if (socket === null || !isSignedIn) await openSocket(session);
    if (request.send) sent ??= await navigator.mediaDevices.getUserMedia(captured(request));
    // `close` may have run at any of the waits above
    if (!isClosed()) await offer(session);
  };

  const signIn = async (): Promise<Session | null> => {
    try {
      return await openSession(request.channel, request.clientId);
    } catch (error) {
      if (isClosed()) return null;
      const isAbsent = error instanceof SessionError && error.type === 'ResourceNotFoundException';
      if (!isAbsent) throw error;
      failures = Math.min(failures, 1); // it may appear at any moment
      retry(`There is no channel ${request.channel} yet. Waiting for it.`, 'waiting');
      return null;
    }
  };

  const openSocket = (session: Session): Promise<void> => {
    endSocket();
    const client = new SignalingClient({
      role: Role.VIEWER,
      clientId: request.clientId,
      channelARN: session.channelArn,
      channelEndpoint: session.endpoint,
      region: session.region,
      // the service signs: no key ever comes to the browser
      requestSigner: { getSignedURL: () => Promise.resolve(session.url) },
    });
    socket = client;
    client.on('sdpAnswer', (answer: RTCSessionDescriptionInit) => {
      run(() => accept(answer));
    });
    client.on('iceCandidate', (candidate: RTCIceCandidateInit) => {
      // candidates of a connection that was given up fail here, and do not matter
      peer?.addIceCandidate(candidate).catch(() => undefined);
    });
    client.on('statusResponse', ({ description }: { description?: string }) => {
      if (phase === 'waiting') retry(`The service refused the offer: ${description ?? 'unknown'}`);
    });
    client.on('close', () => {
      isSignedIn = false;
      if (socket !== client) return;
      endSocket();
      // a playing viewer goes on: the next offer opens a new one
      if (phase === 'waiting' || phase === 'connecting') {
        retry('The signaling connection was closed. Connecting again.');
      }
    });
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        reject(new Error('The signaling connection does not open.'));
      }, socketMs);
      client.once('open', () => {
        clearTimeout(limit);
        isSignedIn = true;
        resolve();
      });
      client.once('error', () => {
        clearTimeout(limit);
        reject(new Error('The signaling connection was refused.'));
      });
      client.on('error', () => undefined); // after the first, 'close' tells the rest
      client.open();
    });
  };

  const offer = async (session: Session): Promise<void> => {
    endPeer();
    const outgoing = sent ?? (microphone === null ? null : new MediaStream([microphone]));
    const mine = createPeer(request, session, outgoing, {
      onCandidate: (candidate) => {
        if (peer === mine && isSignedIn) socket?.sendIceCandidate(candidate);
      },
      onTrack: (track, camera) => {
        if (peer === mine) events.onTrack(track, camera);
      },
      onState: (state) => {
        if (peer === mine) onState(state);
      },
      onLeft: () => {
        if (peer === mine) retry('The sender ended the connection. Waiting for it to come back.');
      },
      onData: events.onData,
    });
    peer = mine;
    socket?.resetIceCandidateState();
    // no signalling before the description is set: candidates would overtake the offer
    const description = await mine.createOffer();
    if (peer !== mine) return;
    const sending = mine.setLocalDescription(description);
    socket?.sendSdpOffer(description as RTCSessionDescription, undefined, correlationId());
    await sending;
    events.onOffer();
    report('waiting', session.hasMaster === false ? noMaster : null);
    later(answerMs, () => {
      report('waiting', session.hasMaster === true ? silentMaster : noMaster);
      failures = 0;
      run(attempt);
    });
  };

  const accept = async (answer: RTCSessionDescriptionInit): Promise<void> => {
    if (peer?.signalingState !== 'have-local-offer') return; // an answer to an older offer
    const mine = peer;
    report('connecting', null);
    later(connectMs, () => {
      retry('The answer came, but no connection in time. Is a firewall in the way?');
    });
    try {
      await mine.setRemoteDescription(answer);
    } catch (error) {
      if (peer === mine) retry(`The sender's answer cannot be used: ${String(error)}`);
      return;
    }
    if (peer === mine && isRefused(mine)) {
      retry('The sender has nothing this browser could play.');
    }
  };

  const onState = (state: RTCPeerConnectionState): void => {
    if (state === 'connected') {
      clearTimeout(timer);
      failures = 0;
      report('connected', null);
    } else if (state === 'failed') {
      retry('No way was found to the sender (ICE failed). Trying again.');
    } else if (state === 'disconnected') {
      report('connecting', 'The connection is interrupted.');
      later(interruptedMs, () => {
        retry('The sender is gone. Waiting for it to come back.');
      });
    }
  };

  const talk = (track: MediaStreamTrack | null): void => {
    if (!request.audio || request.send) return;
    microphone = track;
    const line = peer?.getTransceivers().find(isSendingSound);
    if (line !== undefined) {
      run(() => line.sender.replaceTrack(track));
    } else if (track !== null && peer !== null && !isAttempting) {
      clearTimeout(timer);
      run(attempt, (problem) => {
        // What plays goes on without the microphone.
        if (peer?.connectionState === 'connected') report(phase, `Nobody hears you: ${problem}`);
        else retry(problem);
      });
    }
  };

  run(attempt);
  return {
    talk,
    get isHeard() {
      const line = peer?.getTransceivers().find(isSendingSound);
      return !['recvonly', 'inactive', 'stopped'].includes(line?.currentDirection ?? '');
    },
    get peer() {
      return peer;
    },
    get isSignedIn() {
      return isSignedIn;
    },
    close: () => {
      closing.abort();
      clearTimeout(timer);
      endPeer();
      endSocket();
      for (const track of sent?.getTracks() ?? []) track.stop();
      report('closed', null);
    },
  };
}

function captured({ audio, video }: ViewerRequest): MediaStreamConstraints {
  return { audio, video };
}

/** Whether the line was offered with sound of ours. */
function isSendingSound({ receiver, direction }: RTCRtpTransceiver): boolean {
  return receiver.track.kind === 'audio' && direction === 'sendrecv';
}

/** Whether the answer turned every media line down. */
function isRefused(peer: RTCPeerConnection): boolean {
  const transceivers = peer.getTransceivers();
  return (
    transceivers.length > 0 &&
    transceivers.every(({ currentDirection }) =>
      [null, 'inactive', 'stopped'].includes(currentDirection),
    )
  );
}

/** Not randomUUID, which a page has only over TLS or from its own machine. */
function correlationId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
