/**
 * A viewer that offers as often as the service lets it, and never connects. OFFER_SECONDS is for how long:
 * 3600 by hand, see docs/RELIABILITY.md.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { gstLaunch, serviceEnvironment } from '../media/launcher.ts';
import { holdings } from '../media/proc.ts';
import type { Holdings } from '../media/proc.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { EXACT_MALLOC, settled } from './support/churn.ts';
import { openOfferer } from './support/offerer.ts';

const SECONDS = Number(process.env.OFFER_SECONDS ?? 15);
/** The service's quota. */
const OFFERS_A_SECOND = 5;
const LOOKS = 5;
/** Peers on their way out: each is a megabyte, and two are taken down at a time. */
const RSS_KB = 8000;
describe('a viewer that offers five times a second', () => {
  let service: Service;
  let master: Program;
  let steady: Program;

  beforeAll(async () => {
    service = await startService({ channels: ['cam1'] });
    const env = serviceEnvironment(service);
    master = gstLaunch(
      '-m videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1' +
        ' ! kinesiswebrtcbin name=k channel=cam1 audiotestsrc is-live=true ! k.',
      { ...env, ...EXACT_MALLOC },
    );
    await master.line('a connection', (line) => line.includes('(string)connected'));
    steady = gstLaunch(
      '-m kinesiswebrtcbin role=viewer channel=cam1 client-id=steady' +
        ' ! vp8dec ! fpsdisplaysink video-sink=fakesink sync=false fps-update-interval=1000 name=f',
      env,
    );
    await steady.line('a picture', (line) =>
      /kinesiswebrtc-first-frame.*\(string\)video/.test(line),
    );
  });

  afterAll(async () => {
    killAll();
    await service.close();
  });

  it(
    'costs the same after many offers as after some',
    { timeout: SECONDS * 1000 + 120_000 },
    async () => {
      const client = await openOfferer(service, 'cam1', 'eager');
      const heard = steady.out.length;
      const before = await settled(master.pid, undefined);
      const during: Holdings[] = [];
      const each = SECONDS * OFFERS_A_SECOND;
      for (let number = 1; number <= each; number += 1) {
        client.offer(number);
        await wait(1000 / OFFERS_A_SECOND);
        if (number % Math.floor(each / LOOKS) === 0) during.push(holdings(master.pid));
      }
      client.vanish();
      console.table(during);
      const most = (of: (look: Holdings) => number) => Math.max(...during.slice(1).map(of));
      expect(most(({ rssKb }) => rssKb) - during[0]!.rssKb).toBeLessThan(RSS_KB);
      // One peer of its own at a time, and some on their way out.
      expect(most(({ threads }) => threads)).toBeLessThan(80);
      await master.line(
        'the end of the last',
        (line) => line.includes('peer-refused') && line.includes('not\\ connected'),
        60_000,
      );
      const after = await settled(master.pid, before);
      console.table([before, after]);
      expect(after.threads).toBeLessThanOrEqual(before.threads);
      expect(after.fds).toBeLessThanOrEqual(before.fds);
      expect(
        client.frames.filter(({ messageType }) => messageType === 'SDP_ANSWER').length,
      ).toBeGreaterThan(0);
      // Of the steady viewer nothing was heard but its coming.
      expect(master.out.filter((line) => line.includes('peer-disconnected'))).toEqual([]);
      expect(
        steady.out
          .slice(heard)
          .filter((line) => /kinesiswebrtc-(stalled|waiting|peer-)/.test(line)),
      ).toEqual([]);
    },
  );
});
