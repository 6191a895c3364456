/* When a viewer has a picture that moves, from its pictures in each second. Pure. */

const MOVES = 5;
const FULL = 25;

/** Whether a rate is as good as thirty. */
export const isRecovered = (fps: number): boolean => fps >= FULL;

/** The second from whose start on every one has `least` pictures, at least the last two. */
function fromThenOn(seconds: readonly number[], least: number): number | undefined {
  const last = seconds.findLastIndex((pictures) => pictures < least);
  const begin = last + 1;
  return seconds.length - begin >= 2 ? begin : undefined;
}

/** Seconds until the picture moves, and goes on moving; undefined where it never does. */
export const settledAfter = (seconds: readonly number[]): number | undefined =>
  fromThenOn(seconds, MOVES);

/** Seconds until it has its full rate, and keeps it. */
export const recoveredAfter = (seconds: readonly number[]): number | undefined =>
  fromThenOn(seconds, FULL);
