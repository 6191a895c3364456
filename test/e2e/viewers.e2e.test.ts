import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { descendants, isAlive, socketsOf, stillOpen } from '../media/proc.ts';
import { killAll } from '../media/program.ts';
import { openPrepared, waitForPhase } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';

const PITCH = 440;
const PIPELINE =
  'videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=480,framerate=30/1' +
  ' ! kinesiswebrtcbin name=k channel=cam1' +
  ` audiotestsrc is-live=true freq=${PITCH} ! k.`;
/** Viewers that come and go beside the steady one. */
const ROUNDS = 5;
/** Three at once, one that is killed, the steady one and those beside it. */
const VIEWERS = 3 + 1 + 1 + ROUNDS;

interface Arrivals {
  readonly count: number;
  readonly longestGapMs: number;
}

describe('one pipeline, many browsers', () => {
  let launcher: Launcher;
  let url: string;
  let browsers: TestBrowser[] = [];

  beforeAll(async () => {
    launcher = launch(['--local', PIPELINE]);
    url = String((await launcher.event('address', is('watch'))).url);
    // One after the other: three at once can take longer to start than their patience.
    for (let count = 0; count < 3; count += 1) browsers = [...browsers, await launchBrowser()];
  });

  afterAll(async () => {
    killAll();
    await Promise.all(browsers.map((browser) => browser.kill()));
  });

  const connected = (peerId: string) => is('peer-connected', { peerId, element: 'k' });
  const disconnected = (peerId: string) => is('peer-disconnected', { peerId, element: 'k' });

  it('shows three viewers at once over 25 pictures a second and the tone', async () => {
    const viewers = await Promise.all(browsers.map((browser) => openViewer(browser, url)));
    const states = await Promise.all(viewers.map((viewer) => viewer.waitFor('playing')));
    const rates = await Promise.all(viewers.map((viewer) => viewer.measureFps(5000)));
    const pitches = await Promise.all(viewers.map((viewer) => viewer.pitch()));
    console.log('pictures a second', rates, 'pitch', pitches);
    console.log(
      'first picture after ms',
      states.map(({ firstFrameMs }) => firstFrameMs),
    );

    for (const rate of rates) expect(rate).toBeGreaterThan(25);
    for (const pitch of pitches) expect(Math.abs(pitch - PITCH)).toBeLessThan(3);
    for (const { clientId } of states) {
      const event = await launcher.event(`${clientId} connected`, connected(clientId));
      expect(event.setupMs).toBeGreaterThan(0);
      expect(event.protocol).toBe('udp');
    }

    await Promise.all(viewers.map((viewer) => viewer.leave()));
    for (const { clientId } of states) {
      const event = await launcher.event(`${clientId} disconnected`, disconnected(clientId));
      expect(event.bytesSent).toBeGreaterThan(10_000);
    }
  });

  it('notices within 30 s a viewer that was killed', async () => {
    const doomed = await launchBrowser();
    const viewer = await openViewer(doomed, url);
    const { clientId } = await viewer.waitFor('playing');
    await launcher.event('connected', connected(clientId));
    await doomed.kill();
    const killed = Date.now();
    await launcher.event(`${clientId} disconnected`, disconnected(clientId), 30_000);
    console.log('noticed after ms', Date.now() - killed);
  });

  it('keeps a steady picture while others come and go', async () => {
    const steady = await openPrepared(browsers[0]!, url, 'arrivals.js');
    await waitForPhase(steady, 'playing');
    await steady.evaluate('kvsViewer.resetGap()');
    for (let round = 0; round < ROUNDS; round += 1) {
      const viewer = await openViewer(browsers[1]!, url);
      const { clientId } = await viewer.waitFor('playing');
      await viewer.leave();
      await launcher.event(`${clientId} disconnected`, disconnected(clientId));
    }
    const shown = await steady.evaluate<number>('kvsViewer.state().longestGapMs');
    const arrived = await steady.evaluate<Arrivals>('arrivals');
    console.log('longest gap in ms', { shown, ...arrived });
    // Not `shown`: it has in it what starting browsers does to the painting of this one.
    expect(arrived.longestGapMs).toBeLessThan(200);
    expect(arrived.count).toBeGreaterThan(50);
  });

  it('ends on Ctrl-C with 0, and leaves no process and no socket', async () => {
    const family = [launcher.pid, ...descendants(launcher.pid)];
    const sockets = family.flatMap(socketsOf);
    expect(stillOpen(sockets).length).toBeGreaterThan(0);

    launcher.kill('SIGINT');
    expect(await launcher.exit(10_000)).toEqual({ code: 0, signal: null });
    expect(family.filter(isAlive)).toEqual([]);
    expect(stillOpen(sockets)).toEqual([]);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('told of each viewer exactly one coming and one going', () => {
    const ids = new Set(launcher.events(is('peer-connected')).map((event) => event.peerId));
    expect(ids.size).toBe(VIEWERS);
    for (const id of ids) {
      expect(launcher.events(connected(String(id)))).toHaveLength(1);
      expect(launcher.events(disconnected(String(id)))).toHaveLength(1);
    }
    expect(launcher.events(is('peer-disconnected'))).toHaveLength(VIEWERS);
    expect(launcher.err).toEqual([]);
  });
});
