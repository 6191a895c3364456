/* Real files with picture and sound, made on the spot. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './program.ts';

const FORMATS = {
  'clip.mp4': {
    mux: 'mp4mux',
    video: 'x264enc speed-preset=ultrafast key-int-max=60 ! h264parse',
    audio: 'avenc_aac ! aacparse',
  },
  'clip.webm': {
    mux: 'webmmux',
    video: 'vp8enc deadline=1 cpu-used=8 keyframe-max-dist=60',
    audio: 'audioconvert ! opusenc',
  },
} as const;

export type Clip = keyof typeof FORMATS;

/** 30 pictures a second and a tone of `pitch` Hz; returns the path. */
export async function makeClip(clip: Clip, seconds: number, pitch: number): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), 'kvswebrtc-clip-')), clip);
  const { mux, video, audio } = FORMATS[clip];
  const pipeline = [
    `videotestsrc pattern=ball num-buffers=${seconds * 30}`,
    `! video/x-raw,width=640,height=360,framerate=30/1 ! ${video} ! queue ! ${mux} name=m`,
    `! filesink location=${path}`,
    `audiotestsrc freq=${pitch} samplesperbuffer=960 num-buffers=${seconds * 50}`,
    `! audio/x-raw,rate=48000,channels=2 ! ${audio} ! queue ! m.`,
  ].join(' ');
  const { code } = await run('gst-launch-1.0', ['-q', ...pipeline.split(' ')]).exit(60_000);
  if (code !== 0) throw new Error(`gst-launch-1.0 could not make ${clip}`);
  return path;
}
