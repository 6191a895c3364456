import type { Clock } from '../../../src/service/index.ts';

/** A clock that moves when told, and runs what became due in order. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
  /** Timers still waiting. */
  readonly pending: number;
}

/** Starts at the real time, as clients sign with their own clocks. */
export function createFakeClock(start = Date.now()): FakeClock {
  let now = start;
  const timers = new Map<symbol, { readonly at: number; readonly action: () => void }>();
  const runDue = (until: number): boolean => {
    const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
    if (next === undefined || next[1].at > until) return false;
    timers.delete(next[0]);
    now = Math.max(now, next[1].at);
    next[1].action();
    return true;
  };
  return {
    now: () => now,
    after: (ms, action) => {
      const id = Symbol();
      timers.set(id, { at: now + ms, action });
      return () => {
        timers.delete(id);
      };
    },
    advance: (ms) => {
      const until = now + ms;
      while (runDue(until));
      now = until;
    },
    get pending() {
      return timers.size;
    },
  };
}
