import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { createChannel } from '../service/support/clients.ts';
import { makeCertificate } from '../service/support/tls.ts';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openMaster } from './support/master.ts';
import type { TestMaster } from './support/master.ts';
import { openViewer } from './support/viewer.ts';
import type { ViewerState } from './support/viewer.ts';

const says =
  (words: RegExp) =>
  ({ problem }: ViewerState): boolean =>
    words.test(problem ?? '');

// Amazon's SDK on both ends, in real browsers: the service and the page without our element.
describe.skipIf(!hasBrowser)("Amazon's JavaScript SDK in Chromium", () => {
  let service: Service;
  let channelArn: string;
  let masters: TestBrowser;
  let viewers: TestBrowser;
  let master: TestMaster;

  beforeAll(async () => {
    // the page as its source is now
    execFileSync(process.execPath, ['scripts/build-web.mjs']);
    service = await startService({ limits: { creatingMs: 0 } });
    channelArn = await createChannel(service, 'demo');
    [masters, viewers] = await Promise.all([launchBrowser(), launchBrowser()]);
    master = await openMaster(masters, service, channelArn);
  });

  afterAll(async () => {
    await master.close();
    await Promise.all([viewers.close(), masters.close()]);
    await service.close();
  });

  it('plays picture and sound, and says by which way', async () => {
    const viewer = await openViewer(viewers, service.watchUrl('demo'));
    const state = await viewer.waitFor('playing');
    expect(state.firstFrameMs).toBeGreaterThan(0);
    expect(state.problem).toBeNull();
    // the fake camera gives 20 a second, whatever it is asked for
    expect(await viewer.measureFps(2000)).toBeGreaterThan(10);
    expect(await viewer.readStats()).toMatchObject({
      width: 640,
      height: 480,
      audioCodec: 'opus',
      localCandidate: 'host',
      protocol: 'udp',
    });
    expect((await viewer.readStats()).audioEnergy).toBeGreaterThan(0);
    expect(await viewer.pixel(0.5, 0.5)).toHaveLength(3);
    expect(viewers.errors).toEqual([]);
    await viewer.leave();
  });

  it('offers only the codec asked for, without picture, or with a camera of its own', async () => {
    const [h264, sound, sending] = await Promise.all([
      openViewer(viewers, service.watchUrl('demo'), { codec: 'VP9' }),
      openViewer(viewers, service.watchUrl('demo'), { video: '0' }),
      openViewer(viewers, service.watchUrl('demo'), { send: '1' }),
    ]);
    await Promise.all([h264, sound, sending].map((viewer) => viewer.waitFor('playing')));
    expect((await h264.readStats()).videoCodec).toBe('VP9');
    expect((await sound.readStats()).videoCodec).toBeNull();
    expect((await sending.readStats()).framesDecoded).toBeGreaterThan(0);
    await Promise.all([h264, sound, sending].map((viewer) => viewer.leave()));
  });

  it('lets the master see at once that a page was closed', async () => {
    const viewer = await openViewer(viewers, service.watchUrl('demo'));
    const { clientId } = await viewer.waitFor('playing');
    await master.waitForPeer(clientId, (state) => state === 'connected');
    const left = Date.now();
    await viewer.leave();
    await master.waitForPeer(clientId, (state) => state !== 'connected');
    expect(Date.now() - left).toBeLessThan(2000);
    expect(service.inspect()[0]?.viewers).not.toContain(clientId);
  });

  it('keeps playing while its signaling connection is cut, and comes back to a new master', async () => {
    const viewer = await openViewer(viewers, service.watchUrl('demo'));
    await viewer.waitFor('playing');
    service.cut('demo');
    await viewer.waitUntil('lose its socket', ({ isSignedIn }) => !isSignedIn);
    expect((await viewer.state()).phase).toBe('playing');

    await master.stop();
    await viewer.waitUntil('miss the master', ({ phase }) => phase !== 'playing');
    await viewer.waitUntil('wait for a master', says(/Nobody is sending/));
    await master.close();
    master = await openMaster(masters, service, channelArn);
    await viewer.waitFor('playing', 40_000);
    await viewer.leave();
  });

  it('waits for a channel that does not exist yet, and says so', async () => {
    const viewer = await openViewer(viewers, service.watchUrl('later'));
    await viewer.waitUntil('wait for the channel', says(/There is no channel later/));
    await createChannel(service, 'later');
    await viewer.waitUntil('wait for a master', says(/Nobody is sending/));
    await viewer.leave();
  });

  it('shows the master a browser that was killed by its silence alone', async () => {
    const doomed = await launchBrowser();
    const viewer = await openViewer(doomed, service.watchUrl('demo'));
    const { clientId } = await viewer.waitFor('playing');
    await master.waitForPeer(clientId, (state) => state === 'connected');
    await doomed.kill();
    await master.waitForPeer(clientId, (state) => state !== 'connected');
    expect((await master.state()).peers[clientId]).toMatch(/^(disconnected|failed)$/); // no goodbye
  });

  it('goes over TLS with nothing of the SDK replaced', async () => {
    const certificate = makeCertificate();
    const secure = await startService({
      tlsCert: certificate.cert,
      tlsKey: certificate.key,
      limits: { creatingMs: 0 },
    });
    const arn = await createChannel(secure, 'demo', certificate.cert);
    const sender = await openMaster(masters, secure, arn);
    const viewer = await openViewer(viewers, secure.watchUrl('demo'));
    await viewer.waitFor('playing');
    await viewer.leave();
    await sender.close();
    await secure.close();
    certificate.remove();
  });
});
