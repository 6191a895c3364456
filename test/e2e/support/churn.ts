/* A process that is to hold nothing of what came and went. */
import { setTimeout as wait } from 'node:timers/promises';
import { holdings } from '../../media/proc.ts';
import type { Holdings } from '../../media/proc.ts';

/**
 * Memory that is kept apart for each thread that ever was is no leak, and hides one. Nor is what malloc keeps
 * because large blocks were freed once, which it does unless its thresholds are given.
 */
export const EXACT_MALLOC = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '65536',
};

/** GLib keeps a thread of its pools for 15 s after its last work, such as a name that was looked up. */
const POOL_MS = 15_000;

/** What the process holds once it has let go of the last viewer; `wanted` is what it held before. */
export async function settled(pid: number, wanted: Holdings | undefined): Promise<Holdings> {
  let now = holdings(pid);
  let still = 0;
  // The first time there is nothing to compare with: it is at rest when it no longer changes.
  for (const end = Date.now() + 2 * POOL_MS; Date.now() < end;) {
    const before = now;
    await wait(500);
    now = holdings(pid);
    still = before.threads === now.threads && before.fds === now.fds ? still + 1 : 0;
    const enough = wanted === undefined || (now.fds <= wanted.fds && now.threads <= wanted.threads);
    if (still >= 6 && enough) return now;
  }
  return now;
}
