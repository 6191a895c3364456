import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../media/file.ts';
import type { Clip } from '../media/file.ts';
import { is, launch } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { startCamera } from '../media/rtsp.ts';
import { freeUdpPort, receiveUdp, sendUdp } from '../media/udp.ts';
import { openPrepared, waitForPhase, waitUntil } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';

const PITCH = 660;

describe('real input', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(killAll);

  afterAll(() => browser.kill());

  it("passes a camera's H264 through untouched", async () => {
    const camera = await startCamera();
    const launcher = launch([
      '--local',
      `rtspsrc location=${camera.url} latency=100 ! rtph264depay ! h264parse` +
        ' ! kinesiswebrtcbin channel=cam1',
    ]);
    const { url } = await launcher.event('address', is('watch'));
    const page = await openPrepared(browser, String(url), 'slices.js');
    await waitForPhase(page, 'playing');
    await waitUntil(page, 'slices.length >= 150');

    const arrived = await page.evaluate<string[]>('slices');
    const sent = camera.pictures();
    expect(arrived.filter((picture) => !sent.has(picture))).toEqual([]);
    await page.close();
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
  });

  it('shows another size in the same session, to the viewers of each codec', async () => {
    const port = await freeUdpPort();
    const launcher = launch(['--local', `${receiveUdp(port)} ! kinesiswebrtcbin channel=cam1`]);
    const { url } = await launcher.event('address', is('watch'));
    const small = sendUdp(port, 640, 480);
    const viewers = [
      await openViewer(browser, String(url), { codec: 'VP8' }),
      await openViewer(browser, String(url), { codec: 'H264' }),
    ];
    const show = (width: number, height: number) =>
      Promise.all(
        viewers.map((viewer) =>
          viewer.waitUntil(
            `show ${width} by ${height}`,
            ({ stats }) => stats.width === width && stats.height === height,
          ),
        ),
      );
    const codecs = (await show(640, 480)).map(({ stats }) => stats.videoCodec);
    expect(codecs).toEqual(['VP8', 'H264']);

    small.kill('SIGKILL');
    await small.exit();
    sendUdp(port, 1280, 720);
    await show(1280, 720);
    expect(launcher.events(is('peer-connected'))).toHaveLength(2);
    expect(launcher.events(is('peer-disconnected'))).toEqual([]);
    for (const viewer of viewers) await viewer.leave();
  });

  it.each<Clip>(['clip.mp4', 'clip.webm'])(
    'plays a file with picture and sound at its own pace, then ends (%s)',
    async (clip) => {
      const path = await makeClip(clip, 25, PITCH);
      const launcher = launch([
        '--local',
        `filesrc location=${path} ! decodebin name=d` +
          ' d. ! videoconvert ! kinesiswebrtcbin name=k channel=film' +
          ' d. ! audioconvert ! k.',
      ]);
      const { url } = await launcher.event('address', is('watch'));
      const viewer = await openViewer(browser, String(url));
      await viewer.waitFor('playing');

      const rate = await viewer.measureFps(5000);
      expect(rate).toBeGreaterThan(25);
      expect(rate).toBeLessThan(33);
      expect(Math.abs((await viewer.pitch()) - PITCH)).toBeLessThan(3);

      await launcher.event('end of the file', is('eos'), 40_000);
      expect(await launcher.exit()).toEqual({ code: 0, signal: null });
      const [gone] = launcher.events(is('peer-disconnected'));
      expect(gone?.durationMs).toBeGreaterThan(5000);
      await viewer.leave();
    },
  );
});
