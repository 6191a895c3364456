import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, serviceEnvironment } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { makeCertificate } from '../service/support/tls.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';
import { startTlsFront, startTurn, TURN_SECRET } from './support/turn.ts';
import type { TestTurn, TlsFront } from './support/turn.ts';
import { openViewer } from './support/viewer.ts';
import type { TestViewer } from './support/viewer.ts';

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1 ! kinesiswebrtcbin channel=cam1 ice-transport-policy=relay';

interface Parts {
  readonly browser: TestBrowser;
  readonly front: TlsFront;
  readonly service: Service;
}

interface Watched {
  readonly launcher: Launcher;
  readonly viewer: TestViewer;
  readonly connected: unknown;
}

/** A service that hands out these relays, and TLS on the way to what is behind the front. */
function useRelays(
  behind: (turn: TestTurn) => { host: string; port: number },
  urls: (turn: TestTurn, front: TlsFront) => readonly string[],
) {
  const certificate = makeCertificate();
  const ends: (() => unknown)[] = [
    () => {
      certificate.remove();
    },
  ];
  let parts: Parts;

  beforeAll(async () => {
    const browser = await launchBrowser();
    ends.unshift(() => browser.close());
    const turn = await startTurn();
    ends.unshift(() => turn.stop());
    const front = await startTlsFront(behind(turn), certificate);
    ends.unshift(() => front.close());
    const service = await startService({
      limits: { creatingMs: 0 },
      turn: [{ urls: [...urls(turn, front)], secret: TURN_SECRET }],
    });
    ends.unshift(() => service.close());
    parts = { browser, front, service };
  });
  afterEach(killAll);
  afterAll(async () => {
    for (const end of ends) await end();
  });

  return {
    parts: () => parts,
    async watch(): Promise<Watched> {
      const { browser, service } = parts;
      const env = { ...serviceEnvironment(service), AWS_CA_BUNDLE: certificate.cert };
      const launcher = launch([PIPELINE], env);
      await launcher.event('signed in', is('signaling', { state: 'connected' }));
      const viewer = await openViewer(browser, service.watchUrl('cam1'));
      await viewer.waitFor('playing');
      const connected = await launcher.event('the viewer', is('peer-connected'));
      return { launcher, viewer, connected };
    },
  };
}

async function leave({ launcher, viewer }: Watched) {
  await viewer.leave();
  await launcher.event('it left', is('peer-disconnected'));
  launcher.kill('SIGINT');
  expect(await launcher.exit()).toEqual({ code: 0, signal: null });
}

// As a network that blocks UDP leaves them.
describe('a relay over TLS', () => {
  const relays = useRelays(
    (turn) => turn,
    (_, front) => [
      `turns:localhost:${front.port}?transport=udp`,
      `turns:localhost:${front.port}?transport=tcp`,
    ],
  );

  it('carries picture to a browser, and the way is told as it is', async () => {
    const watched = await relays.watch();
    expect(watched.connected).toMatchObject({ localCandidate: 'relay', protocol: 'tls' });
    expect(await watched.viewer.measureFps(3000)).toBeGreaterThan(20);
    await leave(watched);
    // The browser's own are gone with its page.
    await poll(
      () => Promise.resolve(relays.parts().front.open()),
      (open) => open === 0,
      10_000,
      (last) => `connections to the relay are left: ${last}`,
    );
  });
});

describe('a relay over plain TCP', () => {
  const relays = useRelays(
    // Nobody listens behind the front: what connects has gone by plain TCP.
    () => ({ host: '127.0.0.1', port: 9 }),
    (turn, front) => [
      `turn:127.0.0.1:${turn.port}?transport=tcp`,
      `turns:localhost:${front.port}?transport=tcp`,
    ],
  );

  it('is not called one over TLS, though there is one', async () => {
    const watched = await relays.watch();
    expect(watched.connected).toMatchObject({ localCandidate: 'relay', protocol: 'tcp' });
    await leave(watched);
  });
});
