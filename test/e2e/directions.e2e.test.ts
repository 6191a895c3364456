import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { openPrepared, waitUntil } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import type { ViewerState } from './support/viewer.ts';

type Media = 'audio' | 'video';
type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const VIDEO = 'videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1 ! k.';
const AUDIO = 'audiotestsrc is-live=true ! k.';

const sources: readonly {
  readonly name: string;
  readonly sends: Readonly<Record<Media, string>>;
}[] = [
  { name: 'picture and sound', sends: { video: VIDEO, audio: AUDIO } },
  { name: 'picture alone', sends: { video: VIDEO, audio: '' } },
  { name: 'sound alone', sends: { video: '', audio: AUDIO } },
  { name: 'nothing', sends: { video: '', audio: '' } },
];

/** The page's lines in their order, and the address that makes it offer them. */
const browsers = [
  { name: 'receives', ask: {}, lines: ['video', 'audio'], way: 'recvonly' },
  { name: 'sends and receives', ask: { send: '1' }, lines: ['video', 'audio'], way: 'sendrecv' },
  {
    name: 'sends',
    ask: { send: '1', 'only-send': '1' },
    lines: ['video', 'audio'],
    way: 'sendonly',
  },
  {
    name: 'offers more than there is',
    ask: { cameras: '3' },
    lines: ['video', 'audio', 'video', 'video'],
    way: 'recvonly',
  },
] as const;

interface Line {
  readonly media: Media;
  readonly isShown: boolean;
  readonly isSent: boolean;
}

/** The first line of a kind that wants it gets the one source there is. */
function expectLines(
  { lines, way }: (typeof browsers)[number],
  sends: Readonly<Record<Media, string>>,
): readonly Line[] {
  return lines.map((media, at) => ({
    media,
    isShown: way !== 'sendonly' && sends[media] !== '' && lines.indexOf(media) === at,
    isSent: way !== 'recvonly',
  }));
}

function directionOf({ isShown, isSent }: Line): Direction {
  if (isShown) return isSent ? 'sendrecv' : 'recvonly';
  return isSent ? 'sendonly' : 'inactive';
}

describe.each(sources)('a master of $name', ({ sends }) => {
  let browser: TestBrowser;
  let launcher: Launcher;
  let url: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    launcher = launch([
      '--local',
      `kinesiswebrtcbin name=k channel=cam1 ${sends.video} ${sends.audio}` +
        ' k.video_src_0 ! fakesink async=false k.audio_src_0 ! fakesink async=false',
    ]);
    url = String((await launcher.event('address', is('watch'))).url);
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  const open = (ask: Readonly<Record<string, string>>): Promise<Page> => {
    const address = new URL(url);
    for (const [name, value] of Object.entries(ask)) address.searchParams.set(name, value);
    return openPrepared(browser, address.href, 'offers.js');
  };

  const stateOf = (page: Page): Promise<ViewerState> =>
    page.evaluate<ViewerState>('kvsViewer.state()');

  it.each(browsers)('and a browser that $name', async (kind) => {
    const lines = expectLines(kind, sends);
    const page = await open(kind.ask);
    const { clientId: peerId } = await stateOf(page);
    if (!lines.some(({ isShown, isSent }) => isShown || isSent)) {
      const refused = await launcher.event('refusal', is('peer-refused', { peerId }));
      expect(refused.reason).toMatch(/nothing/);
      await page.close();
      return;
    }
    await launcher.event('connection', is('peer-connected', { peerId }));

    const isShown = (media: Media) => lines.some((line) => line.isShown && line.media === media);
    if (isShown('video')) await waitUntil(page, 'kvsViewer.state().stats.framesDecoded > 5');
    if (isShown('audio')) await waitUntil(page, 'kvsViewer.state().stats.audioEnergy > 0');
    const sent = lines.filter(({ isSent }) => isSent).map(({ media }) => media);
    for (const media of sent) {
      await launcher.event(`${media} of it`, is('track', { peerId, media, added: true }));
    }

    expect(await page.evaluate('kvsViewer.directions()')).toEqual(lines.map(directionOf));
    expect(launcher.events(is('track', { peerId, added: true }))).toHaveLength(sent.length);
    const { stats } = await stateOf(page);
    expect(stats.framesDecoded > 0).toBe(isShown('video'));
    expect(stats.audioEnergy > 0).toBe(isShown('audio'));
    await page.close();
    await launcher.event('end', is('peer-disconnected', { peerId }));
  });
});
