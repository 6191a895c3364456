/*
 * A viewer of the bench: it offers, and takes each picture as it comes from the decoder, without showing it.
 * bench.state() gives times by performance.now() in milliseconds, and what came since the last reset.
 */
/* global MediaStreamTrackProcessor, RTCPeerConnection, RTCRtpReceiver, WebSocket, atob, btoa, performance */
const bench = (() => {
  const FREEZE_EXTRA_MS = 150;
  const SQUARE = 16;
  const BITS = 40;
  let session = null;

  const fresh = () => ({ frames: 0, longestGapMs: 0, freezes: 0, ages: [], startedAt: null });

  function watch({ url, codec, hasClock }) {
    stop();
    const peer = new RTCPeerConnection();
    const socket = new WebSocket(url);
    const own = {
      peer,
      socket,
      hasClock,
      counts: fresh(),
      lastAt: null,
      base: { packets: 0, lost: 0 },
    };
    session = own;
    const send = (action, value) => {
      const messagePayload = btoa(JSON.stringify(value));
      socket.send(JSON.stringify({ action, recipientClientId: '', messagePayload }));
    };
    const { receiver } = preferring(peer.addTransceiver('video', { direction: 'recvonly' }), codec);
    peer.addTransceiver('audio', { direction: 'recvonly' });
    receiver.jitterBufferTarget = 0;
    void readFrames(own, receiver.track);
    peer.onconnectionstatechange = () => {
      if (peer.connectionState === 'connected') own.connectedAt ??= performance.now();
    };
    peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null) send('ICE_CANDIDATE', candidate);
    };
    socket.onmessage = ({ data }) => void take(own, JSON.parse(data));
    socket.onopen = async () => {
      await peer.setLocalDescription();
      own.offeredAt = performance.now();
      send('SDP_OFFER', peer.localDescription);
    };
  }

  function preferring(transceiver, codec) {
    const all = RTCRtpReceiver.getCapabilities('video').codecs;
    const isFirst = ({ mimeType, sdpFmtpLine = '' }) =>
      mimeType === `video/${codec}` &&
      (codec !== 'H264' || /packetization-mode=1.*profile-level-id=42e0/.test(sdpFmtpLine));
    transceiver.setCodecPreferences([
      ...all.filter(isFirst),
      ...all.filter((one) => !isFirst(one)),
    ]);
    return transceiver;
  }

  async function take(own, { messageType, messagePayload }) {
    if (messagePayload === undefined || own.peer.signalingState === 'closed') return;
    const value = JSON.parse(atob(messagePayload));
    if (messageType === 'SDP_ANSWER') {
      own.answeredAt = performance.now();
      await (own.answered = own.peer.setRemoteDescription(value));
    } else if (messageType === 'ICE_CANDIDATE') {
      await own.answered;
      await own.peer.addIceCandidate(value).catch(() => undefined);
    }
  }

  async function readFrames(own, track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      count(own, performance.now());
      if (own.hasClock) await readAge(own, frame);
      frame.close();
    }
  }

  function count(own, now) {
    const { counts } = own;
    own.firstFrameAt ??= now;
    if (own.lastAt !== null) takeGap(counts, now - own.lastAt, now);
    own.lastAt = now;
    counts.startedAt ??= now;
    counts.frames += 1;
  }

  /** A freeze as webrtc-stats has it. */
  function takeGap(counts, gap, now) {
    counts.longestGapMs = Math.max(counts.longestGapMs, gap);
    const mean = counts.frames < 2 ? gap : (now - counts.startedAt) / counts.frames;
    if (gap > Math.max(3 * mean, mean + FREEZE_EXTRA_MS)) counts.freezes += 1;
  }

  /** The clock that benchclock writes: 32 bits of milliseconds, 8 bits to check them. */
  async function readAge(own, frame) {
    const now = Date.now();
    const rect = { x: 0, y: 0, width: BITS * SQUARE, height: SQUARE };
    const luma = new Uint8Array(frame.allocationSize({ rect }));
    const [{ offset, stride }] = await frame.copyTo(luma, { rect });
    const bit = (index) => luma[offset + (SQUARE / 2) * stride + index * SQUARE + SQUARE / 2] > 128;
    const byte = (index) =>
      [0, 1, 2, 3, 4, 5, 6, 7].reduce((sum, at) => (sum << 1) | bit(index * 8 + at), 0);
    const [a, b, c, d, check] = [0, 1, 2, 3, 4].map(byte);
    if ((a ^ b ^ c ^ d) !== check) return;
    const time = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    own.counts.ages.push((now - time) >>> 0);
  }

  async function inbound(own) {
    let [packets, lost] = [0, 0];
    for (const report of (await own.peer.getStats()).values()) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'video') continue;
      packets += report.packetsReceived ?? 0;
      lost += report.packetsLost ?? 0;
    }
    return { packets, lost };
  }

  async function state() {
    const own = session;
    const { packets, lost } = await inbound(own);
    const { offeredAt = null, answeredAt = null, connectedAt = null, firstFrameAt = null } = own;
    const { frames, longestGapMs, freezes, ages } = own.counts;
    // What goes on when it is read is a gap too.
    const open = own.lastAt === null ? 0 : performance.now() - own.lastAt;
    return {
      connection: own.peer.connectionState,
      ...{ offeredAt, answeredAt, connectedAt, firstFrameAt, frames, freezes, ages },
      longestGapMs: Math.max(longestGapMs, open),
      packets: packets - own.base.packets,
      lost: lost - own.base.lost,
    };
  }

  async function reset() {
    session.base = await inbound(session);
    session.counts = fresh();
  }

  function stop() {
    session?.peer.close();
    session?.socket.close();
    session = null;
  }

  return { watch, state, reset, stop };
})();
globalThis.bench = bench;
