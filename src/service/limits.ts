/**
 * The service's quotas and times, with Amazon's values as defaults.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-limits.html
 */
export interface Limits {
  /** Viewers connected to one channel. 10. */
  readonly viewersPerChannel: number;
  /** ConnectAsMaster, and ConnectAsViewer, per channel and second. 3. */
  readonly connectsPerSecond: number;
  /** DescribeSignalingChannel per channel and second. 5. */
  readonly describesPerSecond: number;
  /** GetSignalingChannelEndpoint per account and second. 300. */
  readonly endpointsPerSecond: number;
  /** Every other control-plane call per account and second. 50. */
  readonly callsPerSecond: number;
  /** GetIceServerConfig per channel and second. 5. */
  readonly iceConfigsPerSecond: number;
  /** Messages per WebSocket and second. 20, 5, 5. */
  readonly candidatesPerSecond: number;
  readonly offersPerSecond: number;
  readonly answersPerSecond: number;
  /** Characters of a message's base64 payload. 10000: the narrow reading of "10k". */
  readonly payloadLength: number;
  /** Bytes of a WebSocket message; a longer one closes the socket with 1009. 128 KiB. */
  readonly frameBytes: number;
  /** Bytes of a request body; a longer one is answered with 413. 64 KiB. */
  readonly bodyBytes: number;
  /** Channels of the account. 10000. */
  readonly channels: number;
  /** Messages held for one absent recipient; the oldest goes first. 200. */
  readonly heldMessages: number;
  /** Longest life of a WebSocket. 1 h. */
  readonly socketLifeMs: number;
  /** A WebSocket on which the client sends nothing, not even a ping, is closed. 10 min. */
  readonly socketIdleMs: number;
  /** GO_AWAY comes this long before the end of a life. 1 min. */
  readonly goAwayGraceMs: number;
  /** The service's own ping on each WebSocket, an unanswered one ends it. 30 s. */
  readonly pingMs: number;
  /** How long a new channel stays CREATING. 100 ms; the real one's moment is longer. */
  readonly creatingMs: number;
  /** How far a client's clock may be off. 5 min. */
  readonly clockSkewMs: number;
  /** A request must be complete in this time. 15 s. */
  readonly requestMs: number;
  /** Life of TURN credentials. 300 s. */
  readonly iceTtlSeconds: number;
}

export const defaultLimits: Limits = {
  viewersPerChannel: 10,
  connectsPerSecond: 3,
  describesPerSecond: 5,
  endpointsPerSecond: 300,
  callsPerSecond: 50,
  iceConfigsPerSecond: 5,
  candidatesPerSecond: 20,
  offersPerSecond: 5,
  answersPerSecond: 5,
  payloadLength: 10_000,
  frameBytes: 128 * 1024,
  bodyBytes: 64 * 1024,
  channels: 10_000,
  heldMessages: 200,
  socketLifeMs: 3_600_000,
  socketIdleMs: 600_000,
  goAwayGraceMs: 60_000,
  pingMs: 30_000,
  creatingMs: 100,
  clockSkewMs: 300_000,
  requestMs: 15_000,
  iceTtlSeconds: 300,
};
