import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=640,height=480,framerate=30/1' +
  ' ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true ! k.';

describe('a raw source', () => {
  let launcher: Launcher;
  let url: string;
  let browser: TestBrowser;

  beforeAll(async () => {
    launcher = launch(['--local', PIPELINE]);
    url = String((await launcher.event('address', is('watch'))).url);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  it('is encoded as each viewer wants it, VP8 and H264 at once', async () => {
    const vp8 = await openViewer(browser, url);
    const h264 = await openViewer(browser, url, { codec: 'H264' });
    await Promise.all([vp8.waitFor('playing'), h264.waitFor('playing')]);
    const rates = await Promise.all([vp8.measureFps(4000), h264.measureFps(4000)]);

    expect((await vp8.readStats()).videoCodec).toBe('VP8');
    expect((await h264.readStats()).videoCodec).toBe('H264');
    for (const rate of rates) expect(rate).toBeGreaterThan(25);
    await Promise.all([vp8.leave(), h264.leave()]);
  });

  it('is refused by name to a viewer that has no codec for it, and others go on', async () => {
    const steady = await openViewer(browser, url);
    const { clientId } = await steady.waitFor('playing');
    const stranger = await openViewer(browser, url, { codec: 'AV1', audio: '0' });
    const { clientId: strangerId } = await stranger.state();

    const refused = await launcher.event('refusal', is('peer-refused', { peerId: strangerId }));
    expect(refused.reason).toMatch(/codec/);
    expect(await steady.measureFps(3000)).toBeGreaterThan(25);
    expect(launcher.events(is('peer-connected', { peerId: strangerId }))).toEqual([]);
    expect(launcher.events(is('peer-disconnected', { peerId: clientId }))).toEqual([]);
    await Promise.all([steady.leave(), stranger.leave()]);
  });
});
