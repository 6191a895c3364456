import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf, gstLaunch, is, launchLocal } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';
import { openViewer } from './support/viewer.ts';

describe('the element without the launcher', () => {
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });

  afterEach(killAll);

  afterAll(() => browser.kill());

  it('is a master in gst-launch-1.0, signed in by the variables AWS tools read', async () => {
    const service = launchLocal(['--channel', 'cam1']);
    const local = await service.event('address', is('local'));
    const master = gstLaunch('videotestsrc ! kinesiswebrtcbin channel=cam1', environmentOf(local));
    const viewer = await openViewer(browser, String(local.watch));
    await viewer.waitFor('playing');
    expect(await viewer.measureFps(4000)).toBeGreaterThan(25);
    await viewer.leave();

    master.kill('SIGINT');
    expect((await master.exit()).code).toBe(0);
    service.kill('SIGINT');
    expect(await service.exit()).toEqual({ code: 0, signal: null });
  });

  it('says on the terminal of gst-launch-1.0 what is wrong', async () => {
    const master = gstLaunch('videotestsrc ! kinesiswebrtcbin channel=cam1', {
      AWS_ENDPOINT_URL_KINESIS_VIDEO: 'http://127.0.0.1:9',
      AWS_REGION: 'us-west-2',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
    });
    expect((await master.exit(30_000)).code).not.toBe(0);
    const errors = master.err.filter((line) => line.startsWith('ERROR: from element'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain('127.0.0.1:9');
    expect(master.err.join('\n')).not.toContain('wJalrXUtnFEMI');
  });
});
