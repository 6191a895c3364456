/* The element as viewer, its master another one: the launch lines of the README, by both programs. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf, gstLaunch, is, launchLocal, runLauncher } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { lastColour, lastTones, picturesTo, soundTo } from '../media/raw.ts';
import { readRecording, sizeOf } from '../media/recording.ts';
import { poll } from './support/poll.ts';

const TONE = 440;
const GREEN = [0, 255, 0] as const;
/** Pictures whose middle is green, and a tone. */
const MASTER =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1' +
  ` ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true freq=${TONE} ! k.`;
/** Some seconds of MASTER. */
const ENOUGH_BYTES = 300_000;

const PROGRAMS: readonly [string, (pipeline: string, env: Environment) => Program][] = [
  ['gst-launch-1.0', (pipeline, env) => gstLaunch(`-e ${pipeline}`, env)],
  ['kvswebrtc-launch', (pipeline, env) => runLauncher(['-e', pipeline], env)],
];

const FORMATS = [
  {
    name: 'Matroska',
    line: (file: string) =>
      `kinesiswebrtcbin name=k role=viewer channel=cam1 matroskamux name=m ! filesink location=${file}` +
      ' k.video_src_0 ! m. k.audio_src_0 ! m.',
  },
  {
    name: 'MP4',
    line: (file: string) =>
      'kinesiswebrtcbin name=k role=viewer channel=cam1 video-codecs=H264' +
      ` mp4mux name=m ! filesink location=${file} k.video_src_0 ! h264parse ! m. k.audio_src_0 ! opusparse ! m.`,
  },
] as const;

const hlsLine = (playlist: string, segments: string) =>
  'kinesiswebrtcbin name=k role=viewer channel=cam1 video-codecs=H264' +
  ` hlssink2 name=h target-duration=1 location=${segments} playlist-location=${playlist}` +
  ' k.video_src_0 ! h264parse config-interval=-1 ! h.video' +
  ' k.audio_src_0 ! decodebin ! audioconvert ! audioresample ! voaacenc ! aacparse ! h.audio';

describe.each(PROGRAMS)('%s as a viewer', (_, launch) => {
  let directory: string;
  let env: Environment;

  const file = (name: string): string => join(directory, name);

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-receiving-'));
  });

  beforeEach(async () => {
    const service = launchLocal(['--channel', 'cam1']);
    env = environmentOf(await service.event('address', is('local')));
    // the channel is there when it says so, and a viewer makes none
    const master = gstLaunch(`-m ${MASTER}`, env);
    await master.line('a master that is signed in', (line) => line.includes('(string)connected'));
  });

  afterEach(killAll);

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  async function interrupt(viewer: Program): Promise<void> {
    viewer.kill('SIGINT');
    expect(await viewer.exit()).toEqual({ code: 0, signal: null });
  }

  it('shows the picture', async () => {
    const pictures = file('watched.rgb');
    const viewer = launch(
      `kinesiswebrtcbin role=viewer channel=cam1 ! decodebin ! ${picturesTo(pictures)}`,
      env,
    );
    await poll(
      () => Promise.resolve({ bytes: sizeOf(pictures), colour: lastColour(pictures) }),
      ({ bytes, colour }) => bytes > 30 * 768 && colour?.every(near(GREEN)) === true,
      30_000,
      (last) => `The picture is not there: ${last}`,
    );
    await interrupt(viewer);
  });

  it('shows the picture and plays the sound', async () => {
    const sound = file('heard.pcm');
    const pictures = file('seen.rgb');
    const viewer = launch(
      'kinesiswebrtcbin name=k role=viewer channel=cam1' +
        ` k.video_src_0 ! decodebin ! ${picturesTo(pictures)}` +
        ` k.audio_src_0 ! decodebin ! ${soundTo(sound)}`,
      env,
    );
    await poll(
      () =>
        Promise.resolve({
          colour: lastColour(pictures),
          tones: lastTones(sound, [TONE, 2 * TONE]),
        }),
      ({ colour, tones }) => colour?.every(near(GREEN)) === true && isTone(tones),
      30_000,
      (last) => `The picture and the sound are not there: ${last}`,
    );
    await interrupt(viewer);
  });

  it.each(FORMATS)('records to $name, and the file is whole', async ({ name, line }) => {
    const path = file(`recorded.${name}`);
    const viewer = launch(line(path), env);
    await poll(
      () => Promise.resolve(sizeOf(path)),
      (bytes) => bytes > ENOUGH_BYTES,
      90_000,
      (last) => `The file does not grow: ${last} ${viewer.err.join('\n')}`,
    );
    await interrupt(viewer);
    await expectMaster(path);
  });

  it('serves again by HLS', async () => {
    const playlist = file('cam1.m3u8');
    const viewer = launch(hlsLine(playlist, file('segment%05d.ts')), env);
    await poll(
      () => Promise.resolve(segmentsOf(playlist).length),
      (count) => count >= 3,
      90_000,
      (last) => `The playlist does not grow: ${last} ${viewer.err.join('\n')}`,
    );
    await interrupt(viewer);
    expect(readFileSync(playlist, 'utf8')).toContain('#EXT-X-ENDLIST');
    const [longest] = segmentsOf(playlist)
      .map(file)
      .toSorted((one, other) => sizeOf(other) - sizeOf(one));
    await expectMaster(longest!);
  });
});

/** Both tracks of the master that sends MASTER, side by side from beginning to end. */
async function expectMaster(path: string): Promise<void> {
  const { video, audio, colour, tones } = await readRecording(path);
  expect(video.count).toBeGreaterThan(5);
  expect(audio.count).toBeGreaterThan(5);
  expect(Math.abs(video.first - audio.first)).toBeLessThan(1.5);
  expect(Math.abs(video.last - audio.last)).toBeLessThan(1.5);
  expect(colour()?.every(near(GREEN)), String(colour())).toBe(true);
  expect(isTone(tones([TONE, 2 * TONE])), String(tones([TONE, 2 * TONE]))).toBe(true);
}

/** The files a playlist names, in their order; none before there is one. */
const segmentsOf = (playlist: string): readonly string[] =>
  existsSync(playlist)
    ? readFileSync(playlist, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('.ts'))
    : [];

const near = (wanted: readonly number[]) => (value: number, at: number) =>
  Math.abs(value - wanted[at]!) < 60;

/** Of the tone and its octave, the tone alone. */
const isTone = (levels: readonly number[] | null): boolean =>
  levels !== null && levels[0]! > 0.3 && levels[1]! < 0.1;
