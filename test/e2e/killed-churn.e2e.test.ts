/**
 * Viewers of other processes that leave, are killed or never connect, a third each. CHURN_JOINS is how many:
 * 1000 by hand, see docs/RELIABILITY.md.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { gstLaunch, serviceEnvironment } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import type { Holdings } from '../media/proc.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { EXACT_MALLOC, settled } from './support/churn.ts';
import { openOfferer } from './support/offerer.ts';
import type { Offerer } from './support/offerer.ts';

const JOINS = Number(process.env.CHURN_JOINS ?? 36);
/** At the end of each all have to be gone, which takes half a minute. */
const WAVE = JOINS < 500 ? 18 : 99;
/** Of a few: more at once would wait for processors and not for the master. */
const AT_ONCE = 3;
/** A peer that never connects is given up after 30 s, a silent one after 15. */
const GONE_MS = 60_000;
const RSS_KB_IN_ALL = 5000;
describe('a master whose viewers leave, are killed, or never connect', () => {
  let service: Service;
  let env: Environment;
  let master: Program;

  beforeAll(async () => {
    service = await startService({
      channels: ['cam1'],
      limits: { viewersPerChannel: 100, connectsPerSecond: 100 },
    });
    env = serviceEnvironment(service);
    master = gstLaunch(
      '-m videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1' +
        ' ! kinesiswebrtcbin name=k channel=cam1 max-peers=100 audiotestsrc is-live=true ! k.',
      { ...env, ...EXACT_MALLOC },
    );
    await master.line('a connection', (line) => line.includes('(string)connected'));
  });

  afterAll(async () => {
    killAll();
    await service.close();
  });

  async function watchAndEnd(id: string, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
    const viewer = gstLaunch(
      `-m kinesiswebrtcbin role=viewer channel=cam1 client-id=${id} ! fakesink async=false`,
      env,
    );
    await viewer.line('a picture', (line) => line.includes('kinesiswebrtc-first-frame'));
    viewer.kill(signal);
    await viewer.exit();
  }

  async function offerAlone(id: string): Promise<Offerer> {
    const offerer = await openOfferer(service, 'cam1', id);
    offerer.offer(1);
    await offerer.next();
    return offerer;
  }

  /** Every one of them told of, in its way. */
  async function untilGone(ids: readonly string[]): Promise<void> {
    await Promise.all(
      ids.map((id) =>
        master.line(
          `the end of ${id}`,
          (line) => /peer-(disconnected|refused)/.test(line) && line.includes(`)${id},`),
          GONE_MS,
        ),
      ),
    );
  }

  async function wave(first: number): Promise<void> {
    const ids = Array.from({ length: WAVE }, (_, index) => `viewer-${first + index}`);
    const absent: Offerer[] = [];
    for (let at = 0; at < WAVE; at += AT_ONCE) {
      const [leaving, killed, silent] = ids.slice(at, at + AT_ONCE);
      await Promise.all([watchAndEnd(leaving!, 'SIGINT'), watchAndEnd(killed!, 'SIGKILL')]);
      absent.push(await offerAlone(silent!));
    }
    await untilGone(ids);
    for (const offerer of absent) offerer.vanish();
  }

  it('holds what it held after the first of them', { timeout: JOINS * 20_000 }, async () => {
    const looks: Holdings[] = [];
    for (let joined = 0; joined < JOINS; joined += WAVE) {
      await wave(joined);
      looks.push(await settled(master.pid, looks[0]));
    }
    console.table(looks);
    const [first] = looks;
    const last = looks.at(-1);
    expect(last!.threads).toBeLessThanOrEqual(first!.threads);
    expect(last!.fds).toBeLessThanOrEqual(first!.fds);
    expect(last!.rssKb - first!.rssKb).toBeLessThan(RSS_KB_IN_ALL);
  });
});
