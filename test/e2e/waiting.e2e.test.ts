/* The element as viewer of a channel whose master comes and goes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf, gstLaunch, is, launch, launchLocal } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { lastColour, picturesTo } from '../media/raw.ts';
import { poll } from './support/poll.ts';

const COLOURS = { red: [255, 0, 0], blue: [0, 0, 255] } as const;

describe('a viewer of a channel without a master', () => {
  let directory: string;
  let env: Environment;

  const file = (name: string): string => join(directory, name);

  async function startMaster(colour: keyof typeof COLOURS): Promise<Program> {
    const master = gstLaunch(
      `-m videotestsrc is-live=true pattern=${colour} ! video/x-raw,width=320,height=240,framerate=15/1` +
        ' ! kinesiswebrtcbin channel=cam1',
      env,
    );
    await master.line('a master that is signed in', (line) => line.includes('(string)connected'));
    return master;
  }

  async function end(program: Program): Promise<void> {
    program.kill('SIGINT');
    expect(await program.exit()).toEqual({ code: 0, signal: null });
  }

  const sees = (path: string, colour: keyof typeof COLOURS) =>
    poll(
      () => Promise.resolve(lastColour(path)),
      (seen) => seen?.every((value, at) => Math.abs(value - COLOURS[colour][at]!) < 60) === true,
      60_000,
      (last) => `The picture is not ${colour}: ${last}`,
    );

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-waiting-'));
  });

  beforeEach(async () => {
    const service = launchLocal(['--channel', 'cam1']);
    env = environmentOf(await service.event('address', is('local')));
    // It makes the channel, which a viewer does not.
    await end(await startMaster('red'));
  });

  afterEach(killAll);

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('says once that it waits, shows the one that comes, and the next one after it', async () => {
    const path = file('seen.rgb');
    const viewer = launch(
      [`kinesiswebrtcbin role=viewer channel=cam1 ! decodebin ! ${picturesTo(path)}`],
      env,
    );
    await viewer.event('word that it waits', is('waiting', { peerId: 'master' }));
    const first = await startMaster('red');
    await sees(path, 'red');
    expect(viewer.events(is('waiting'))).toHaveLength(1);
    await end(first);
    const left = await viewer.event('goodbye', is('peer-disconnected', { peerId: 'master' }));
    expect(viewer.events(is('peer-connected')).length).toBeGreaterThan(0);
    expect(left.durationMs).toBeGreaterThan(0);
    const second = await startMaster('blue');
    await sees(path, 'blue');
    await end(viewer);
    await end(second);
  });

  it('in gst-launch-1.0 shows the one that comes, and the next one after it', async () => {
    const path = file('seen-alone.rgb');
    const viewer = gstLaunch(
      `-m kinesiswebrtcbin role=viewer channel=cam1 ! decodebin ! ${picturesTo(path)}`,
      env,
    );
    await viewer.line('word that it waits', (line) => line.includes('kinesiswebrtc-waiting'));
    const first = await startMaster('red');
    await sees(path, 'red');
    await end(first);
    await startMaster('blue');
    await sees(path, 'blue');
    await end(viewer);
  });

  const recorder = (name: string): string =>
    'kinesiswebrtcbin name=k role=viewer channel=cam1 matroskamux name=m' +
    ` ! filesink location=${file(name)} k.video_src_0 ! m. k.audio_src_0 ! m.`;

  it('in gst-launch-1.0 is ended with -e by one interrupt, before anything is recorded', async () => {
    const viewer = gstLaunch(`-e -m ${recorder('nothing-alone.mkv')}`, env);
    await viewer.line('word that it waits', (line) => line.includes('kinesiswebrtc-waiting'));
    await end(viewer);
  });

  // The end of a stream that has not begun comes to nobody: it is not waited for.
  it('is ended with -e by one interrupt, before anything is recorded', async () => {
    const viewer = launch(['-e', recorder('nothing.mkv')], env);
    await viewer.event('word that it waits', is('waiting'));
    viewer.kill('SIGINT');
    expect(await viewer.exit(9_000)).toEqual({ code: 0, signal: null });
    expect(viewer.events(is('stopping'))).toHaveLength(1);
  });
});
