/** Watches the pictures a video element really shows. */
export interface FrameWatch {
  /** When the first and the last picture were shown, by `performance.now()`; null before. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly count: number;
  /** The longest time between two pictures since the start or the last reset. */
  readonly longestGapMs: number;
  /** Forgets the first picture: a new connection begins. */
  readonly restart: () => void;
  readonly resetGap: () => void;
}

export function watchFrames(video: HTMLVideoElement, onFirst: () => void): FrameWatch {
  let firstAt: number | null = null;
  let lastAt: number | null = null;
  let count = 0;
  let longestGapMs = 0;
  const onFrame = (now: number): void => {
    if (lastAt !== null) longestGapMs = Math.max(longestGapMs, now - lastAt);
    lastAt = now;
    count += 1;
    if (firstAt === null) {
      firstAt = now;
      onFirst();
    }
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  return {
    get firstAt() {
      return firstAt;
    },
    get lastAt() {
      return lastAt;
    },
    get count() {
      return count;
    },
    get longestGapMs() {
      return longestGapMs;
    },
    restart: () => {
      firstAt = null;
      lastAt = null;
    },
    resetGap: () => {
      longestGapMs = 0;
    },
  };
}
