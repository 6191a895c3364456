import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';
import { openViewer } from './support/viewer.ts';
import type { TestViewer } from './support/viewer.ts';

// White bars on the left and blue ones on the right.
const SOURCE =
  'videotestsrc is-live=true pattern=smpte ! video/x-raw,width=320,height=240,framerate=15/1';
const LYING = [320, 240] as const;
const STANDING = [240, 320] as const;

// Chromium turns the picture by itself, and gives the page its sides as they are shown.
describe('a picture that is to be turned', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(killAll);

  afterAll(async () => {
    await browser.kill();
  });

  const shows = (viewer: TestViewer, sides: readonly number[]) =>
    poll(
      () => viewer.page.evaluate<readonly number[]>(sidesInPage),
      (seen) => seen.join() === sides.join(),
      20_000,
      (last) => `the picture is not ${sides.join(' by ')}, but ${last}`,
    );

  /** Whether the white of the upper left corner is there now. */
  const isWhiteAt = (viewer: TestViewer, x: number, y: number) =>
    poll(
      () => viewer.pixel(x, y),
      (seen) => seen.every((value) => value > 150),
      20_000,
      (last) => `the picture is not white at ${x}, ${y}, but ${last}`,
    );

  const sidesInPage = `(() => {
    const { videoWidth, videoHeight } = document.querySelector('video');
    return [videoWidth, videoHeight];
  })()`;

  it.each(['VP8', 'H264'])(
    'stands upright in Chromium, also when it changes (%s)',
    async (codec) => {
      const launcher = launch([
        '--interactive',
        '--local',
        `${SOURCE} ! kinesiswebrtcbin name=k channel=cam1 rotation=90 video-codecs=${codec}`,
      ]);
      const url = String((await launcher.event('address', is('watch'))).url);
      const viewer = await openViewer(browser, url);
      await viewer.waitFor('playing');
      await shows(viewer, STANDING);
      await isWhiteAt(viewer, 0.8, 0.05);

      launcher.type('rotate 180');
      await launcher.event('answer', is('answer', { command: 'rotate', ok: true }));
      await shows(viewer, LYING);
      await isWhiteAt(viewer, 0.95, 0.8);
      launcher.type('rotate 270');
      await shows(viewer, STANDING);
      await isWhiteAt(viewer, 0.2, 0.95);
      launcher.type('rotate auto');
      await shows(viewer, LYING);
      await isWhiteAt(viewer, 0.05, 0.2);
      // All of it in one session.
      expect(launcher.events(is('peer-connected'))).toHaveLength(1);
      expect(launcher.events(is('peer-disconnected'))).toEqual([]);
      await viewer.leave();
    },
  );

  it('stands upright by the tag that comes with it', async () => {
    const launcher = launch([
      '--local',
      `${SOURCE} ! taginject tags=image-orientation=rotate-270 ! kinesiswebrtcbin channel=cam1`,
    ]);
    const url = String((await launcher.event('address', is('watch'))).url);
    const viewer = await openViewer(browser, url);
    await viewer.waitFor('playing');
    await shows(viewer, STANDING);
    await viewer.leave();
  });
});
