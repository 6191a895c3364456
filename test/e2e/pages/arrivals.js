/* Runs in a viewer page before the page's own script: finds the longest time between the arrivals
 * of two pictures, by the clock of the network side. What is slow on this side of it (decoding and
 * painting, beside other browsers on the same cores) is not in it. */
/* global RTCPeerConnection, TransformStream, window */
(() => {
  let last = null;

  window.arrivals = { count: 0, longestGapMs: 0 };
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration, ...rest) {
      super({ ...configuration, encodedInsertableStreams: true }, ...rest);
      this.addEventListener('track', ({ receiver, track }) => {
        const { readable, writable } = receiver.createEncodedStreams();
        const look = track.kind === 'video' ? lookAt : () => undefined;
        const passing = new TransformStream({
          transform(frame, controller) {
            look(frame.getMetadata().receiveTime);
            controller.enqueue(frame);
          },
        });
        void readable.pipeThrough(passing).pipeTo(writable);
      });
    }
  };

  function lookAt(time) {
    const { arrivals } = window;
    if (last !== null) arrivals.longestGapMs = Math.max(arrivals.longestGapMs, time - last);
    arrivals.count += 1;
    last = time;
  }
})();
