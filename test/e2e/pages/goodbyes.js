/* Runs in a viewer page before the page's own script: counts the connections that the other end closed by
 * DTLS's close_notify. A transport whose other end just dies does not become "closed". */
/* global RTCPeerConnection, window */
(() => {
  window.goodbyes = 0;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    #isOurs = false;

    constructor(...args) {
      super(...args);
      this.addEventListener('track', ({ receiver, track }) => {
        if (track.kind !== 'video') return;
        receiver.transport.addEventListener('statechange', ({ target }) => {
          if (target.state === 'closed' && !this.#isOurs) window.goodbyes += 1;
        });
      });
    }

    close() {
      this.#isOurs = true;
      super.close();
    }
  };
})();
