/** What a viewer can say about its media, read from getStats. */
export interface ViewerStats {
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** kbit/s of picture and sound together, since the reading before. */
  readonly kbps: number;
  readonly framesDecoded: number;
  readonly freezeCount: number;
  readonly packetsLost: number;
  readonly packetsReceived: number;
  /** Of the packets since the reading before; null where there were none. */
  readonly lossPercent: number | null;
  /** Seconds of sound received, and the energy of it: silence has none. */
  readonly audioSeconds: number;
  readonly audioEnergy: number;
  /** `host`, `srflx`, `prflx` or `relay`. */
  readonly localCandidate: string | null;
  readonly remoteCandidate: string | null;
  /** `udp` or `tcp`. */
  readonly protocol: string | null;
  readonly roundTripMs: number | null;
  /** Since the reading before; 0 where there is none to compare with. */
  readonly passedMs: number;
  /** For the next reading's rate. */
  readonly bytes: number;
  readonly timestamp: number;
}

export const noStats: ViewerStats = {
  videoCodec: null,
  audioCodec: null,
  width: 0,
  height: 0,
  fps: 0,
  kbps: 0,
  framesDecoded: 0,
  freezeCount: 0,
  packetsLost: 0,
  packetsReceived: 0,
  lossPercent: null,
  audioSeconds: 0,
  audioEnergy: 0,
  localCandidate: null,
  remoteCandidate: null,
  protocol: null,
  roundTripMs: null,
  passedMs: 0,
  bytes: 0,
  timestamp: 0,
};

type Entry = Readonly<Record<string, unknown>>;

/** Boils a report down; `before` is the reading before it, for the rates. */
export function summarize(
  report: { forEach(visit: (entry: Entry) => void): void },
  before: ViewerStats,
): ViewerStats {
  const entries = new Map<unknown, Entry>();
  report.forEach((entry) => entries.set(entry.id, entry));
  const all = [...entries.values()];
  // of several cameras the first
  const inbound = (kind: string): Entry =>
    all
      .filter((entry) => entry.type === 'inbound-rtp' && entry.kind === kind)
      .sort((a, b) => Number(a.mid ?? 0) - Number(b.mid ?? 0))[0] ?? {};
  const [video, audio] = [inbound('video'), inbound('audio')];
  const transport = all.find((entry) => entry.type === 'transport') ?? {};
  const pair = entries.get(transport.selectedCandidatePairId) ?? {};
  const local = entries.get(pair.localCandidateId) ?? {};
  const remote = entries.get(pair.remoteCandidateId) ?? {};
  const packetsLost = numberOf(video.packetsLost) + numberOf(audio.packetsLost);
  const packetsReceived = numberOf(video.packetsReceived) + numberOf(audio.packetsReceived);
  const bytes = numberOf(video.bytesReceived) + numberOf(audio.bytesReceived);
  const timestamp = numberOf(video.timestamp ?? audio.timestamp);
  const passed = timestamp - before.timestamp;
  const isRate = before.timestamp > 0 && passed > 0 && bytes >= before.bytes;
  const roundTrip = pair.currentRoundTripTime;
  return {
    videoCodec: codecOf(entries.get(video.codecId)),
    audioCodec: codecOf(entries.get(audio.codecId)),
    width: numberOf(video.frameWidth),
    height: numberOf(video.frameHeight),
    fps: numberOf(video.framesPerSecond),
    kbps: isRate ? Math.round(((bytes - before.bytes) * 8) / passed) : 0,
    framesDecoded: numberOf(video.framesDecoded),
    freezeCount: numberOf(video.freezeCount),
    packetsLost,
    packetsReceived,
    lossPercent: isRate
      ? lossPercent(packetsLost - before.packetsLost, packetsReceived - before.packetsReceived)
      : null,
    audioSeconds: numberOf(audio.totalSamplesDuration),
    audioEnergy: numberOf(audio.totalAudioEnergy),
    localCandidate: textOf(local.candidateType),
    remoteCandidate: textOf(remote.candidateType),
    protocol: textOf(local.protocol),
    roundTripMs: typeof roundTrip === 'number' ? Math.round(roundTrip * 1000) : null,
    passedMs: isRate ? passed : 0,
    bytes,
    timestamp,
  };
}

/** A packet that comes late after all takes a loss back: the count may fall. */
function lossPercent(lost: number, received: number): number | null {
  const sent = Math.max(0, lost) + received;
  return sent > 0 ? (Math.max(0, lost) / sent) * 100 : null;
}

/** `video/H264` → `H264` */
function codecOf(entry: Entry | undefined): string | null {
  return textOf(entry?.mimeType)?.replace(/^\w+\//, '') ?? null;
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
