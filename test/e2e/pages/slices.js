/* Runs in a viewer page before the page's own script: checksums each coded picture that arrives,
 * as plugin-c/tests/tools/rtsp-camera.c does for each that leaves. */
/* global RTCPeerConnection, TransformStream, crypto, window */
(() => {
  const NAL_SLICE = 1;
  const NAL_IDR_SLICE = 5;
  const sums = [];

  class WatchedConnection extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      super({ ...configuration, encodedInsertableStreams: true }, ...rest);
      this.addEventListener('track', ({ receiver, track }) => {
        const { readable, writable } = receiver.createEncodedStreams();
        void readable.pipeThrough(look(track.kind)).pipeTo(writable);
      });
    }
  }
  window.RTCPeerConnection = WatchedConnection;
  window.slices = sums;

  function look(kind) {
    return new TransformStream({
      async transform(frame, controller) {
        if (kind === 'video') sums.push(await checksum(new Uint8Array(frame.data)));
        controller.enqueue(frame);
      },
    });
  }

  /** The slices alone, without start codes: parameter sets may be rewritten on the way. */
  async function checksum(data) {
    const slices = splitNals(data).filter((nal) =>
      [NAL_SLICE, NAL_IDR_SLICE].includes(nal[0] & 0x1f),
    );
    const joined = slices.flatMap((nal) => [...nal]);
    const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(joined));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  function splitNals(data) {
    const nals = [];
    let start = nextStartCode(data, 0);
    while (start < data.length) {
      const next = nextStartCode(data, start + 3);
      let end = next;
      // A start code of four bytes has a zero that is no part of this NAL.
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
})();
