/* Runs in a viewer page before the page's own script: watches its peer connections from outside,
 * whatever the page is. Settings come first, as window.probeSettings:
 *   video, audio   names of the codecs the viewer may offer (all, where absent)
 *   slices         whether to checksum each coded picture that arrives
 */
/* global AudioContext, MediaStream, MediaStreamTrackProcessor, RTCPeerConnection, RTCRtpReceiver,
   TransformStream, crypto, performance, setTimeout, window */
(() => {
  const settings = window.probeSettings ?? {};
  const connections = [];
  const pictures = { count: 0, last: 0, longestGap: 0 };
  const slices = [];
  let tones = null;

  class ProbedConnection extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      super({ ...configuration, encodedInsertableStreams: settings.slices === true }, ...rest);
      connections.push(this);
      this.addEventListener('track', ({ track, receiver }) => {
        if (settings.slices) passThrough(receiver, track.kind);
        if (track.kind === 'video') void watchPictures(track);
      });
    }

    createOffer(...args) {
      for (const transceiver of this.getTransceivers()) restrict(transceiver);
      return super.createOffer(...args);
    }
  }
  window.RTCPeerConnection = ProbedConnection;

  function restrict(transceiver) {
    const { kind } = transceiver.receiver.track;
    const names = settings[kind];
    if (!names) return;
    const codecs = RTCRtpReceiver.getCapabilities(kind).codecs.filter(({ mimeType }) =>
      [...names, 'rtx'].some((name) => mimeType.toLowerCase() === `${kind}/${name}`.toLowerCase()),
    );
    transceiver.setCodecPreferences(codecs);
  }

  /** Times each decoded picture, with no screen in between: what is late here came late. */
  async function watchPictures(track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      value.close();
      const now = performance.now();
      if (pictures.last) pictures.longestGap = Math.max(pictures.longestGap, now - pictures.last);
      pictures.last = now;
      pictures.count += 1;
    }
  }

  function passThrough(receiver, kind) {
    const { readable, writable } = receiver.createEncodedStreams();
    const look = new TransformStream({
      async transform(frame, controller) {
        if (kind === 'video') slices.push(await checksum(new Uint8Array(frame.data)));
        controller.enqueue(frame);
      },
    });
    void readable.pipeThrough(look).pipeTo(writable);
  }

  /** As plugin-c/tests/tools/rtsp-camera.c does it: the slices alone, without start codes. */
  async function checksum(data) {
    const nals = splitNals(data).filter((nal) => [1, 5].includes(nal[0] & 0x1f));
    const joined = new Uint8Array(nals.reduce((sum, nal) => sum + nal.length, 0));
    let at = 0;
    for (const nal of nals) {
      joined.set(nal, at);
      at += nal.length;
    }
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  function splitNals(data) {
    const nals = [];
    let start = nextStartCode(data, 0);
    while (start < data.length) {
      const next = nextStartCode(data, start + 3);
      let end = next;
      while (end > start + 3 && data[end - 1] === 0) end -= 1;
      if (end > start + 3) nals.push(data.subarray(start + 3, end));
      start = next;
    }
    return nals;
  }

  function nextStartCode(data, from) {
    for (let at = from; at + 3 <= data.length; at += 1) {
      if (data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1) return at;
    }
    return data.length;
  }

  function newest() {
    return connections.findLast((one) => one.connectionState !== 'closed') ?? null;
  }

  /** What the newest connection has received. */
  async function report() {
    const connection = newest();
    const stats = connection ? [...(await connection.getStats()).values()] : [];
    const inbound = (kind) => stats.find((one) => one.type === 'inbound-rtp' && one.kind === kind);
    const codec = (rtp) => stats.find((one) => one.id === rtp?.codecId);
    const video = inbound('video');
    const audio = inbound('audio');
    return {
      state: connection?.connectionState ?? 'none',
      framesDecoded: video?.framesDecoded ?? 0,
      keyFramesDecoded: video?.keyFramesDecoded ?? 0,
      width: video?.frameWidth ?? 0,
      height: video?.frameHeight ?? 0,
      videoCodec: codec(video)?.mimeType ?? '',
      videoFormat: codec(video)?.sdpFmtpLine ?? '',
      audioCodec: codec(audio)?.mimeType ?? '',
      audioBytes: audio?.bytesReceived ?? 0,
      at: performance.now(),
    };
  }

  function listen() {
    const track = newest()
      ?.getReceivers()
      .map((receiver) => receiver.track)
      .find(({ kind, muted }) => kind === 'audio' && !muted);
    if (!track) return null;
    if (tones?.track === track) return tones;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 16_384;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    tones = { track, context, analyser };
    return tones;
  }

  /** The strongest frequency of the sound, in Hz; 0 while there is none. */
  function pitch() {
    const ear = listen();
    if (!ear) return 0;
    const bins = new Float32Array(ear.analyser.frequencyBinCount);
    ear.analyser.getFloatFrequencyData(bins);
    const peak = bins.reduce((best, level, bin) => (level > bins[best] ? bin : best), 0);
    if (peak === 0 || !(bins[peak] > -60)) return 0;
    const [left, top, right] = [bins[peak - 1], bins[peak], bins[peak + 1]];
    const shift = (left - right) / (2 * (left - 2 * top + right));
    return ((peak + shift) * ear.context.sampleRate) / ear.analyser.fftSize;
  }

  function resetGap() {
    pictures.longestGap = 0;
  }

  /** Resolves to the first answer of `ask` that is not falsy, or to null after `ms`. */
  async function until(ask, ms) {
    for (const end = performance.now() + ms; performance.now() < end; await wait(100)) {
      const answer = await ask();
      if (answer) return answer;
    }
    return null;
  }

  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  window.probe = {
    report,
    pitch,
    plays: (frames, ms) => until(async () => (await report()).framesDecoded >= frames, ms),
    sounds: (ms) => until(pitch, ms),
    resetGap,
    pictures: () => ({ ...pictures, silence: performance.now() - pictures.last }),
    slices: () => slices,
    wait,
  };
})();
