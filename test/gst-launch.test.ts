/* gst-launch-1.0 and this program, side by side. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run, start } from './helpers/run.ts';

const DOC = readFileSync(new URL('../docs/GST-LAUNCH.md', import.meta.url), 'utf8');
const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);

/** As a program's help lists them: `-t, --tags` → ['--tags', '-t']. */
function optionsOf(help: string): ReadonlyMap<string, string> {
  const found = help.matchAll(/^ +(?:(-[A-Za-z]), )?(--[a-z][a-z-]*)/gm);
  return new Map([...found].map(([, letter = '', name = '']) => [name, letter]));
}

const ENGLISH = { LANGUAGE: 'C', LC_ALL: 'C.UTF-8' };

function theirs(args: readonly string[]): string {
  return execFileSync('gst-launch-1.0', args, {
    encoding: 'utf8',
    env: { ...process.env, ...ENGLISH },
  });
}

/** A second of silence with marks at those samples: RIFF's chunks `fmt `, `cue ` and `data`. */
function waveWithCues(marks: readonly number[]): Buffer {
  const rate = 8000;
  const format = Buffer.alloc(16);
  format.writeUInt16LE(1, 0);
  format.writeUInt16LE(1, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(rate * 2, 8);
  format.writeUInt16LE(2, 12);
  format.writeUInt16LE(16, 14);
  const cues = Buffer.alloc(4 + 24 * marks.length);
  cues.writeUInt32LE(marks.length, 0);
  marks.forEach((sample, index) => {
    const at = 4 + 24 * index;
    cues.writeUInt32LE(index + 1, at);
    cues.writeUInt32LE(sample, at + 4);
    cues.write('data', at + 8);
    cues.writeUInt32LE(sample, at + 20);
  });
  const body = [chunk('fmt ', format), chunk('cue ', cues), chunk('data', Buffer.alloc(rate * 2))];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...body]));
}

function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.from(`${name}....`);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

/** Lines in no order, as two threads may swap neighbours, and without what differs from run to run. */
function comparable(text: string): readonly string[] {
  return (
    text
      .split('\n')
      // How often latency is told depends on who is first.
      .filter((line) => !['', 'Freeing pipeline ...', 'Redistribute latency...'].includes(line))
      .map((line) => line.replace(/\d+:\d\d:\d\d\.\d+/g, 'TIME').replace(/#\d+/, '#N'))
      .toSorted()
  );
}

describe('options', () => {
  const known = optionsOf(theirs(['--help-all']));

  it('are all there, with their letters', async () => {
    const [ours, gst] = await Promise.all([run(['--help']), run(['--help-gst'])]);
    const all = new Map([...optionsOf(ours.stdout), ...optionsOf(gst.stdout)]);
    expect(known.size).toBeGreaterThan(20);
    for (const [name, letter] of known) expect([name, all.get(name)]).toEqual([name, letter]);
  });

  it('are all in the table', () => {
    for (const [name, letter] of known) {
      expect(DOC).toContain(letter === '' ? `| \`${name}\`` : `| \`${letter}\`, \`${name}\``);
    }
  });
});

describe('lines', () => {
  it.each([
    ['a run to its end', 'videotestsrc num-buffers=3 ! fakesink'],
    ['tags', '-t audiotestsrc num-buffers=10 ! opusenc ! oggmux ! fakesink'],
    ['properties', '-v videotestsrc num-buffers=3 ! video/x-raw,width=320 ! fakesink'],
    ['properties but one', '-v -X caps videotestsrc num-buffers=3 ! fakesink'],
    ['a live run', 'videotestsrc is-live=true num-buffers=3 ! fakesink'],
    ['no fault handler', '-f videotestsrc num-buffers=3 ! fakesink'],
    ['a run with -e to its end', '-e videotestsrc num-buffers=3 ! fakesink'],
    ['no table of contents', '-c videotestsrc num-buffers=3 ! fakesink'],
  ])('are the same: %s', async (_, text) => {
    const words = text.split(' ');
    const { code, stdout } = await run(words, ENGLISH);
    expect(code).toBe(0);
    expect(comparable(stdout)).toEqual(comparable(theirs(words)));
  });

  it('are the same: a table of contents', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kvswebrtc-'));
    try {
      const file = join(folder, 'cues.wav');
      await writeFile(file, waveWithCues([0, 4000]));
      const words = `-c filesrc location=${file} ! wavparse ! fakesink`.split(' ');
      const { code, stdout } = await run(words, ENGLISH);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^FOUND TOC /m);
      expect(comparable(stdout)).toEqual(comparable(theirs(words)));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('have every kind of message with -m', async () => {
    const words = '-m videotestsrc num-buffers=3 ! fakesink'.split(' ');
    const kinds = (text: string) =>
      [
        ...new Set(
          [...text.matchAll(/^Got message #\d+ from .*\(([\w-]+)\): /gm)].map(([, kind]) => kind),
        ),
      ]
        .toSorted()
        .filter((kind) => kind !== 'latency');
    expect(kinds((await run(words)).stdout)).toEqual(kinds(theirs(words)));
  });

  it('tell the position when forced to', async () => {
    const program = start(['--force-position', 'videotestsrc is-live=true ! fakesink']);
    await program.line(/^\d:\d\d:\d\d\.\d \/ 99:99:99\.$/);
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
  });

  it('are none with -q', async () => {
    expect((await run(['-q', 'videotestsrc num-buffers=3 ! fakesink'])).stdout).toBe('');
  });

  it('of GStreamer come from its own options', async () => {
    const { code, stdout } = await run(['--gst-version']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: theirs(['--gst-version']) });
    const { stderr } = await run(['--gst-debug', 'GST_INIT:4', 'fakesrc num-buffers=1 ! fakesink']);
    expect(stderr).toMatch(/GST_INIT/);
  });
});

describe('a pipeline', () => {
  it('without kinesiswebrtcbin runs, with a hint', async () => {
    const { code, stderr } = await run(['videotestsrc num-buffers=3 ! fakesink']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^kvswebrtc-launch: hint: [^\n]*kinesiswebrtcbin channel=NAME$/m);
  });

  it('that does not preroll says what it waits for', async () => {
    const program = start(['--json', 'fakesrc ! valve drop=true ! fakesink name=patient']);
    const line = await program.line(/"event":"stuck"/);
    expect(JSON.parse(line)).toMatchObject({ elements: 'patient' });
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
  });

  it('writes its graph on SIGHUP', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kvswebrtc-'));
    try {
      const program = start(['--json', 'videotestsrc is-live=true ! fakesink name=here'], {
        GST_DEBUG_DUMP_DOT_DIR: folder,
      });
      await program.line(/"state":"playing"/);
      program.child.kill('SIGHUP');
      const line = await program.line(/"event":"graph"/);
      program.child.kill('SIGTERM');
      expect((await program.finished).code).toBe(0);
      const { file } = JSON.parse(line) as { file: string };
      expect(await readFile(file, 'utf8')).toMatch(/digraph pipeline[^]*here/);
      expect(await readdir(folder)).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it.skipIf(!existsSync(PLUGIN))('prints statistics on SIGUSR1', async () => {
    const program = start(['--local', 'videotestsrc is-live=true ! kinesiswebrtcbin']);
    await program.line(/signaling connected/);
    program.child.kill('SIGUSR1');
    await program.line(/^nobody is there$/);
    program.child.kill('SIGTERM');
    expect((await program.finished).code).toBe(0);
  });
});

describe('what is missing', () => {
  it.each([
    ['videotestsr ! fakesink', /"videotestsr"; did you mean videotestsrc\?$/m],
    ['videotestsrc ! quue ! fakesink', /"quue"; did you mean queue\?$/m],
    ['chanels list', /"chanels"; did you mean the command channels\?$/m],
    ['chanels ! fakesink', /"chanels"; correct the name/m],
    ['videotestsrc patern=1 ! fakesink', /"patern"; did you mean pattern\?$/m],
    ['videotestsrc name=v ! fakesink name=f sinc=1', /"sinc"; did you mean sync\?$/m],
    [
      'fakesrc ! pocketsphinx ! fakesink',
      /"pocketsphinx"; .*apt-get install gstreamer1.0-pocketsphinx$/m,
    ],
  ])('is named with its remedy: %s', async (text, message) => {
    const { code, stderr } = await run([text]);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('of the options too', async () => {
    for (const option of ['--mesages', '--gst-debag=1']) {
      const { code, stderr } = await run([option, 'fakesrc ! fakesink']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/did you mean --(messages|gst-debug)\?/);
    }
  });
});
