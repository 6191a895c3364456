import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, serviceEnvironment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { makeCertificate } from '../service/support/tls.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';
import { startTlsFront, startTurn, TURN_SECRET } from './support/turn.ts';
import type { TestTurn, TlsFront } from './support/turn.ts';
import { openViewer } from './support/viewer.ts';

const pipeline = (channel: string, more = '') =>
  `videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! kinesiswebrtcbin channel=${channel} ${more}`.trim();

// Each service hands out relays by TLS alone, as a network that blocks UDP leaves them.
describe('a relay over TLS', () => {
  const certificate = makeCertificate();
  let browser: TestBrowser;
  let turn: TestTurn;
  let front: TlsFront;
  let service: Service;

  beforeAll(async () => {
    browser = await launchBrowser();
    turn = await startTurn();
    front = await startTlsFront(turn, certificate);
    service = await startService({
      limits: { creatingMs: 0 },
      turn: [
        {
          urls: [
            `turns:localhost:${front.port}?transport=udp`,
            `turns:localhost:${front.port}?transport=tcp`,
          ],
          secret: TURN_SECRET,
        },
      ],
    });
  });

  afterEach(killAll);
  afterAll(async () => {
    await browser.close();
    await service.close();
    await front.close();
    await turn.stop();
    certificate.remove();
  });

  it('carries picture to a browser, and the way is told as it is', async () => {
    const env = { ...serviceEnvironment(service), AWS_CA_BUNDLE: certificate.cert };
    const launcher = launch([pipeline('cam1', 'ice-transport-policy=relay')], env);
    await launcher.event('signed in', is('signaling', { state: 'connected' }));
    const viewer = await openViewer(browser, service.watchUrl('cam1'));
    await viewer.waitFor('playing');
    const connected = await launcher.event('the viewer', is('peer-connected'));
    expect(connected).toMatchObject({ localCandidate: 'relay', protocol: 'tls' });
    expect(await viewer.measureFps(3000)).toBeGreaterThan(20);
    await viewer.leave();
    await launcher.event('it left', is('peer-disconnected'));
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
    // The browser's own are gone with its page.
    await poll(
      () => Promise.resolve(front.open()),
      (open) => open === 0,
      10_000,
      (last) => `connections to the relay are left: ${last}`,
    );
  });
});

describe('a relay over plain TCP', () => {
  const certificate = makeCertificate();
  let browser: TestBrowser;
  let turn: TestTurn;
  let front: TlsFront;
  let service: Service;

  beforeAll(async () => {
    browser = await launchBrowser();
    turn = await startTurn();
    // Nobody listens behind this one: what connects has gone by plain TCP.
    front = await startTlsFront({ host: '127.0.0.1', port: 9 }, certificate);
    service = await startService({
      limits: { creatingMs: 0 },
      turn: [
        {
          urls: [
            `turn:127.0.0.1:${turn.port}?transport=tcp`,
            `turns:localhost:${front.port}?transport=tcp`,
          ],
          secret: TURN_SECRET,
        },
      ],
    });
  });

  afterEach(killAll);
  afterAll(async () => {
    await browser.close();
    await service.close();
    await front.close();
    await turn.stop();
    certificate.remove();
  });

  it('is not called one over TLS, though there is one', async () => {
    const env = { ...serviceEnvironment(service), AWS_CA_BUNDLE: certificate.cert };
    const launcher = launch([pipeline('cam1', 'ice-transport-policy=relay')], env);
    await launcher.event('signed in', is('signaling', { state: 'connected' }));
    const viewer = await openViewer(browser, service.watchUrl('cam1'));
    await viewer.waitFor('playing');
    const connected = await launcher.event('the viewer', is('peer-connected'));
    expect(connected).toMatchObject({ localCandidate: 'relay', protocol: 'tcp' });
    await viewer.leave();
    await launcher.event('it left', is('peer-disconnected'));
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
  });
});
