/* Work that takes its time: shown on a terminal, and left when the user has had enough. */
import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import { spin } from './report/spinner.ts';

export interface Patience {
  readonly streams: { readonly stderr: WriteStream };
  readonly signal: AbortSignal;
}

/** Null when `signal` came before the end of it: a call over the network is not called off, but left. */
export async function awaited<T>(
  work: Promise<T>,
  /** Null where lines are printed meanwhile. */
  what: string | null,
  { streams, signal }: Patience,
): Promise<T | null> {
  const done = what === null ? () => undefined : spin(streams.stderr, what);
  try {
    return await unlessAborted(work, signal);
  } finally {
    done();
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const waiting = new AbortController();
  const stopped = once(signal, 'abort', { signal: waiting.signal }).then(
    () => null,
    () => null,
  );
  try {
    return signal.aborted ? null : await Promise.race([work, stopped]);
  } finally {
    waiting.abort();
  }
}
