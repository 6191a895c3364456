/* The program with lines typed into it: through a pipe, and on a terminal. */
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startService } from '../src/service/index.ts';
import { serviceEnvironment } from './media/launcher.ts';
import type { Environment } from './media/launcher.ts';
import { start } from './helpers/run.ts';
import type { Running } from './helpers/run.ts';
import { hasTmux, openTerminal } from './helpers/terminal.ts';
import type { Terminal } from './helpers/terminal.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const TEXT = 'videotestsrc is-live=true ! kinesiswebrtcbin name=k channel=cam1';

type Event = Readonly<Record<string, unknown>>;

function events(stdout: string): readonly Event[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Event);
}

describe.skipIf(!existsSync(PLUGIN))('lines from a pipe', { timeout: 60_000 }, () => {
  const type = (program: Running, lines: string) => program.child.stdin.write(lines);

  it('are commands, answered on stdout, and what is wrong on stderr', async () => {
    const program = start(['--interactive', '--local', TEXT]);
    type(program, 'peers\nbitrate 700\nhello\n/nosuch\nkick x\nquit\n');
    const { code, stdout, stderr } = await program.finished;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^nobody is there$/m);
    expect(stdout).toMatch(/^the bit rate is 700 kbit\/s$/m);
    expect(stderr.split('\n').filter((line) => line.includes('kvswebrtc-launch:'))).toEqual([
      'kvswebrtc-launch: nobody is there to send it to',
      'kvswebrtc-launch: there is no command "nosuch"; help shows what there is',
      'kvswebrtc-launch: no peer is called "x"; nobody is there',
    ]);
    // No prompt.
    expect(stdout + stderr).not.toContain('> ');
  });

  it('are answered by events with --json, for each element of the pipeline', async () => {
    const two = `${TEXT} videotestsrc is-live=true ! kinesiswebrtcbin name=j channel=cam2`;
    const program = start(['--json', '-i', '--local', two]);
    type(program, 'peers\nbitrate\nstats\nnobody hears this\nquit\n');
    const { code, stdout } = await program.finished;
    expect(code).toBe(0);
    const told = events(stdout);
    expect(told.filter(({ event }) => event === 'peers')).toMatchObject([
      { element: 'k', peers: [] },
      { element: 'j', peers: [] },
    ]);
    expect(told.filter(({ event }) => event === 'answer')).toMatchObject([
      { command: 'bitrate', ok: true, message: /of k is 2000 .* of j is 2000/ },
      { command: 'stats', ok: true },
      { command: 'send', ok: false },
      { command: 'quit', ok: true },
    ]);
  });

  it('may end, and the program goes on', async () => {
    const program = start(['--json', '-i', '--local', TEXT]);
    program.child.stdin.end('key\n');
    await program.line(/"command":"key"/);
    await program.line(/"state":"connected"/);
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
  });

  it('are not read without the option', async () => {
    const program = start(['--json', '--local', TEXT]);
    type(program, 'quit\n');
    await program.line(/"state":"connected"/);
    program.child.kill('SIGINT');
    expect(
      events((await program.finished).stdout).filter(({ event }) => event === 'answer'),
    ).toEqual([]);
  });
});

describe.skipIf(!existsSync(PLUGIN) || !hasTmux)('lines on a terminal', { timeout: 90_000 }, () => {
  let terminal: Terminal | null = null;

  const open = (words: readonly string[], env: Environment = {}) =>
    (terminal = openTerminal(words, { env }));

  afterEach(() => {
    terminal?.close();
    terminal = null;
  });

  it('are typed after a prompt, completed by Tab, and answered above it', async () => {
    const it = open(['-i', '--local', TEXT]);
    await it.shows(/signaling connected\n>$/m);
    it.keys('bit');
    await it.shows(/^> bit$/m);
    it.keys('Tab');
    it.keys('900', 'Enter');
    await it.shows(/^> bitrate 900\nthe bit rate is 900 kbit\/s\n>$/m);
    it.keys('quit', 'Enter');
    await it.shows(/^exit: 0$/m);
  });

  it('are not torn by what is told meanwhile, however long they are', async () => {
    const line = `${'a long line, typed slowly, '.repeat(4)}end`;
    const service = await startService();
    try {
      const it = open(['-i', TEXT], serviceEnvironment(service));
      await it.shows(/signaling connected\n>$/m);
      it.keys('-l', line);
      await it.shows(/^> a long line[^]*end$/m);
      service.cut('cam1');
      await it.shows(
        /signaling reconnecting[^]*signaling connected .again, after .*\n> a long line[^]*end\s*$/,
      );
      const screen = it.screen();
      const typed = screen.slice(screen.lastIndexOf('\n> ') + 1).trimEnd();
      expect(typed.replaceAll('\n', '')).toBe(`> ${line}`);
      expect(screen.match(/> a long/g)).toHaveLength(1);
      it.keys('C-u');
      it.keys('quit', 'Enter');
      await it.shows(/^exit: 0$/m);
    } finally {
      await service.close();
    }
  });

  it('leave Ctrl-C what it was, and the terminal as it was', async () => {
    const it = open(['-i', '--local', TEXT]);
    await it.shows(/signaling connected\n>$/m);
    it.keys('half a line');
    await it.shows(/^> half a line$/m);
    it.keys('C-c');
    await it.shows(/^exit: 0$/m);
    expect(it.screen()).not.toContain('half a line');
    // Echoed by the terminal once, and by cat once more.
    it.keys('echoed', 'Enter');
    await it.shows(/^echoed\nechoed$/m);
  });

  it('end with Ctrl-D, and the program goes on', async () => {
    const it = open(['-i', '--local', TEXT]);
    await it.shows(/signaling connected\n>$/m);
    it.keys('C-d');
    await it.shows(/signaling connected\n\s*$/m);
    it.keys('C-c');
    await it.shows(/exit: 0$/m);
  });

  it('are read without a prompt with --json', async () => {
    const it = open(['-i', '--json', '--local', TEXT]);
    await it.shows(/"state":"connected"/);
    it.keys('quit', 'Enter');
    await it.shows(/^exit: 0$/m);
    expect(it.screen()).not.toMatch(/^>/m);
  });
});
