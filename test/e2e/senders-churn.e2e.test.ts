import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { gstLaunch, serviceEnvironment } from '../media/launcher.ts';
import type { Holdings } from '../media/proc.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { openPrepared, waitForPhase } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { EXACT_MALLOC, settled } from './support/churn.ts';

const JOINS = 50;
const LOOK_EVERY = 5;
/** The level is found by then, and is compared by the least of each half of what follows. */
const WARM_AFTER = 10;
/**
 * Between the halves lie some twenty joins: a leaked peer each is twenty thousand kilobytes. On a busy machine
 * malloc once moved by a step of 900, and came back; the least of several looks is not moved by that.
 */
const RSS_KB_BETWEEN_HALVES = 1500;

// What they send is decoded, so that all of the way in comes and goes.
const PIPELINE = [
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1',
  '! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true ! k.',
  'k.video_src_0 ! vp8dec ! fakesink async=false',
  'k.audio_src_0 ! opusdec ! fakesink async=false',
].join(' ');

describe('a master that senders join and leave fifty times', () => {
  let service: Service;
  let master: Program;
  let browser: TestBrowser;

  beforeAll(async () => {
    service = await startService();
    browser = await launchBrowser();
    master = gstLaunch(`-m ${PIPELINE}`, { ...serviceEnvironment(service), ...EXACT_MALLOC });
  });

  afterAll(async () => {
    killAll();
    await browser.kill();
    await service.close();
  });

  async function joinAndLeave(): Promise<void> {
    const address = new URL(service.watchUrl('cam1'));
    address.search += '&send=1&tone=660&colour=ff0000';
    const page = await openPrepared(browser, address.href, 'sender.js');
    await waitForPhase(page, 'playing');
    const id = await page.evaluate<string>('kvsViewer.state().clientId');
    for (const media of ['video', 'audio']) {
      await master.line(`${media} of ${id}`, (line) =>
        ['kinesiswebrtc-track', id, `media=(string)${media}`].every((part) => line.includes(part)),
      );
    }
    await page.close();
  }

  it('holds no more memory, threads and files than before', { timeout: 900_000 }, async () => {
    const looks: Holdings[] = [];
    for (let join = 1; join <= JOINS; join += 1) {
      await joinAndLeave();
      if (join % LOOK_EVERY === 0) looks.push(await settled(master.pid, looks[0]));
    }
    console.table(looks);

    const [first] = looks;
    const last = looks.at(-1);
    expect(last!.threads).toBeLessThanOrEqual(first!.threads);
    expect(last!.fds).toBeLessThanOrEqual(first!.fds);
    const warm = looks.slice(WARM_AFTER / LOOK_EVERY - 1);
    const half = Math.ceil(warm.length / 2);
    expect(least(warm.slice(half)) - least(warm.slice(0, half))).toBeLessThan(
      RSS_KB_BETWEEN_HALVES,
    );
  });
});

function least(looks: readonly Holdings[]): number {
  return Math.min(...looks.map(({ rssKb }) => rssKb));
}
