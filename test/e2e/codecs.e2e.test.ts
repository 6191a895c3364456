import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { openPrepared } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';
import type { TestViewer } from './support/viewer.ts';

/** A viewer whose page offers what pages/offers.js reads from the address. */
function openOffering(
  browser: TestBrowser,
  url: string,
  options: Readonly<Record<string, string>>,
): Promise<TestViewer> {
  const prepared: TestBrowser = {
    ...browser,
    openPage: (address) => openPrepared(browser, address, 'offers.js'),
  };
  return openViewer(prepared, url, options);
}

/** `a=fmtp` of what arrives, as the browser negotiated it. */
async function parametersOf({ page }: TestViewer, kind: 'audio' | 'video'): Promise<string> {
  const parameters = await page.evaluate<unknown>(`testPeer.getStats().then((stats) => {
    const all = [...stats.values()];
    const inbound = all.find(({ type, kind }) => type === 'inbound-rtp' && kind === '${kind}');
    return stats.get(inbound?.codecId)?.sdpFmtpLine;
  })`);
  return String(parameters);
}

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

  it('reaches a viewer that takes VP9 alone', async () => {
    const viewer = await openViewer(browser, url, { codec: 'VP9' });
    await viewer.waitUntil('play', ({ stats }) => stats.framesDecoded > 60);
    expect((await viewer.readStats()).videoCodec).toBe('VP9');
    await viewer.leave();
  });

  it.each(['PCMU', 'PCMA'])('is heard by a viewer that takes %s alone', async (codec) => {
    const viewer = await openOffering(browser, url, { 'only-audio': codec, video: '0' });
    await viewer.waitUntil('hear', ({ stats }) => stats.audioSeconds > 1);
    expect((await viewer.readStats()).audioCodec).toBe(codec);
    expect(Math.abs((await viewer.pitch()) - 440)).toBeLessThan(2);
    await viewer.leave();
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

describe('encoded H264', () => {
  afterAll(killAll);

  it.each([
    ['constrained-baseline', /profile-level-id=42e0/],
    ['main', /profile-level-id=4d00/],
    // where a browser offers no high, as Debian's, the nearest below: it decodes more than it says
    ['high', /profile-level-id=(6400|4d00)/],
  ])('of %s profile goes to the payload type of that profile', async (profile, expected) => {
    const launcher = launch([
      '--local',
      'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1' +
        // the fastest preset leaves out all that tells the profiles apart
        ' ! x264enc tune=zerolatency speed-preset=veryfast key-int-max=30' +
        ` ! video/x-h264,profile=${profile} ! kinesiswebrtcbin channel=cam1`,
    ]);
    const url = String((await launcher.event('address', is('watch'))).url);
    const browser = await launchBrowser();
    try {
      const viewer = await openOffering(browser, url, { audio: '0' });
      await viewer.waitUntil('play', ({ stats }) => stats.framesDecoded > 60);
      expect(await parametersOf(viewer, 'video')).toMatch(expected);
    } finally {
      await browser.kill();
      killAll();
    }
  });
});

describe('a source with two channels of sound', () => {
  let url: string;
  let browser: TestBrowser;

  beforeAll(async () => {
    const launcher = launch([
      '--local',
      'interleave name=i ! audioconvert ! kinesiswebrtcbin channel=cam1' +
        ' audiotestsrc is-live=true freq=400 ! audio/x-raw,format=F32LE,channels=1 ! queue ! i.' +
        ' audiotestsrc is-live=true freq=1000 ! audio/x-raw,format=F32LE,channels=1 ! queue ! i.',
    ]);
    url = String((await launcher.event('address', is('watch'))).url);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  it('is heard apart on either side by a viewer that asks for stereo', async () => {
    const viewer = await openOffering(browser, url, { video: '0', stereo: '1' });
    await viewer.waitUntil('hear', ({ stats }) => stats.audioSeconds > 1);
    expect(await parametersOf(viewer, 'audio')).toMatch(/useinbandfec=1/);
    const [left, right] = await viewer.page.evaluate<[number, number]>(pitchesInPage);
    expect(Math.abs(left - 400)).toBeLessThan(10);
    expect(Math.abs(right - 1000)).toBeLessThan(10);
    await viewer.leave();
  });
});

/** Runs in the page: the loudest tone on the left and on the right. */
const pitchesInPage = `(async () => {
  const context = new AudioContext();
  const splitter = context.createChannelSplitter(2);
  context.createMediaStreamSource(document.querySelector('video').srcObject).connect(splitter);
  const analysers = [0, 1].map((channel) => {
    const analyser = context.createAnalyser();
    analyser.fftSize = 16384;
    splitter.connect(analyser, channel);
    return analyser;
  });
  await context.resume();
  const start = context.currentTime;
  while (context.currentTime - start < 1.5) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return analysers.map((analyser) => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const top = bins.reduce((best, value, index) => (value > bins[best] ? index : best), 1);
    return (top * context.sampleRate) / analyser.fftSize;
  });
})()`;
