import { describe, expect, it } from 'vitest';
import { queuedPadHint } from '../src/muxers.ts';

const K = 'kinesiswebrtcbin name=k role=viewer channel=cam1';
const FILE = 'filesink location=cam1.mkv';

describe('a queue before a muxer', () => {
  it.each([
    [
      'm.audio_0',
      `${K} k.video_src_0 ! queue ! matroskamux name=m ! ${FILE} k.audio_src_0 ! queue ! m.`,
    ],
    [
      'out.audio_0',
      `${K} webmmux offset=0 name=out ! ${FILE} k.audio_src_0 ! queue max-size-time=0 ! out. k.video_src_0 ! out.`,
    ],
    [
      'm.video_0',
      `${K} mp4mux name=m ! ${FILE} k.audio_src_0 ! queue ! m. k.video_src_0 ! queue ! m.`,
    ],
  ])('is told of when it hides what should come to %s', (pad, pipeline) => {
    expect(queuedPadHint(pipeline)).toContain(`as in queue ! ${pad},`);
  });

  it.each([
    `${K} matroskamux name=m ! ${FILE} k.video_src_0 ! m. k.audio_src_0 ! m.`,
    `${K} matroskamux name=m ! ${FILE} k.video_src_0 ! queue ! m. k.audio_src_0 ! m.`,
    `${K} matroskamux name=m ! ${FILE} k.video_src_0 ! queue ! m.video_0 k.audio_src_0 ! queue ! m.audio_0`,
    `${K} mp4mux name=m ! ${FILE} k.video_src_0 ! queue ! h264parse ! m.`,
    `${K} mpegtsmux name=m ! ${FILE} k.audio_src_0 ! queue ! m.`,
    `${K} audiomixer name=m ! autoaudiosink k.audio_src_0 ! queue ! m.`,
  ])('is not when it does not: %s', (pipeline) => {
    expect(queuedPadHint(pipeline)).toBeNull();
  });
});
