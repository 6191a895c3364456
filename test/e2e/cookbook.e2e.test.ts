/* docs/COOKBOOK.md: every line of it is run, with its hardware replaced as its own last table says. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { makeClip } from '../media/file.ts';
import { is, launch, serviceEnvironment } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import { killAll, run } from '../media/program.ts';
import type { Program } from '../media/program.ts';
import { startCamera } from '../media/rtsp.ts';
import type { Camera } from '../media/rtsp.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const BOOK = readFileSync(path('../../docs/COOKBOOK.md'), 'utf8');
const BINARY = path('../../bin/kvswebrtc-launch.js');

interface Recipe {
  readonly title: string;
  readonly command: string;
}

/** The recipes below a heading: the last sentence before each command, and the command. */
function recipesOf(heading: string): Recipe[] {
  const chapter = BOOK.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  const [, ...blocks] = chapter.split('\n\n').map((text) => text.trim());
  return blocks.flatMap((block, index) =>
    block.startsWith('```')
      ? [{ title: blocks[index - 1] ?? '', command: block.replaceAll('```', '').trim() }]
      : [],
  );
}

/** The rows of the last table: what is written, and what is run instead. */
const REPLACEMENTS = [...BOOK.matchAll(/^\| `(.+?)` +\| (.+?) +\|$/gm)].map(
  ([, written = '', instead = '']) => ({ written, instead: instead.replaceAll('`', '') }),
);

const SENDING = recipesOf('To a channel');
const RECEIVING = recipesOf('From a channel');

describe('the cookbook', () => {
  const kitchens: string[] = [];
  let camera: Camera;
  let clip: string;
  let service: Service;
  let env: Environment;

  beforeAll(async () => {
    [camera, clip] = await Promise.all([startCamera(30), makeClip('clip.mp4', 40, 440)]);
    service = await startService({ limits: { creatingMs: 0 } });
    env = serviceEnvironment(service);
    const master = launch(
      [
        'videotestsrc is-live=true ! video/x-raw,width=320,height=240 ! kinesiswebrtcbin name=k channel=cam1' +
          ' audiotestsrc is-live=true ! k.',
      ],
      env,
    );
    await master.event('signed in', is('signaling', { state: 'connected' }));
  });

  afterAll(async () => {
    killAll();
    camera.stop();
    await service.close();
    for (const kitchen of kitchens) rmSync(kitchen, { recursive: true, force: true });
    rmSync(dirname(clip), { recursive: true, force: true });
  });

  it('has what people ask for', () => {
    expect(SENDING.length + RECEIVING.length).toBeGreaterThanOrEqual(20);
    expect(BOOK.match(/^kvswebrtc-launch /gm)).toHaveLength(SENDING.length + RECEIVING.length);
    for (const { written } of REPLACEMENTS)
      expect(BOOK.split('## What the test')[0]).toContain(written);
  });

  it.concurrent.each(SENDING)('$title', async ({ command }) => {
    await cook(command, ['--local', '--probe'], {});
  });

  it.concurrent.each(RECEIVING)('$title', async ({ command }) => {
    await cook(command, ['--expect-media'], env);
  });

  /** Runs a command in a directory of its own, as a shell reads it. Each file that it names has to be there afterwards. */
  async function cook(command: string, options: string[], environment: Environment): Promise<void> {
    const kitchen = mkdtempSync(join(tmpdir(), 'kvswebrtc-cookbook-'));
    kitchens.push(kitchen);
    if (command.includes('film.mp4')) await copyFile(clip, join(kitchen, 'film.mp4'));
    const program = inShell(replaceHardware(command), options, kitchen, environment);
    expect(await program.exit(120_000), [...program.out, ...program.err].join('\n')).toEqual({
      code: 0,
      signal: null,
    });
    for (const [, file = ''] of command.matchAll(/ filesink location=([^\s"%]+)/g)) {
      expect(statSync(join(kitchen, file)).isFile()).toBe(true);
    }
  }

  function replaceHardware(command: string): string {
    return REPLACEMENTS.reduce(
      (text, { written, instead }) =>
        text.replaceAll(written, written.startsWith('rtsp:') ? camera.url : instead),
      command,
    );
  }
});

/** `command`, where the launcher's name stands for this checkout's, with `options` behind it. */
function inShell(
  command: string,
  options: readonly string[],
  directory: string,
  environment: Environment,
): Program {
  const launcher = `kvswebrtc-launch() { exec "${process.execPath}" "${BINARY}" ${options.join(' ')} --timeout 90 "$@"; }`;
  return run('bash', ['-c', `cd "${directory}"\n${launcher}\n${command}`], environment);
}
