/* What is in a file that a pipeline has written: played to its end, decoded, and looked at. */
import { statSync } from 'node:fs';
import { run } from './program.ts';
import { allColours, lastColour, lastTones, picturesTo, soundTo } from './raw.ts';

export interface Track {
  /** Decoded buffers. */
  readonly count: number;
  /** When the first begins, and the last, in seconds. */
  readonly first: number;
  readonly last: number;
}

export interface Recording {
  readonly video: Track;
  readonly audio: Track;
  /** The middle of every picture: red, green, blue. */
  readonly colours: () => readonly (readonly number[])[];
  /** The middle of the last picture. */
  readonly colour: () => readonly number[] | null;
  /** How much of each of these is in the end of the sound. */
  readonly tones: (hertz: readonly number[]) => readonly number[] | null;
}

/** Bytes of a file that is being written; 0 before it is there. */
export const sizeOf = (path: string): number =>
  statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Decodes a file with one picture and one sound, of whatever container; rejects where it has others,
 * does not decode, or has a picture that is not of these caps.
 */
export async function readRecording(path: string, caps = 'video/x-raw'): Promise<Recording> {
  const pictures = `${path}.rgb`;
  const sound = `${path}.pcm`;
  const pipeline = [
    `filesrc location=${path} ! decodebin name=d`,
    `d. ! videoconvert ! queue ! identity silent=false name=pictures ! ${caps} ! ${picturesTo(pictures, false)}`,
    `d. ! audioconvert ! queue ! identity silent=false name=sounds ! ${soundTo(sound, false)}`,
  ].join(' ');
  const player = run('gst-launch-1.0', ['-v', ...pipeline.split(' ')]);
  const { code } = await player.exit(60_000);
  if (code !== 0) throw new Error(`${path} does not play: ${player.err.join('\n')}`);
  return {
    video: trackOf(player.out, 'pictures'),
    audio: trackOf(player.out, 'sounds'),
    colours: () => allColours(pictures),
    colour: () => lastColour(pictures),
    tones: (hertz) => lastTones(sound, hertz),
  };
}

/** From the lines that `identity` says with `-v`. */
function trackOf(lines: readonly string[], name: string): Track {
  // Each is said twice, by the element and by the pipeline.
  const times = [...new Set(lines)].flatMap((line) => {
    const [, at, hours, minutes, seconds] =
      /GstIdentity:(\w+): last-message = chain .*pts: (\d+):(\d+):([\d.]+)/.exec(line) ?? [];
    return at === name ? [Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)] : [];
  });
  return { count: times.length, first: times[0] ?? NaN, last: times.at(-1) ?? NaN };
}
