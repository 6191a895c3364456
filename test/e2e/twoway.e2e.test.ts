import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { lastColour, lastTones, picturesTo, soundTo } from '../media/raw.ts';
import { openPrepared, waitForPhase } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';

const TONES = [660, 880, 1250] as const;
const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;
const SOURCES =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1' +
  ' ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true freq=440 ! k.';

describe('viewers that send', () => {
  let browser: TestBrowser;
  let directory: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-twoway-'));
  });

  afterEach(killAll);

  afterAll(async () => {
    await browser.kill();
    rmSync(directory, { recursive: true });
  });

  const file = (name: string): string => join(directory, name);

  async function openSender(url: string, tone: number, colour: readonly number[]): Promise<Page> {
    const address = new URL(url);
    address.searchParams.set('send', '1');
    address.searchParams.set('tone', String(tone));
    address.searchParams.set('colour', Buffer.from(colour).toString('hex'));
    const page = await openPrepared(browser, address.href, 'sender.js');
    await waitForPhase(page, 'playing');
    return page;
  }

  const idOf = (page: Page): Promise<string> => page.evaluate<string>('kvsViewer.state().clientId');

  /** The pad that a viewer's media comes out of, as told. */
  async function padOf(launcher: Launcher, peerId: string, media: string): Promise<string> {
    const fields = { peerId, media, added: true, element: 'k' };
    return String((await launcher.event(`${media} of ${peerId}`, is('track', fields))).pad);
  }

  /** Waits until just these of TONES are heard at the end of the file. */
  const hears = (name: string, tones: readonly number[]) =>
    poll(
      () => Promise.resolve(lastTones(file(name), TONES)),
      (levels) => levels?.every((level, at) => tones.includes(TONES[at]!) === level > 0.1) === true,
      20_000,
      (last) => `${name} does not have ${tones.join()} of ${TONES.join()} Hz alone: ${last}`,
    );

  const sees = (name: string, colour: readonly number[]) =>
    poll(
      () => Promise.resolve(lastColour(file(name))),
      (seen) => seen?.every((value, at) => Math.abs(value - colour[at]!) < 60) === true,
      20_000,
      (last) => `${name} is not ${colour.join()}: ${last}`,
    );

  it('come out of pads of their own, while they see the source', async () => {
    const launcher = launch([
      '--local',
      SOURCES +
        [0, 1]
          .map(
            (n) =>
              ` k.audio_src_${n} ! decodebin ! ${soundTo(file(`own-${n}.pcm`))}` +
              ` k.video_src_${n} ! decodebin ! ${picturesTo(file(`own-${n}.rgb`))}`,
          )
          .join(''),
    ]);
    const url = String((await launcher.event('address', is('watch'))).url);
    const senders = [
      { page: await openSender(url, TONES[0], RED), tone: TONES[0], colour: RED },
      { page: await openSender(url, TONES[1], BLUE), tone: TONES[1], colour: BLUE },
    ];
    for (const { page, tone, colour } of senders) {
      const id = await idOf(page);
      const audio = await padOf(launcher, id, 'audio');
      const video = await padOf(launcher, id, 'video');
      await hears(audio.replace('audio_src_', 'own-') + '.pcm', [tone]);
      await sees(video.replace('video_src_', 'own-') + '.rgb', colour);
      expect(audio.at(-1)).toBe(video.at(-1));
    }
    const [first] = senders;
    const id = await idOf(first!.page);
    await first!.page.close();
    for (const media of ['audio', 'video']) {
      await launcher.event(`end of ${media}`, is('track', { peerId: id, media, added: false }));
    }
    await senders[1]!.page.close();
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
    expect(launcher.err).toEqual([]);
  });

  // The talkback of the README, its loudspeaker a file.
  it('are mixed together, and so is who comes after one of them', async () => {
    const launcher = launch([
      '--local',
      `${SOURCES} audiotestsrc is-live=true wave=silence ! audiomixer name=m force-live=true min-upstream-latency=300000000 ! ${soundTo(file('mix.pcm'))}` +
        ' k.audio_src_0 ! decodebin ! audioconvert ! audioresample ! m.' +
        ' k.audio_src_1 ! decodebin ! audioconvert ! audioresample ! m.',
    ]);
    const url = String((await launcher.event('address', is('watch'))).url);
    await hears('mix.pcm', []);
    const one = await openSender(url, TONES[0], RED);
    await hears('mix.pcm', [TONES[0]]);
    const two = await openSender(url, TONES[1], BLUE);
    await hears('mix.pcm', [TONES[0], TONES[1]]);
    await one.close();
    await hears('mix.pcm', [TONES[1]]);
    const three = await openSender(url, TONES[2], RED);
    await hears('mix.pcm', [TONES[1], TONES[2]]);
    await Promise.all([two.close(), three.close()]);
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
  });
});
