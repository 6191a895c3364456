import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launchIn, serviceEnvironment } from '../media/launcher.ts';
import type { LaunchEvent, Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { makeCertificate } from '../service/support/tls.ts';
import type { TestCertificate } from '../service/support/tls.ts';
import { openPrepared, waitForPhase, waitUntil } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { makeNetwork } from './support/network.ts';
import type { TestNetwork } from './support/network.ts';
import { startTlsFront, startTurn, TURN_SECRET } from './support/turn.ts';
import type { TestTurn, TlsFront } from './support/turn.ts';
import type { ViewerState } from './support/viewer.ts';

/** Small enough for the narrowest of the ways. */
const PIPELINE =
  'videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1' +
  ' ! kinesiswebrtcbin channel=cam1 bitrate=400 audiotestsrc is-live=true ! kinesiswebrtcbin0.';

interface Arrivals {
  readonly count: number;
  readonly longestGapMs: number;
}

interface Fault {
  readonly name: string;
  /** Lines of nft for what passes the router. */
  readonly rules?: readonly string[];
  readonly rate?: string;
  readonly isTranslated?: boolean;
  /** The camera's way, as `peer-connected` tells it. */
  readonly way: Readonly<Record<string, unknown>>;
  /** Pictures that must have come before it is taken for working. */
  readonly pictures: number;
}

const only = (...allowed: string[]) => [...allowed.map((rule) => `${rule} accept`), 'drop'];
const TCP_443 = ['tcp dport 443', 'tcp sport 443'];
const UDP_443 = ['udp dport 443', 'udp sport 443'];
const lose = (percent: number) => [`numgen random mod 100 < ${percent} drop`];

const FAULTS: readonly Fault[] = [
  { name: 'nothing wrong', way: { localCandidate: 'host', protocol: 'udp' }, pictures: 90 },
  { name: 'a symmetric NAT', isTranslated: true, way: { protocol: 'udp' }, pictures: 90 },
  { name: '5 % of packets lost each way', rules: lose(5), way: { protocol: 'udp' }, pictures: 90 },
  { name: '20 % of packets lost each way', rules: lose(20), way: {}, pictures: 30 },
  { name: '1 Mbit/s each way', rate: '1mbit', way: { protocol: 'udp' }, pictures: 90 },
  {
    name: 'UDP on port 443 alone',
    rules: only(...TCP_443, ...UDP_443),
    way: { localCandidate: 'relay', protocol: 'udp' },
    pictures: 90,
  },
  {
    name: 'TCP on port 443 alone',
    rules: only(...TCP_443),
    way: { localCandidate: 'relay', protocol: 'tls' },
    pictures: 90,
  },
];

describe('a camera behind a network that', () => {
  let network: TestNetwork;
  let certificate: TestCertificate;
  let turn: TestTurn;
  let front: TlsFront;
  let service: Service;
  let browser: TestBrowser;
  let launcher: Launcher;
  const table: Readonly<Record<string, unknown>>[] = [];

  beforeAll(async () => {
    network = makeNetwork();
    certificate = makeCertificate(`IP:${network.here(4)}`);
    turn = await startTurn(network.here(3), [], 443);
    front = await startTlsFront(turn, { ...certificate, host: network.here(4), port: 443 });
    const urls = [
      `turn:${network.here(3)}:443?transport=udp`,
      `turns:${network.here(4)}:443?transport=tcp`,
    ];
    service = await startService({
      host: network.here(1),
      port: 443,
      limits: { creatingMs: 0 },
      turn: [{ urls, secret: TURN_SECRET }],
    });
    // Only a page of a secure origin may look into what arrives.
    browser = await launchBrowser([`--unsafely-treat-insecure-origin-as-secure=${service.url}`]);
    launcher = launchIn(network.camera, [PIPELINE], {
      ...serviceEnvironment(service),
      AWS_CA_BUNDLE: certificate.cert,
    });
    await launcher.event('signed in', is('signaling', { state: 'connected' }));
  });

  afterAll(async () => {
    console.table(table);
    killAll();
    await browser.kill();
    await service.close();
    await front.close();
    await turn.stop();
    certificate.remove();
    network.remove();
  });

  const watch = () => openPrepared(browser, service.watchUrl('cam1'), 'arrivals.js');
  const state = (page: Page) => page.evaluate<ViewerState>('kvsViewer.state()');
  const untilPictures = (page: Page, count: number) =>
    waitUntil(page, `window.arrivals?.count >= ${count}`, 120_000);
  /** The first event from now on. */
  const next = (what: string, matches: (event: LaunchEvent) => boolean) => {
    const since = Date.now();
    return launcher.event(what, (e) => matches(e) && Date.parse(e.time) >= since, 120_000);
  };
  const heal = () => {
    network.filter([]);
  };

  async function note(fault: string, page: Page, lost: string): Promise<void> {
    const { longestGapMs, count } = await page.evaluate<Arrivals>('arrivals');
    const { stats } = await state(page);
    const { packetsLost, freezeCount } = stats;
    const gap = Math.round(longestGapMs);
    table.push({ fault, pictures: count, longestGapMs: gap, packetsLost, freezeCount, lost });
  }

  it.each(FAULTS)('has $name shows its picture', async (fault) => {
    network.filter(fault.rules ?? []);
    if (fault.isTranslated === true) network.translate();
    if (fault.rate !== undefined) network.limit(fault.rate);
    const page = await watch();
    await untilPictures(page, fault.pictures);
    const { clientId: peerId } = await state(page);
    const event = await launcher.event('the viewer', is('peer-connected', { peerId }));
    expect(event).toMatchObject(fault.way);
    await note(fault.name, page, `${String(event.localCandidate)}/${String(event.protocol)}`);
    // So that the goodbye arrives; without its translation nothing would.
    if (fault.isTranslated !== true) heal();
    if (fault.rate !== undefined) network.limit(null);
    await page.close();
    await launcher.event(`${peerId} gone`, is('peer-disconnected', { peerId }), 60_000);
  });

  it('goes silent costs a viewer, with a reason, and has it again', async () => {
    heal();
    const page = await watch();
    await untilPictures(page, 30);
    const { clientId: peerId } = await state(page);
    network.filter(['meta l4proto udp drop']);
    const dead = Date.now();
    const gone = await launcher.event('gone', is('peer-disconnected', { peerId }), 60_000);
    const noticed = Date.now() - dead;
    expect(gone.reason).not.toBe('');
    heal();
    const { count } = await page.evaluate<Arrivals>('arrivals');
    await untilPictures(page, count + 60);
    await note('way for UDP gone and back', page, `${String(gone.reason)}, ${noticed} ms`);
    await page.close();
  });

  it('translates to other ports all at once costs no viewer', async () => {
    network.translate();
    const page = await watch();
    await untilPictures(page, 30);
    const { clientId: peerId } = await state(page);
    network.rebind();
    const { count } = await page.evaluate<Arrivals>('arrivals');
    await untilPictures(page, count + 150);
    expect(launcher.events(is('peer-disconnected', { peerId }))).toEqual([]);
    await note('other ports of the NAT', page, 'the same peer');
    await page.close();
    await launcher.event('gone', is('peer-disconnected', { peerId }), 60_000);
  });

  it('is unplugged until that is noticed costs no viewer', async () => {
    heal();
    const page = await watch();
    await untilPictures(page, 30);
    const { clientId: peerId } = await state(page);
    const reconnecting = next('it to be noticed', is('signaling', { state: 'reconnecting' }));
    network.plug(false);
    const dead = Date.now();
    await reconnecting;
    const noticed = Date.now() - dead;
    const connected = next('signed in again', is('signaling', { state: 'connected' }));
    const { count } = await page.evaluate<Arrivals>('arrivals');
    network.plug(true);
    await connected;
    await untilPictures(page, count + 60);
    expect(launcher.events(is('peer-disconnected', { peerId }))).toEqual([]);
    await note('unplugged until noticed', page, `the same peer, ${noticed} ms`);
    await page.close();
  });

  it('is unplugged until the viewer is gone tells why, and has it again', async () => {
    const page = await watch();
    await untilPictures(page, 30);
    const { clientId: peerId } = await state(page);
    network.plug(false);
    const dead = Date.now();
    const gone = await launcher.event('gone', is('peer-disconnected', { peerId }), 60_000);
    const noticed = Date.now() - dead;
    expect(gone.reason).not.toBe('');
    const { count } = await page.evaluate<Arrivals>('arrivals');
    network.plug(true);
    await untilPictures(page, count + 60);
    await note('unplugged for longer', page, `${String(gone.reason)}, ${noticed} ms`);
    await page.close();
  });

  it('gives it another address costs no more than a pause', async () => {
    heal();
    const page = await watch();
    await untilPictures(page, 30);
    const { count } = await page.evaluate<Arrivals>('arrivals');
    const connected = next('signed in again', is('signaling', { state: 'connected' }));
    network.move();
    const again = await connected;
    // From the last sign of life, not from when it was given up.
    expect(again.gapMs).toBeGreaterThan(1000);
    await untilPictures(page, count + 60);
    await waitForPhase(page, 'playing');
    await note('another address', page, `signaling for ${String(again.gapMs)} ms`);
    await page.close();
  });

  it('has done all that, and ends as it should', async () => {
    expect(launcher.events(is('error'))).toEqual([]);
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
  });
});
