import type { ViewerPhase } from './viewer.ts';
import type { ViewerStats } from './stats.ts';

export type PagePhase = ViewerPhase | 'playing';

const phaseWords: Readonly<Record<PagePhase, string>> = {
  'signing-in': 'signing in',
  waiting: 'waiting for the sender',
  connecting: 'connecting',
  connected: 'connected',
  playing: 'playing',
  failed: 'trying again',
  closed: 'closed',
};

export function phaseText(phase: PagePhase): string {
  return phaseWords[phase];
}

/** What is shown under the plots, as label and value. */
export function facts(
  stats: ViewerStats,
  clientId: string,
  firstFrameMs: number | null,
): readonly (readonly [string, string])[] {
  const path = [stats.localCandidate, stats.remoteCandidate].filter((one) => one !== null);
  return [
    ['Video', stats.videoCodec ?? '–'],
    ['Audio', stats.audioCodec ?? '–'],
    ['Resolution', stats.width > 0 ? `${stats.width} × ${stats.height}` : '–'],
    ['Path', path.length > 0 ? `${path.join(' → ')}, ${stats.protocol ?? '?'}` : '–'],
    ['Lost packets', String(stats.packetsLost)],
    ['First picture', firstFrameMs === null ? '–' : `${firstFrameMs} ms`],
    ['Viewer', clientId],
  ];
}
