/* Values as people read them. */
import type { Position } from '../gst/runtime.ts';

/** `340 ms`, `12.3 s`, `4 min 05 s`, `2 h 07 min`. */
export function duration(milliseconds: unknown): string {
  if (typeof milliseconds !== 'number') return '?';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 59_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in steps of 1000, as bit rates are counted. */
export function size(bytes: unknown): string {
  if (typeof bytes !== 'number') return '?';
  let value = bytes;
  let step = 0;
  for (; value >= 1000 && step < SIZES.length - 1; step++) value /= 1000;
  return `${step === 0 ? value : value.toFixed(1)} ${SIZES[step] ?? ''}`;
}

/** Nanoseconds as GStreamer writes them: `0:01:02.345678901`. */
export function gstTime(nanoseconds: number): string {
  const seconds = Math.floor(nanoseconds / 1e9);
  const rest = String(Math.floor(nanoseconds - seconds * 1e9)).padStart(9, '0');
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}.${rest}`;
}

/** `0:00:01.2 / 0:01:00.0 (2.0 %)`, or null where nobody knows. */
export function positionLine(at: Position | null): string | null {
  if (at === null) return null;
  const { position, duration } = at;
  if (duration === null) return `${gstTime(position).slice(0, 9)} / 99:99:99.`;
  const share = duration > 0 && duration >= position ? (100 * position) / duration : null;
  const end = gstTime(duration).slice(0, 9);
  return `${gstTime(position).slice(0, 9)} / ${end}${share === null ? '' : ` (${share.toFixed(1)} %)`}`;
}
