import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { is, launch } from '../media/launcher.ts';
import type { Launcher } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { openPrepared, waitForPhase } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=640,height=480,framerate=30/1' +
  ' ! kinesiswebrtcbin channel=cam1';
const RELOADS = 3;

describe('a viewer that comes back under the same id', () => {
  let launcher: Launcher;
  let browser: TestBrowser;

  beforeAll(async () => {
    launcher = launch(['--local', PIPELINE]);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
  });

  it('plays again after each reload, one coming and one going each time', async () => {
    const { url } = await launcher.event('address', is('watch'));
    const page = await openPrepared(browser, String(url), 'same-id.js');
    await waitForPhase(page, 'playing');
    for (let round = 0; round < RELOADS; round += 1) {
      await page.reload();
      await waitForPhase(page, 'playing');
    }
    const peerId = await page.evaluate<string>('kvsViewer.state().clientId');
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });

    const story = launcher
      .events(({ event }) => event === 'peer-connected' || event === 'peer-disconnected')
      .map((event) => [event.event, event.peerId]);
    expect(story).toEqual(
      Array.from({ length: RELOADS + 1 }, () => [
        ['peer-connected', peerId],
        ['peer-disconnected', peerId],
      ]).flat(),
    );
  });
});
