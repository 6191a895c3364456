import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, serviceEnvironment } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { createChannel } from '../service/support/clients.ts';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openJsViewer } from './support/js-viewer.ts';
import type { JsViewer } from './support/js-viewer.ts';

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1' +
  ' ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true ! k.';

// The launcher with lines typed into it, and viewers on Amazon's SDK.
describe.skipIf(!hasBrowser)('a running pipeline', () => {
  let service: Service;
  let channelArn: string;
  let launcher: Launcher;
  let browser: TestBrowser;

  beforeAll(async () => {
    service = await startService({ limits: { creatingMs: 0 } });
    channelArn = await createChannel(service, 'cam1');
    launcher = launch(
      ['--interactive', '--send', 'hello', '--send', 'and welcome', PIPELINE],
      serviceEnvironment(service),
    );
    await launcher.event('sign-in', is('signaling', { state: 'connected' }));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
    await service.close();
  });

  const open = async (id: string, profile = false): Promise<JsViewer> => {
    const viewer = await openJsViewer(browser, service, channelArn, id, profile);
    await viewer.waitUntil('play', ({ framesDecoded }) => framesDecoded > 5);
    await viewer.waitUntil('open its channel', ({ isChannelOpen }) => isChannelOpen);
    return viewer;
  };

  it('greets each viewer, and texts go both ways, to one and to all', async () => {
    const [one, two] = await Promise.all([open('viewer-one'), open('viewer-two')]);
    for (const viewer of [one, two]) {
      const greeted = await viewer.waitUntil('be greeted', ({ messages }) => messages.length >= 2);
      expect(greeted.messages).toEqual(['hello', 'and welcome']);
    }
    await one.say('grüezi \u001b[2J');
    const data = await launcher.event(
      'text',
      (event) => is('data', { peerId: 'viewer-one' })(event) && String(event.text).startsWith('g'),
    );
    expect(data).toMatchObject({ label: 'kvsDataChannel', text: 'grüezi \u001b[2J' });

    launcher.type('@viewer-o only you');
    launcher.type('everybody');
    await one.waitUntil('read it', ({ messages }) => messages.includes('everybody'));
    await two.waitUntil('read it', ({ messages }) => messages.includes('everybody'));
    expect((await one.state()).messages).toContain('only you');
    expect((await two.state()).messages).not.toContain('only you');

    await Promise.all([one.close(), two.close()]);
  });

  it('stops the picture of one viewer alone, starts it again, and ends a session', async () => {
    const [muted, other] = await Promise.all([open('muted'), open('other')]);
    const playsOn = async (viewer: JsViewer, frames: number): Promise<void> => {
      const { framesDecoded } = await viewer.state();
      await viewer.waitUntil('play on', (now) => now.framesDecoded >= framesDecoded + frames);
    };

    launcher.type('mute mut');
    await launcher.event('answer', is('answer', { command: 'mute', ok: true }));
    await playsOn(other, 30);
    const { framesDecoded } = await muted.state();
    // Longer than a peer may be silent: it still reports, and is not taken for dead.
    await playsOn(other, 30 * 20);
    expect((await muted.state()).framesDecoded).toBe(framesDecoded);
    launcher.type('stats');
    expect(await launcher.event('stats', is('stats', { peerId: 'muted' }))).toMatchObject({
      muted: true,
      state: 'connected',
      videoCodec: 'VP8',
      width: 320,
      dataChannels: 1,
    });

    launcher.type('unmute muted');
    await playsOn(muted, 30);

    launcher.type('kick other');
    const left = await launcher.event('end', is('peer-disconnected', { peerId: 'other' }));
    expect(left.reason).toMatch(/application/);
    await playsOn(muted, 30);
    await Promise.all([muted.close(), other.close()]);
  });

  it("gives Amazon's test page its times, and nobody else", async () => {
    const [page, plain] = await Promise.all([open('page', true), open('plain')]);
    const { messages, offeredAt, connectedAt } = await page.waitUntil('be told', (now) =>
      now.messages.some((text) => text.includes('candidateGatheringStartTime')),
    );
    const told = messages
      .filter((text) => text.startsWith('{'))
      .map((text) => JSON.parse(text) as Readonly<Record<string, number>>);
    expect(told).toHaveLength(5);
    const [first, second, signaling, connection, gathering] = told;
    const between = (from: unknown, to: unknown) => {
      expect(Number(from)).toBeGreaterThan(0);
      expect(Number(to)).toBeGreaterThanOrEqual(Number(from));
    };
    between(first?.firstMessageFromViewerTs, first?.firstMessageFromMasterTs);
    between(second?.secondMessageFromViewerTs, second?.secondMessageFromMasterTs);

    // Of one machine, so of one clock: what the master did lies where the page saw it happen.
    between(signaling?.signalingStartTime, signaling?.describeChannelStartTime);
    between(signaling?.describeChannelStartTime, signaling?.describeChannelEndTime);
    between(signaling?.describeChannelEndTime, signaling?.getSignalingChannelEndpointStartTime);
    between(signaling?.getSignalingChannelEndpointEndTime, signaling?.connectStartTime);
    between(signaling?.connectStartTime, signaling?.connectEndTime);
    between(signaling?.getTokenStartTime, signaling?.getTokenEndTime);
    between(signaling?.getIceServerConfigStartTime, signaling?.getIceServerConfigEndTime);
    between(signaling?.signalingEndTime, offeredAt);
    between(offeredAt, signaling?.offerReceiptTime);
    between(signaling?.offerReceiptTime, signaling?.sendAnswerTime);
    between(signaling?.sendAnswerTime, connectedAt);
    expect(signaling).toMatchObject({ createChannelStartTime: 0, createChannelEndTime: 0 });
    between(connection?.peerConnectionStartTime, connection?.peerConnectionEndTime);
    between(gathering?.candidateGatheringStartTime, gathering?.candidateGatheringEndTime);

    const others = (await plain.state()).messages;
    expect(others.filter((text) => text.startsWith('{'))).toEqual([]);
    await Promise.all([page.close(), plain.close()]);
  });

  it('ends in order', async () => {
    launcher.type('quit');
    expect(await launcher.exit()).toMatchObject({ code: 0 });
  });
});
