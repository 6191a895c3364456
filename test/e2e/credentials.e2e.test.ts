import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { gstLaunch, launch, serviceEnvironment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { openPrepared, waitUntil } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { startKeySource } from './support/key-sources.ts';
import type { KeySource, SourceKind } from './support/key-sources.ts';
import { poll } from './support/poll.ts';

/** So short that every key ends while a viewer watches. */
const LIFE_SECONDS = 8;
const RENEWALS = 2;

const PIPELINE =
  'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=30/1' +
  ' ! kinesiswebrtcbin channel=cam1';

interface Arrivals {
  readonly count: number;
  readonly longestGapMs: number;
}

describe('keys that end while a viewer watches', () => {
  let service: Service;
  let browser: TestBrowser;
  let source: KeySource;

  beforeAll(async () => {
    service = await startService({ limits: { creatingMs: 0 } });
    browser = await launchBrowser();
  });

  afterEach(async () => {
    killAll();
    await source.close();
  });

  afterAll(async () => {
    await browser.kill();
    await service.close();
  });

  const environment = () => ({ ...serviceEnvironment(service), ...source.env });
  const arrivals = (page: Page) => page.evaluate<Arrivals>('arrivals');
  const untilIssued = (count: number) =>
    poll(
      () => Promise.resolve(source.issued()),
      (issued) => issued >= count,
      60_000,
      (last) => `keys handed out: ${last}, not ${count}`,
    );

  /** The element alone, which says what happens on its messages. */
  const element = (): Program =>
    gstLaunch(`-m ${PIPELINE} ${source.properties}`.trim(), environment());

  async function watch(): Promise<Page> {
    const page = await openPrepared(browser, service.watchUrl('cam1'), 'arrivals.js');
    await waitUntil(page, 'window.arrivals?.count > 30', 60_000);
    return page;
  }

  /** Pictures go on for a while, on the same connection. */
  async function expectUntouched(page: Page, lines: readonly string[]): Promise<void> {
    const { count } = await arrivals(page);
    await waitUntil(page, `arrivals.count > ${count + 30}`, 60_000);
    expect(lines.filter((line) => line.includes('peer-disconnected'))).toEqual([]);
    console.log(await arrivals(page));
  }

  it.each<SourceKind>(['process', 'container', 'instance', 'iot'])(
    'come anew from the %s, and nobody sees it',
    async (kind) => {
      source = await startKeySource(kind, service, LIFE_SECONDS);
      const program = element();
      const page = await watch();
      await untilIssued(RENEWALS + 1);
      await expectUntouched(page, program.out);

      // The next connection is signed by keys the first one never had.
      service.cut('cam1');
      await program.line('signed in again', (line) => line.includes('gap-ms'));
      await expectUntouched(page, program.out);
      await page.close();
    },
  );

  it('are renewed by the launcher, whatever its AWS SDK has them from', async () => {
    source = await startKeySource('container', service, LIFE_SECONDS);
    const launcher = launch([PIPELINE], environment());
    const page = await watch();
    await untilIssued(RENEWALS + 1);
    await expectUntouched(page, launcher.out);
    service.cut('cam1');
    await launcher.event('signed in again', ({ gapMs }) => gapMs !== undefined);
    await expectUntouched(page, launcher.out);
    await page.close();
  });

  it('and have no successor leave the picture alone, are told, and asked for again', async () => {
    source = await startKeySource('container', service, LIFE_SECONDS);
    const program = element();
    const page = await watch();
    source.refuse(true);
    await program.line('the reason', (line) => /status\W+503/.test(line), 60_000);
    await expectUntouched(page, program.out);

    const before = source.issued();
    source.refuse(false);
    service.cut('cam1');
    await program.line('signed in again', (line) => line.includes('gap-ms'), 90_000);
    expect(source.issued()).toBeGreaterThan(before);
    await expectUntouched(page, program.out);
    await page.close();
  });
});
