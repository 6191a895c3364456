/* What masters send. */
import { clip } from './built.ts';
import type { Codec } from './sdp.ts';

export interface Source {
  readonly name: string;
  readonly codec: Codec;
  /** Whether the master encodes it. */
  readonly isRaw: boolean;
  readonly kbps: number;
  /** The pipeline's text up to the master. */
  text(): string;
}

const raw = (width: number, height: number) =>
  `video/x-raw,format=I420,width=${width},height=${height},framerate=30/1`;

/** Bars with snow in a corner, which cannot be foretold: it takes all the bits that an encoder may spend. */
export const rawVp8: Source = {
  name: 'raw 720p30, to be VP8',
  codec: 'VP8',
  isRaw: true,
  kbps: 2000,
  text: () => `videotestsrc is-live=true pattern=smpte ! ${raw(1280, 720)}`,
};

export const passingH264: Source = {
  name: 'H264 of 720p30 that passes through',
  codec: 'H264',
  isRaw: false,
  kbps: 2000,
  text: () =>
    `multifilesrc location=${clip()} loop=true ! video/x-h264,stream-format=byte-stream,framerate=30/1` +
    ' ! h264parse ! identity sync=true',
};

/** What leaves the machine time for browsers. */
export const smallVp8: Source = {
  name: 'raw 640x480 at 30, to be VP8',
  codec: 'VP8',
  isRaw: true,
  kbps: 1000,
  text: () => `videotestsrc is-live=true pattern=ball ! ${raw(640, 480)}`,
};

export const clockVp8: Source = {
  name: 'raw 720p30 with a clock in it, to be VP8',
  codec: 'VP8',
  isRaw: true,
  kbps: 2000,
  text: () => `videotestsrc is-live=true pattern=smpte ! ${raw(1280, 720)} ! benchclock`,
};

/** Of hardly any work. */
export const tinyVp8: Source = {
  name: 'raw 160x120 at 30, to be VP8',
  codec: 'VP8',
  isRaw: true,
  kbps: 200,
  text: () => `videotestsrc is-live=true pattern=ball ! ${raw(160, 120)}`,
};

/** More than a thin way takes, and little enough for several browsers. */
export const fairVp8: Source = {
  name: 'raw 640x480 at 30, to be VP8 of 1 Mbit/s',
  codec: 'VP8',
  isRaw: true,
  kbps: 1000,
  text: () => `videotestsrc is-live=true pattern=smpte ! ${raw(640, 480)}`,
};
