/* Runs in a viewer page before the page's own script: offers what the address asks for besides the
 * page's own options. ?only-audio=PCMU, ?only-profile=64 (of H264, two digits), ?stereo=1,
 * ?only-send=1 */
/* global RTCPeerConnection, RTCRtpReceiver, URLSearchParams, location, window */
(() => {
  const asked = new URLSearchParams(location.search);
  const audio = asked.get('only-audio');
  const profile = asked.get('only-profile');

  class OfferingConnection extends RTCPeerConnection {
    constructor(...rest) {
      super(...rest);
      window.testPeer = this;
    }

    async createOffer(...rest) {
      for (const transceiver of this.getTransceivers()) narrow(transceiver);
      if (asked.has('only-send')) this.getTransceivers().forEach(turnAround);
      const { type, sdp } = await super.createOffer(...rest);
      return {
        type,
        sdp: asked.has('stereo') ? sdp.replace(/useinbandfec=1/, '$&;stereo=1') : sdp,
      };
    }
  }
  window.RTCPeerConnection = OfferingConnection;

  function narrow(transceiver) {
    const { kind } = transceiver.receiver.track;
    const isWanted = kind === 'audio' ? audio && isAudio : profile && isProfile;
    if (!isWanted) return;
    const { codecs } = RTCRtpReceiver.getCapabilities(kind);
    transceiver.setCodecPreferences(codecs.filter(isWanted));
  }

  function turnAround(transceiver) {
    transceiver.direction = 'sendonly';
  }

  function isAudio({ mimeType }) {
    return mimeType.toUpperCase() === `AUDIO/${audio}`;
  }

  function isProfile({ mimeType, sdpFmtpLine = '' }) {
    return mimeType === 'video/H264' && sdpFmtpLine.includes(`profile-level-id=${profile}`);
  }
})();
