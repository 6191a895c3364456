/** Says whether one more may pass now. */
export type Gate = (now: number) => boolean;

/**
 * A token bucket: `perSecond` may pass at once and are refilled evenly over a second.
 * A refused one takes no token. `now` in milliseconds; a clock that goes back refills nothing.
 */
export function createBucket(perSecond: number): Gate {
  let tokens = perSecond;
  let last = Number.NEGATIVE_INFINITY;
  return (now) => {
    const passed = Math.max(0, now - last);
    tokens = Math.min(perSecond, tokens + (passed * perSecond) / 1000);
    last = Math.max(last, now);
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** One bucket a key, forgotten once it must be full again, so that keys cannot pile up. */
export function createBuckets(perSecond: number): (key: string, now: number) => boolean {
  const gates = new Map<string, { gate: Gate; used: number }>();
  return (key, now) => {
    for (const [other, entry] of gates) {
      if (now - entry.used <= 1000) break; // in order of last use: the rest is younger
      gates.delete(other);
    }
    const entry = gates.get(key) ?? { gate: createBucket(perSecond), used: now };
    gates.delete(key);
    gates.set(key, { gate: entry.gate, used: now });
    return entry.gate(now);
  };
}
