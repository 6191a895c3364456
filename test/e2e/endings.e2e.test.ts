/* Every way a run ends: its viewer is told at once, its files are whole, its exit code says which it was. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, launchPiped, serviceEnvironment } from '../media/launcher.ts';
import type { Environment, Launcher } from '../media/launcher.ts';
import { killAll, run } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { sizeOf } from '../media/recording.ts';
import { openPrepared, waitForPhase, waitUntil } from './prepared.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestBrowser } from './support/browser.ts';

const PICTURE = 'video/x-raw,width=160,height=120,framerate=15/1';
const SOURCE = `videotestsrc is-live=true ! ${PICTURE}`;
const MASTER = `${SOURCE} ! kinesiswebrtcbin channel=cam1`;
/** MP4 has its index at its end: one that was not finished does not play. */
const RECORD = 'x264enc tune=zerolatency speed-preset=ultrafast ! mp4mux ! filesink location=';

interface Running {
  readonly program: Program;
  /** Brings the end about, once somebody watches. */
  readonly end: () => unknown;
  readonly check?: () => Promise<void>;
}

interface Ending {
  readonly name: string;
  readonly code: number;
  readonly start: () => Running | Promise<Running>;
}

describe('a run that ends', () => {
  let directory: string;
  let service: Service;
  let env: Environment;
  let browser: TestBrowser;
  let page: Page;

  const file = (name: string): string => join(directory, name);

  const ENDINGS: readonly Ending[] = [
    { name: 'by SIGINT', code: 0, start: () => bySignal('SIGINT') },
    { name: 'by SIGTERM', code: 0, start: () => bySignal('SIGTERM') },
    { name: 'by SIGINT with -e', code: 0, start: () => recording('SIGINT') },
    { name: 'by SIGTERM with -e', code: 0, start: () => recording('SIGTERM') },
    { name: 'as nobody reads what it says', code: 0, start: withoutReader },
    { name: 'with its source', code: 0, start: withSource },
    { name: 'by a full disk', code: 2, start: withFullDisk },
    { name: "by an error in the user's part of the pipeline", code: 2, start: withError },
  ];

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-endings-'));
    mkdirSync(file('disk'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64M', 'tmpfs', file('disk')]);
    service = await startService({ channels: ['cam1'] });
    env = serviceEnvironment(service);
    browser = await launchBrowser();
    page = await openPrepared(browser, service.watchUrl('cam1'), 'goodbyes.js');
  });

  afterEach(killAll);

  afterAll(async () => {
    await browser.kill();
    await service.close();
    execFileSync('umount', ['--lazy', file('disk')]);
    rmSync(directory, { recursive: true });
  });

  function bySignal(signal: NodeJS.Signals): Running {
    const program = launch([MASTER], env);
    return {
      program,
      end: () => {
        program.kill(signal);
      },
    };
  }

  function recording(signal: NodeJS.Signals): Running {
    const path = file(`${signal}.mp4`);
    const program = launch(['-e', `${MASTER} ${SOURCE} ! ${RECORD}${path}`], env);
    return {
      program,
      end: () => {
        program.kill(signal);
      },
      check: () => expectWhole(path),
    };
  }

  /** As in `kvswebrtc-launch … | head`: it is told at its next line. */
  function withoutReader(): Running {
    const program = launchPiped(['--stats', '1', MASTER], 'sed -u /first-frame/q', env);
    return { program, end: () => undefined };
  }

  function withSource(): Running {
    const fifo = file('camera');
    execFileSync('mkfifo', [fifo]);
    const camera = run('gst-launch-1.0', `${SOURCE} ! filesink location=${fifo}`.split(' '));
    const path = file('source.mp4');
    const raw = 'rawvideoparse width=160 height=120 framerate=15/1';
    const program = launch(
      [
        `filesrc location=${fifo} ! ${raw} ! tee name=t ! queue ! kinesiswebrtcbin channel=cam1` +
          ` t. ! queue ! ${RECORD}${path}`,
      ],
      env,
    );
    return {
      program,
      end: () => {
        camera.kill('SIGINT');
      },
      check: () => expectWhole(path),
    };
  }

  /** A disk that another program fills up. */
  function withFullDisk(): Running {
    const disk = file('disk');
    const program = launch([`${MASTER} ${SOURCE} ! filesink location=${disk}/raw`], env);
    return {
      program,
      end: () => {
        fill(join(disk, 'others'));
      },
      check: () => {
        expectErrors(program, /filesink0: No space left/);
        return Promise.resolve();
      },
    };
  }

  async function withError(): Promise<Running> {
    const server = createServer();
    const client = new Promise<Socket>((resolve) => {
      server.once('connection', resolve);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const program = launch(
      [`${MASTER} ${SOURCE} ! tcpclientsink host=127.0.0.1 port=${port}`],
      env,
    );
    return {
      program,
      end: async () => {
        (await client).resetAndDestroy();
      },
      check: () => {
        server.close();
        expectErrors(program, /tcpclientsink0/);
        return Promise.resolve();
      },
    };
  }

  it.each(ENDINGS)('$name tells its viewer', { timeout: 120_000 }, async ({ code, start }) => {
    const before = await page.evaluate<number>('goodbyes');
    const { program, end, check } = await start();
    await waitForPhase(page, 'playing');
    await end();
    await waitUntil(page, `goodbyes > ${before}`);
    expect(await program.exit()).toEqual({ code, signal: null });
    await check?.();
  });

  it('by nothing goes on, when it is hung up on', async () => {
    const program: Launcher = launch([MASTER], { ...env, GST_DEBUG_DUMP_DOT_DIR: directory });
    await waitForPhase(page, 'playing');
    program.kill('SIGHUP');
    await program.event('graph', is('graph'));
    const shown = await page.evaluate<number>('kvsViewer.state().framesShown');
    await waitUntil(page, `kvsViewer.state().framesShown > ${shown + 15}`);
    program.kill('SIGINT');
    expect(await program.exit()).toEqual({ code: 0, signal: null });
  });

  async function expectWhole(path: string): Promise<void> {
    expect(sizeOf(path)).toBeGreaterThan(0);
    const pipeline = `filesrc location=${path} ! qtdemux ! h264parse ! fakesink`;
    expect(await run('gst-launch-1.0', pipeline.split(' ')).exit()).toMatchObject({ code: 0 });
  }
});

function expectErrors(program: Program, pattern: RegExp): void {
  const errors = program.out.filter((line) => line.includes('"event":"error"'));
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(pattern);
}

/** Takes all the room there is. */
function fill(path: string): void {
  const fd = openSync(path, 'w');
  const block = Buffer.alloc(4096);
  try {
    for (;;) writeSync(fd, block);
  } catch {
    // It is full.
  } finally {
    closeSync(fd);
  }
}
