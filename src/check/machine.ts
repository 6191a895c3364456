/* What this machine has to make pictures and sound of: cameras and encoders. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { LaunchError } from '../errors.ts';
import { packageOfElement } from '../gst/missing.ts';

/**
 * The video devices in `folder`, by number, or that there is none. A device need not be a camera: a driver's decoder
 * is a video device too, and so is a camera's metadata.
 */
export function describeCameras(folder = '/dev'): string {
  const found = namesIn(folder)
    .filter((name) => /^video\d+$/.test(name))
    .toSorted((a, b) => numberOf(a) - numberOf(b))
    .map((name) => join(folder, name));
  if (found.length === 0) return 'none; other sources need none';
  return `${found.join(', ')} ${found.length === 1 ? 'is' : 'are'} there`;
}

function numberOf(device: string): number {
  return Number(device.slice('video'.length));
}

/** A folder that cannot be read has nothing for us. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const SOFTWARE = ['vp8enc', 'x264enc', 'openh264enc', 'vp9enc', 'x265enc'] as const;
const AV1 = ['svtav1enc', 'av1enc', 'rav1enc'] as const;
const AUDIO = 'opusenc';

/** Video4Linux, VA-API (old and new), Nvidia, Intel, OpenMAX, Rockchip, i.MX: `v4l2h264enc`, `varenderD129av1enc`. */
const HARDWARE =
  /^(?:(?:v4l2|va|nv|msdk|qsv|omx|mpp)\w*(?:h26[45]|vp[89]|av1)\w*enc|vpuenc_(?:h264|hevc|vp8))$/;

/**
 * Those of the installed elements that kinesiswebrtcbin encodes with, hardware first.
 *
 * @throws {LaunchError} `missing-plugin` where video, or Opus, which is the one sound that all browsers take well, has none.
 */
export function describeEncoders(installed: readonly string[]): string {
  const has = new Set(installed);
  // Without its payloader an AV1 encoder serves nobody.
  const software = has.has('rtpav1pay') ? [...SOFTWARE, ...AV1] : SOFTWARE;
  const video = [
    ...installed.filter((name) => HARDWARE.test(name) && isOfUse(name, has)).toSorted(),
    ...software.filter((name) => has.has(name)),
  ];
  const missing = [
    ...(video.length === 0 ? [{ kind: 'video', elements: ['vp8enc', 'x264enc'] }] : []),
    ...(has.has(AUDIO) ? [] : [{ kind: 'Opus', elements: [AUDIO] }]),
  ];
  if (missing.length === 0) return [...video, AUDIO].join(', ');
  const packages = missing.flatMap(({ elements }) => elements.map(packageOfElement));
  throw new LaunchError(
    'missing-plugin',
    `there is no encoder for ${missing.map(({ kind }) => kind).join(' and none for ')}`,
    { hint: `apt-get install ${packages.join(' ')}` },
  );
}

function isOfUse(name: string, has: ReadonlySet<string>): boolean {
  return !name.includes('av1') || has.has('rtpav1pay');
}
