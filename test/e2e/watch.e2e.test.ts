/* `watch`: a page on another port than the service's, given signed addresses by the program. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  environmentOf,
  is,
  launch,
  launchLocal,
  readEvents,
  runLauncher,
} from '../media/launcher.ts';
import type { LaunchEvent, Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { soundTo } from '../media/raw.ts';
import { hasBrowser, launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { poll } from './support/poll.ts';
import { openViewer } from './support/viewer.ts';
import type { TestViewer } from './support/viewer.ts';

describe.skipIf(!hasBrowser)('watch', () => {
  let directory: string;
  let heard: string;
  let local: LaunchEvent;
  let master: Launcher;
  let watch: Launcher;
  let url: string;
  let browser: TestBrowser;
  let viewer: TestViewer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-watch-'));
    heard = join(directory, 'heard.pcm');
    const service = launchLocal([]);
    local = await service.event('local', is('local'));
    const environment = environmentOf(local);
    master = launch(
      [
        'videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=30/1' +
          ' ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true wave=ticks ! k.' +
          ` k.audio_src_0 ! decodebin ! ${soundTo(heard)}`,
      ],
      environment,
    );
    await master.event('sign-in', is('signaling', { state: 'connected' }));
    watch = readEvents(runLauncher(['watch', '--json', 'cam1'], environment));
    url = String((await watch.event('address', is('watch'))).url);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
    rmSync(directory, { recursive: true });
  });

  const curves = (): Promise<string[]> =>
    viewer.page.evaluate<string[]>(
      `[...document.querySelectorAll('#plots .line')].map((line) => line.getAttribute('d') ?? '')`,
    );

  it('plays the channel and draws its statistics', async () => {
    viewer = await openViewer(browser, url);
    await viewer.waitFor('playing');
    await viewer.waitUntil('play on', ({ stats }) => stats.framesDecoded > 30);
    const drawn = await poll(
      curves,
      (paths) => paths.length === 4 && paths.every((path) => (path.match(/L/g) ?? []).length >= 3),
      30_000,
      (last) => `The plots are not drawn: ${last}`,
    );
    expect(new Set(drawn).size).toBeGreaterThan(2);
  });

  it('lets the viewer talk, who is asked for the microphone only then', async () => {
    expect((await viewer.state()).isTalking).toBe(false);
    expect(existsSync(heard) && readFileSync(heard).some((byte) => byte !== 0)).toBe(false);
    await viewer.page.click('#talk');
    await viewer.waitUntil('talk', ({ isTalking }) => isTalking);
    await poll(
      () => Promise.resolve(existsSync(heard) && readFileSync(heard).some((byte) => byte !== 0)),
      (isHeard) => isHeard,
      30_000,
      () => 'The master hears nothing.',
    );
    const { framesDecoded } = await viewer.waitFor('playing').then(({ stats }) => stats);
    await viewer.waitUntil('play on', ({ stats }) => stats.framesDecoded > framesDecoded + 15);
    await viewer.waitUntil('have no problem', ({ problem }) => problem === null);
    const at = await viewer.page.evaluate<unknown>('kvsViewer.directions()');
    expect(at).toEqual(['recvonly', 'sendrecv']);

    // given back and taken again without a new connection
    const before = (await viewer.readStats()).framesDecoded;
    await viewer.page.click('#talk');
    await viewer.waitUntil('stop', ({ isTalking }) => !isTalking);
    await viewer.page.click('#talk');
    await viewer.waitUntil('talk again', ({ isTalking }) => isTalking);
    await viewer.page.click('#talk');
    await viewer.waitUntil('stop again', ({ isTalking }) => !isTalking);
    // a new one would count from none
    expect((await viewer.readStats()).framesDecoded).toBeGreaterThanOrEqual(before);
  });

  it('gives the browser no key', async () => {
    const page = await browser.openPage('about:blank');
    const bodies: Promise<string>[] = [];
    page.on('response', (response) => bodies.push(response.text()));
    await page.goto(url);
    await poll(
      () => page.evaluate<string>('kvsViewer.state().phase'),
      (phase) => phase === 'playing',
      30_000,
      (last) => `The page is ${last}`,
    );
    const seen = [...(await Promise.all(bodies)), await page.content()];
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.join('\n')).toContain('X-Amz-Signature=');
    expect(seen.join('\n')).not.toContain(String(local.secretAccessKey));
    await page.close();
  });

  it('ends with Ctrl-C, and the picture goes on', async () => {
    expect(browser.errors).toEqual([]);
    const { framesDecoded } = (await viewer.state()).stats;
    watch.kill('SIGINT');
    expect(await watch.exit()).toEqual({ code: 0, signal: null });
    expect(watch.err).toEqual([]);
    await viewer.waitUntil('play on', ({ stats }) => stats.framesDecoded > framesDecoded + 15);
    await viewer.leave();
  });
});
