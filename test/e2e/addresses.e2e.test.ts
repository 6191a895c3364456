/* Addresses of every kind between a camera and its viewer: IPv6 alone, both families, names of mDNS. */
import { execFileSync, spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, launchIn, serviceEnvironment } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';

const MASTER =
  'videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1' +
  ' ! kinesiswebrtcbin channel=cam1';

/** A later --disable-features replaces the one that shows candidates as addresses. */
const HIDDEN_ADDRESSES =
  '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebRTC,' +
  'PrivateNetworkAccessSendPreflights,BlockInsecurePrivateNetworkRequests';

/** A namespace with a link to this machine that has IPv6 and nothing else. */
function makeIpv6Link() {
  const n = 100 + (process.pid % 100);
  const [camera, here] = [`kvs-six-${n}`, `kvs6${n}`];
  const ip = (...words: string[]) => execFileSync('ip', words, { stdio: 'pipe' });
  const address = (host: number) => `fd00:${n}::${host}`;
  // What a run that was killed has left.
  spawnSync('ip', ['netns', 'del', camera]);
  ip('netns', 'add', camera);
  ip('link', 'add', here, 'type', 'veth', 'peer', 'name', 'eth', 'netns', camera);
  // Without the second in which an address is not used, as another may have it.
  ip('addr', 'add', `${address(1)}/64`, 'dev', here, 'nodad');
  ip('link', 'set', here, 'up');
  ip('-n', camera, 'addr', 'add', `${address(2)}/64`, 'dev', 'eth', 'nodad');
  for (const link of ['lo', 'eth']) ip('-n', camera, 'link', 'set', link, 'up');
  return { camera, here: address(1), remove: () => ip('netns', 'del', camera) };
}

describe('a viewer plays', () => {
  const cleanups: (() => unknown)[] = [];

  afterEach(async () => {
    killAll();
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  async function serve(host: string): Promise<Service> {
    const service = await startService({ host, channels: ['cam1'] });
    cleanups.push(() => service.close());
    return service;
  }

  async function browse(flags: readonly string[] = []): Promise<TestBrowser> {
    const browser = await launchBrowser(flags);
    cleanups.push(() => browser.kill());
    return browser;
  }

  async function expectPicture(master: Launcher, service: Service, browser: TestBrowser) {
    const viewer = await openViewer(browser, service.watchUrl('cam1'));
    const { clientId: peerId, firstFrameMs } = await viewer.waitFor('playing');
    const { setupMs } = await master.event('the viewer', is('peer-connected', { peerId }));
    console.log(`connected in ${String(setupMs)} ms, first picture after ${firstFrameMs} ms`);
    master.kill('SIGINT');
    expect(await master.exit()).toEqual({ code: 0, signal: null });
  }

  it('a camera that has IPv6 alone', async () => {
    const link = makeIpv6Link();
    cleanups.push(link.remove);
    const service = await serve(link.here);
    const master = launchIn(link.camera, [MASTER], serviceEnvironment(service));
    await expectPicture(master, service, await browse());
  });

  it('a camera with both families, of a service with IPv6 alone', async () => {
    const service = await serve('::1');
    await expectPicture(launch([MASTER], serviceEnvironment(service)), service, await browse());
  });

  it('where its own addresses are hidden behind names of mDNS', async () => {
    const service = await serve('127.0.0.1');
    await expectPicture(
      launch([MASTER], serviceEnvironment(service)),
      service,
      await browse([HIDDEN_ADDRESSES]),
    );
  });
});
