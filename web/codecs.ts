/**
 * The codecs one line of the offer asks for, or null for all. `codec` narrows to one video codec;
 * with `isOneOfMany` video lines only the common ones stay: the service carries offers of 10 kB,
 * which two lines with all that a browser knows are over.
 */
export function offeredCodecs(
  kind: 'audio' | 'video',
  codec: string | undefined,
  isOneOfMany: boolean,
): RTCRtpCodec[] | null {
  if (kind === 'audio' || (codec === undefined && !isOneOfMany)) return null;
  const { codecs = [] } = RTCRtpReceiver.getCapabilities(kind) ?? {};
  const named = codecs.filter(
    (one) => codec === undefined || one.mimeType.toUpperCase() === `VIDEO/${codec}`,
  );
  const chosen = isOneOfMany ? named.filter(isCommon) : named;
  const repair = codecs.filter(({ mimeType }) =>
    isOneOfMany ? mimeType.endsWith('/rtx') : /\/(rtx|red|ulpfec)$/.test(mimeType),
  );
  if (chosen.length === 0) throw new Error(`This browser cannot receive ${codec ?? kind}.`);
  return [...chosen, ...repair];
}

/** One variant of each codec; of H264 the one every encoder can make. */
function isCommon({ mimeType, sdpFmtpLine = '' }: RTCRtpCodec): boolean {
  switch (mimeType.toUpperCase()) {
    case 'VIDEO/VP8':
      return true;
    case 'VIDEO/H264':
      return (
        sdpFmtpLine.includes('packetization-mode=1') && /profile-level-id=42e0/i.test(sdpFmtpLine)
      );
    case 'VIDEO/VP9':
      return sdpFmtpLine.includes('profile-id=0');
    default:
      return false;
  }
}

/** Of the header extensions a browser offers, those the element answers, and how lines are told apart. */
const usefulExtensions = ['urn:3gpp:video-orientation', 'urn:ietf:params:rtp-hdrext:sdes:mid'];

/** Not in every browser, nor in TypeScript's library. */
interface ExtensionControl {
  getHeaderExtensionsToNegotiate?(): readonly { uri: string; direction: string }[];
  setHeaderExtensionsToNegotiate?(extensions: readonly object[]): void;
}

/** Leaves out of the offer what would make it too large, where the browser lets us. */
export function dropExtensions(transceiver: RTCRtpTransceiver): void {
  const control = transceiver as ExtensionControl;
  const extensions = control.getHeaderExtensionsToNegotiate?.() ?? [];
  control.setHeaderExtensionsToNegotiate?.(
    extensions.map((one) =>
      usefulExtensions.includes(one.uri) ? one : { uri: one.uri, direction: 'stopped' },
    ),
  );
}
