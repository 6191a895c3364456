/* The element as viewer of a browser: Amazon's JavaScript SDK is the master, and what comes is recorded. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, serviceEnvironment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { readRecording, sizeOf } from '../media/recording.ts';
import { createChannel } from '../service/support/clients.ts';
import { openPrepared } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openMaster } from './support/master.ts';
import type { TestMaster } from './support/master.ts';
import { poll } from './support/poll.ts';

const TONE = 660;
const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;
/** Some seconds of one colour after the other, and of the tone. */
const ENOUGH_BYTES = 60_000;

/** What Chromium sends, and how it gets into the file. */
const CODECS = [
  { codec: 'VP8', video: 'k.video_src_0 ! m.' },
  { codec: 'VP9', video: 'k.video_src_0 ! m.' },
  { codec: 'H264', video: 'k.video_src_0 ! h264parse ! m.' },
] as const;

describe('the element as viewer of a browser', () => {
  let directory: string;
  let service: Service;
  let browser: TestBrowser;
  let master: TestMaster;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-js-master-'));
    service = await startService({ limits: { creatingMs: 0 } });
    const channelArn = await createChannel(service, 'cam1');
    browser = await launchBrowser();
    const sending: TestBrowser = {
      ...browser,
      openPage: (url) =>
        openPrepared(browser, `${url}?tone=${TONE}&colour=ff0000&colour=0000ff`, 'sender.js'),
    };
    master = await openMaster(sending, service, channelArn);
  });

  afterEach(killAll);

  afterAll(async () => {
    await master.close();
    await browser.close();
    await service.close();
    rmSync(directory, { recursive: true });
  });

  it.each(CODECS)('records its $codec and its sound', async ({ codec, video }) => {
    const path = join(directory, `${codec}.mkv`);
    const viewer = launch(
      [
        '-e',
        `kinesiswebrtcbin name=k role=viewer channel=cam1 client-id=${codec} video-codecs=${codec}` +
          ` matroskamux name=m ! filesink location=${path} ${video} k.audio_src_0 ! m.`,
      ],
      serviceEnvironment(service),
    );
    await viewer.event('picture', is('track', { peerId: 'master', media: 'video', codec }));
    await viewer.event('sound', is('track', { peerId: 'master', media: 'audio', codec: 'OPUS' }));
    await poll(
      () => Promise.resolve(sizeOf(path)),
      (bytes) => bytes > ENOUGH_BYTES,
      60_000,
      (last) => `The file does not grow: ${last} ${viewer.err.join('\n')}`,
    );
    viewer.kill('SIGINT');
    expect(await viewer.exit()).toEqual({ code: 0, signal: null });
    // The master hears of it as well.
    await master.waitForPeer(codec, (state) => state === 'closed');

    const recorded = await readRecording(path, 'video/x-raw,width=320,height=240');
    expect(recorded.video.count).toBeGreaterThan(20);
    const seen = recorded.colours().flatMap(nameOf);
    const turns = seen.filter((name, at) => at > 0 && name !== seen[at - 1]);
    expect(turns.length, seen.join()).toBeGreaterThan(1);
    const [tone, octave] = recorded.tones([TONE, 2 * TONE])!;
    expect(tone).toBeGreaterThan(0.1);
    expect(octave).toBeLessThan(0.05);
  });
});

/** None for a picture between the two. */
function nameOf(colour: readonly number[]): readonly string[] {
  const isNear = (wanted: readonly number[]) =>
    colour.every((value, at) => Math.abs(value - wanted[at]!) < 60);
  if (isNear(RED)) return ['red'];
  return isNear(BLUE) ? ['blue'] : [];
}
