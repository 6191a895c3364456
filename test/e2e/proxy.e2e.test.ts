import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launchIn, serviceEnvironment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { makeCertificate } from '../service/support/tls.ts';
import type { TestCertificate } from '../service/support/tls.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { makeNetwork } from './support/network.ts';
import type { TestNetwork } from './support/network.ts';
import { startProxy } from './support/proxy.ts';
import type { TestProxy } from './support/proxy.ts';
import { startTlsFront, startTurn, TURN_SECRET } from './support/turn.ts';
import type { TestTurn, TlsFront } from './support/turn.ts';
import { openViewer } from './support/viewer.ts';

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! kinesiswebrtcbin channel=cam1';

describe('a camera whose only way out is an HTTP proxy', () => {
  let network: TestNetwork;
  let certificate: TestCertificate;
  let turn: TestTurn;
  let front: TlsFront;
  let service: Service;
  let proxy: TestProxy;
  let browser: TestBrowser;

  beforeAll(async () => {
    network = makeNetwork();
    certificate = makeCertificate(`IP:${network.here(1)},IP:${network.here(4)}`);
    turn = await startTurn(network.here(3));
    front = await startTlsFront(turn, { ...certificate, host: network.here(4), port: 443 });
    service = await startService({
      host: network.here(1),
      publicHost: network.here(1),
      // Not 443: a browser leaves that one out of the host's name.
      port: 8443,
      tlsCert: certificate.cert,
      tlsKey: certificate.key,
      limits: { creatingMs: 0 },
      turn: [{ urls: [`turns:${network.here(4)}:443?transport=tcp`], secret: TURN_SECRET }],
    });
    proxy = await startProxy(network.here(3), 'me:p@ss');
    network.filter([`tcp dport ${proxy.port} accept`, `tcp sport ${proxy.port} accept`, 'drop']);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
    await proxy.close();
    await service.close();
    await front.close();
    await turn.stop();
    certificate.remove();
    network.remove();
  });

  it('signs in through it, and sends its picture over TLS through it', async () => {
    const launcher = launchIn(network.camera, [PIPELINE], {
      ...serviceEnvironment(service),
      AWS_CA_BUNDLE: certificate.cert,
      https_proxy: `http://me:p%40ss@${network.here(3)}:${proxy.port}`,
      no_proxy: undefined,
    });
    await launcher.event('signed in', is('signaling', { state: 'connected' }));
    const viewer = await openViewer(browser, service.watchUrl('cam1'));
    await viewer.waitFor('playing', 60_000);
    const connected = await launcher.event('the viewer', is('peer-connected'));
    expect(connected).toMatchObject({ localCandidate: 'relay', protocol: 'tls' });
    const { framesShown } = await viewer.state();
    await viewer.waitUntil('go on', (now) => now.framesShown > framesShown + 60, 60_000);

    expect(proxy.refused()).toBe(0);
    expect(new Set(proxy.tunnels)).toEqual(
      new Set([`${network.here(1)}:8443`, `${network.here(4)}:443`]),
    );
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
    expect([...launcher.out, ...launcher.err].join('\n')).not.toContain('p%40ss');
  });
});
