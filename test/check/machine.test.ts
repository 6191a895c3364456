import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeCameras, describeEncoders } from '../../src/check/machine.ts';

describe('cameras', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kvswebrtc-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const put = (...names: readonly string[]): void => {
    for (const name of names) writeFileSync(join(folder, name), '');
  };

  it('are those of every number, in order, and nothing else', () => {
    put('video10', 'video2', 'video', 'videos1', 'media0', 'null');
    expect(describeCameras(folder)).toBe(`${folder}/video2, ${folder}/video10 are there`);
  });

  it('may be one', () => {
    put('video1');
    expect(describeCameras(folder)).toBe(`${folder}/video1 is there`);
  });

  it('may be none', () => {
    put('null');
    expect(describeCameras(folder)).toBe('none; other sources need none');
    expect(describeCameras(join(folder, 'nosuch'))).toBe('none; other sources need none');
  });
});

describe('encoders', () => {
  it('are those of use here, hardware first', () => {
    const others = [
      'identity',
      'jpegenc',
      'vaapijpegenc',
      'valve',
      'v4l2src',
      'nvh264dec',
      'avenc_aac',
    ];
    const installed = [...others, 'opusenc', 'x264enc', 'vah264lpenc', 'v4l2h264enc', 'vp8enc'];
    expect(describeEncoders(installed)).toBe('v4l2h264enc, vah264lpenc, vp8enc, x264enc, opusenc');
  });

  it.each([
    'v4l2h264enc',
    'v4l2vp8enc',
    'vah264enc',
    'varenderD129h265enc',
    'vaapih264enc',
    'nvh264enc',
    'nvv4l2h265enc',
    'qsvh264enc',
    'msdkvp9enc',
    'omxh264enc',
    'mpph264enc',
    'vpuenc_h264',
  ])('of hardware are enough: %s', (name) => {
    expect(describeEncoders(['opusenc', name])).toBe(`${name}, opusenc`);
  });

  it.each(['svtav1enc', 'av1enc', 'nvav1enc'])('of AV1 need its payloader: %s', (name) => {
    expect(describeEncoders(['opusenc', name, 'rtpav1pay'])).toBe(`${name}, opusenc`);
    expect(() => describeEncoders(['opusenc', name])).toThrow('there is no encoder for video');
  });

  it.each([
    [['vp8enc'], 'there is no encoder for Opus', 'apt-get install gstreamer1.0-plugins-base'],
    [
      ['opusenc'],
      'there is no encoder for video',
      'apt-get install gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly',
    ],
    [
      [],
      'there is no encoder for video and none for Opus',
      'apt-get install gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly gstreamer1.0-plugins-base',
    ],
  ])('that are missing are named with their packages: %j', (installed, message, hint) => {
    expect(() => describeEncoders(installed)).toThrow(
      expect.objectContaining({ code: 'missing-plugin', message, hint }),
    );
  });
});
