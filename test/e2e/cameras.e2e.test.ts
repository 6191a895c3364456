import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';
import { openViewer } from './support/viewer.ts';
import type { TestViewer } from './support/viewer.ts';

const camera = (colour: string, pad: string): string =>
  `videotestsrc is-live=true pattern=${colour} ! video/x-raw,width=320,height=240,framerate=15/1` +
  ` ! k.${pad}`;

// Linked in another order than they are numbered in.
const PIPELINE = [
  'kinesiswebrtcbin name=k channel=cam1',
  camera('blue', 'video_sink_1'),
  camera('red', 'video_sink_0'),
  'audiotestsrc is-live=true ! k.',
].join(' ');

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;
const GREEN = [0, 255, 0] as const;
const WHITE = [255, 255, 255] as const;

/** Waits for the middle of that camera's picture to be of the colour. */
async function seesColour(viewer: TestViewer, colour: readonly number[], place: number) {
  await poll(
    () => viewer.pixel(0.5, 0.5, place).catch(() => [0, 0, 0] as const),
    (seen) => seen.every((value, index) => Math.abs(value - colour[index]!) < 60),
    15_000,
    (last) => `camera ${place} is not ${colour.join()}, but ${last}`,
  );
}

describe('two cameras in one channel', () => {
  let url: string;
  let browser: TestBrowser;

  beforeAll(async () => {
    const launcher = launch(['--local', PIPELINE]);
    url = String((await launcher.event('address', is('watch'))).url);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  const directions = (viewer: TestViewer): Promise<(string | null)[]> =>
    viewer.page.evaluate<(string | null)[]>('kvsViewer.directions()');

  it('are both seen, by their numbers', async () => {
    const viewer = await openViewer(browser, url, { cameras: '2' });
    await viewer.waitFor('playing');
    await viewer.waitUntil('get two cameras', ({ cameras }) => cameras === 2);
    await seesColour(viewer, RED, 0);
    await seesColour(viewer, BLUE, 1);
    expect(await viewer.pitch()).toBeGreaterThan(0);
    await viewer.leave();
  });

  it('show the first to a viewer of one', async () => {
    const viewer = await openViewer(browser, url);
    await viewer.waitFor('playing');
    await seesColour(viewer, RED, 0);
    expect((await viewer.state()).cameras).toBe(1);
    await viewer.leave();
  });

  it('leave the third line of a viewer of three inactive', async () => {
    const viewer = await openViewer(browser, url, { cameras: '3' });
    await viewer.waitFor('playing');
    await seesColour(viewer, RED, 0);
    await seesColour(viewer, BLUE, 1);
    expect((await viewer.state()).cameras).toBe(2);
    expect(await directions(viewer)).toEqual(['recvonly', 'recvonly', 'recvonly', 'inactive']);
    await viewer.leave();
  });
});

// As many as the page shows.
describe('four cameras in one channel', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  it('are all seen, by their numbers', async () => {
    const launcher = launch([
      '--local',
      [
        'kinesiswebrtcbin name=k channel=cam1',
        ...['red', 'blue', 'green', 'white'].map((colour, n) => camera(colour, `video_sink_${n}`)),
      ].join(' '),
    ]);
    const url = String((await launcher.event('address', is('watch'))).url);
    const viewer = await openViewer(browser, url, { cameras: '4' });
    await viewer.waitUntil('get four cameras', (state) => state.cameras === 4);
    for (const [place, colour] of [RED, BLUE, GREEN, WHITE].entries()) {
      await seesColour(viewer, colour, place);
    }
    await viewer.leave();
  });
});
