/* Raw sound and pictures that a pipeline writes to files while a test looks at their ends. */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

export const RATE = 48_000;
export const SIZE = 16;

/** From raw sound to a file: one channel of 16 bits, RATE a second. */
export const soundTo = (path: string, isLive = true): string =>
  `audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=${RATE},channels=1 ! ${writer(path, isLive)}`;

/** From raw video to a file: RGB, SIZE by SIZE. */
export const picturesTo = (path: string, isLive = true): string =>
  `videoconvert ! videoscale ! video/x-raw,format=RGB,width=${SIZE},height=${SIZE},pixel-aspect-ratio=1/1` +
  ` ! ${writer(path, isLive)}`;

/** What is live may not come for long, and nobody waits for it; a file's end is lost where nobody does. */
const writer = (path: string, isLive: boolean): string =>
  `filesink location=${path} buffer-mode=unbuffered async=${!isLive} sync=false`;

/** The last `bytes` of a file, or null while it has not so many. */
function tail(path: string, bytes: number): Buffer | null {
  if (!existsSync(path)) return null;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    if (size < bytes) return null;
    const buffer = Buffer.alloc(bytes);
    // Whole pieces: the writer may be in the middle of one.
    readSync(file, buffer, 0, bytes, Math.floor(size / bytes) * bytes - bytes);
    return buffer;
  } finally {
    closeSync(file);
  }
}

const PICTURE_BYTES = SIZE * SIZE * 3;

function middleOf(picture: Buffer): readonly number[] {
  const middle = (SIZE / 2) * SIZE * 3 + (SIZE / 2) * 3;
  return [...picture.subarray(middle, middle + 3)];
}

/** The colour in the middle of a file's last picture, or null before there is one. */
export function lastColour(path: string): readonly number[] | null {
  const picture = tail(path, PICTURE_BYTES);
  return picture === null ? null : middleOf(picture);
}

/** Likewise of every picture of a file that is whole. */
export function allColours(path: string): readonly (readonly number[])[] {
  const file = readFileSync(path);
  return Array.from({ length: file.length / PICTURE_BYTES }, (_, at) =>
    middleOf(file.subarray(at * PICTURE_BYTES, (at + 1) * PICTURE_BYTES)),
  );
}

/**
 * How much of each of `tones` (Hz) is in a file's last quarter of a second or so, as the amplitude of
 * a full-scale sine is 1 (Goertzel's algorithm); null before there is so much.
 */
export function lastTones(path: string, tones: readonly number[]): readonly number[] | null {
  const samples = RATE / 4;
  const sound = tail(path, samples * 2);
  return sound === null ? null : tones.map((tone) => amplitude(sound, samples, tone));
}

function amplitude(sound: Buffer, samples: number, tone: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * tone) / RATE);
  let [last, before] = [0, 0];
  for (let at = 0; at < samples; at += 1) {
    [last, before] = [sound.readInt16LE(at * 2) / 32_768 + turn * last - before, last];
  }
  const power = last * last + before * before - turn * last * before;
  return (2 * Math.sqrt(Math.max(power, 0))) / samples;
}
