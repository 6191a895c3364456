/* The programs of peers/, built where they are not. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const SOURCES = path('../peers');
export const BUILD = path('../peers/build');

/** A program of peers/, as a path. */
export const peer = (name: string) => `${BUILD}/${name}`;

/** Needs meson, and the headers that scripts/packages.sh has, of OpenSSL and of libsrtp. */
export function buildPeers(): void {
  if (!existsSync(`${BUILD}/build.ninja`)) {
    execFileSync('meson', ['setup', BUILD, SOURCES], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
  execFileSync('ninja', ['-C', BUILD], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const CLIP = `${BUILD}/720p30.h264`;
const CLIP_SECONDS = 10;

/** A file of H264, 720p of 30 pictures a second at 2 Mbit/s: snow takes all the bits there are. */
export function clip(): string {
  if (existsSync(CLIP)) return CLIP;
  const line =
    `-q videotestsrc num-buffers=${CLIP_SECONDS * 30} pattern=snow` +
    ' ! video/x-raw,format=I420,width=1280,height=720,framerate=30/1' +
    ' ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=30' +
    ' ! video/x-h264,profile=constrained-baseline,stream-format=byte-stream' +
    ` ! filesink location=${CLIP}`;
  const { status } = spawnSync('gst-launch-1.0', line.split(' '));
  if (status !== 0) throw new Error('gst-launch-1.0 could not make a clip');
  return CLIP;
}
