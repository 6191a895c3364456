/* What a person sees: whole screens, with what differs from run to run put into words. */
import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../src/service/index.ts';
import type { Service } from '../src/service/index.ts';
import { start } from './helpers/run.ts';
import type { Running } from './helpers/run.ts';
import { hasTmux, openTerminal } from './helpers/terminal.ts';
import type { Terminal, TerminalOptions } from './helpers/terminal.ts';
import { serviceEnvironment } from './media/launcher.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const MASTER = 'videotestsrc is-live=true ! kinesiswebrtcbin channel=cam1';
const VIEWER = 'kinesiswebrtcbin role=viewer client-id=lisa channel=cam1 ! fakesink';

/** Lines of GStreamer's own come in no order, and are compared with gst-launch-1.0's elsewhere. */
const OF_GSTREAMER =
  /^(Setting pipeline|Pipeline is|Redistribute latency|New clock|Execution ended|\d+:\d\d:\d\d\.\d \/)/;

const DIFFERENT: readonly (readonly [RegExp, string])[] = [
  [/^\d\d:\d\d:\d\d/gm, 'hh:mm:ss'],
  [/\d+(\.\d+)? (ms|s)\b/g, 'a while'],
  [/\d+(\.\d+)? [kM]?B\b/g, 'bytes'],
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
  [/watch\/[\w-]+/g, 'watch/TOKEN'],
  [/channel\/cam1\/\d+/g, 'channel/cam1/TIME'],
  [/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/g, '⠋'],
];

/** The screen without what GStreamer says, and without what no two runs have in common. */
function seen(terminal: Terminal): string {
  const lines = terminal.screen().split('\n');
  const ours = lines.filter((line) => !OF_GSTREAMER.test(line) && line !== '').join('\n');
  return DIFFERENT.reduce((text, [pattern, words]) => text.replace(pattern, words), `\n${ours}\n`);
}

describe.skipIf(!existsSync(PLUGIN) || !hasTmux)('on a terminal', { timeout: 90_000 }, () => {
  let service: Service;
  let terminal: Terminal | null = null;
  let viewer: Running | null = null;

  beforeAll(async () => {
    service = await startService({ channels: ['cam1'], limits: { creatingMs: 0 } });
  });

  afterAll(() => service.close());

  afterEach(async () => {
    terminal?.close();
    terminal = null;
    viewer?.child.kill('SIGKILL');
    await viewer?.finished;
    viewer = null;
  });

  const open = (words: readonly string[], options: TerminalOptions = {}): Terminal => {
    const env = { ...serviceEnvironment(service), ...options.env };
    return (terminal = openTerminal(words, { columns: 120, ...options, env }));
  };

  const watch = (): Running => (viewer = start(['-q', VIEWER], serviceEnvironment(service)));

  it('a viewer comes and goes, and Ctrl-C ends it', async () => {
    const it = open([MASTER]);
    await it.shows(/signaling connected/);
    const lisa = watch();
    await it.shows(/lisa first video frame/);
    await it.shows(/lisa opens data channel/);
    lisa.child.kill('SIGINT');
    await it.shows(/lisa disconnected/);
    it.keys('C-c');
    await it.shows(/^exit: 0$/m);
    const lines = seen(it).split('\n').toSorted().join('\n');
    expect(lines).toMatchInlineSnapshot(`
      "

      exit: 0
      hh:mm:ss cam1  lisa connected  host to host, udp, in a while
      hh:mm:ss cam1  lisa disconnected  closed by the peer, after a while, bytes sent, bytes received
      hh:mm:ss cam1  lisa first video frame after a while
      hh:mm:ss cam1  lisa opens data channel kvsDataChannel
      hh:mm:ss cam1  signaling connected
      hh:mm:ss cam1  signaling connecting
      playing; Ctrl-C ends it"
    `);
  });

  it('statistics are a table in place', async () => {
    const it = open(['--stats', '0.2', MASTER]);
    await it.shows(/^nobody is there$/m);
    watch();
    await it.shows(/^lisa +connected +host to host, udp +VP8 320x240 +\d{1,2} .*\d{2,} /m);
    const [head = '', row = ''] = it
      .screen()
      .split('\n')
      .filter((line) => /^(PEER|lisa) /.test(line));
    expect(head).toMatch(
      /^PEER +STATE +PATH +VIDEO +FPS OUT .*KBIT\/S OUT .*RTT +LOST +NACK\/PLI .*AGE$/,
    );
    expect(row.length).toBe(head.length);
    expect(it.screen().match(/^PEER /gm)).toHaveLength(1);
    it.keys('C-c');
    await it.shows(/^exit: 0$/m);
    expect(it.screen()).not.toMatch(/^(PEER|nobody)/m);
  });

  it('a viewer without a master waits, and says so below all else', async () => {
    const it = open([VIEWER]);
    await it.shows(/waiting for the master/);
    expect(seen(it)).toMatchInlineSnapshot(`
      "
      hh:mm:ss cam1  signaling connecting
      hh:mm:ss cam1  signaling connected
      ⠋ waiting for the master of cam1
      "
    `);
    const master = start(['-q', MASTER], serviceEnvironment(service));
    try {
      await it.shows(/^(?![^]*waiting for)[^]*master first video frame/);
    } finally {
      master.child.kill('SIGINT');
      await master.finished;
    }
    await it.shows(/waiting for the master/);
    it.keys('C-c');
    await it.shows(/^exit: 0$/m);
    expect(it.screen()).not.toContain('waiting for');
  });

  it('a channel that is being made is waited for', async () => {
    const slow = await startService({ limits: { creatingMs: 1500 } });
    try {
      const it = open(['channels', 'create', 'cam1'], { env: serviceEnvironment(slow) });
      await it.shows(/^. creating channel cam1 \.\.\.$/m);
      await it.shows(/^exit: 0$/m);
      expect(seen(it)).toMatchInlineSnapshot(`
        "
        arn:aws:kinesisvideo:us-west-2:111122223333:channel/cam1/TIME
        exit: 0
        "
      `);
    } finally {
      await slow.close();
    }
  });

  it.each([
    [
      'a wrong option',
      1,
      /there is no option "--stat"; did you mean --stats\?/,
      ['--stat', MASTER],
    ],
    [
      'a wrong element',
      1,
      /there is no GStreamer element "kinesiswebrtcbim"; did you mean kinesiswebrtcbin\?$/,
      ['videotestsrc ! kinesiswebrtcbim channel=cam1'],
    ],
    [
      'a file that is not there',
      2,
      /filesrc0: Resource not found. No such file "\/no\/file"$/,
      ['filesrc location=/no/file ! fakesink'],
    ],
    [
      'a wrong key',
      3,
      /refused for channel cam1 in us-west-2: check the access key/,
      [`${MASTER} access-key=AKIA secret-key=wrong`],
    ],
    [
      'a wrong channel',
      3,
      /Channel nosuch does not exist in us-west-2/,
      ['kinesiswebrtcbin role=viewer channel=nosuch ! fakesink'],
    ],
    [
      'what did not come',
      4,
      /after 1.0 s 0 of 2 expected peers connected; --timeout SECONDS waits longer/,
      ['--expect-peers', '2', '--timeout', '1', MASTER],
    ],
  ] as const)('%s is one line, and the exit code %d', async (_, code, words, args) => {
    const it = open(args, { columns: 400 });
    await it.shows(/^exit: \d+$/m);
    const errors = it
      .screen()
      .split('\n')
      .filter((line) => line.includes('error:'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^kvswebrtc-launch: error: /);
    expect(errors[0]).toMatch(words);
    expect(seen(it).trimEnd()).toMatch(new RegExp(`error: .*\nexit: ${code}$`));
  });

  it('a second Ctrl-C ends at once what the first cannot', async () => {
    // A closed valve holds back the end of the stream too.
    const stuck = 'fakesrc is-live=true do-timestamp=true ! valve drop=true ! fakesink async=false';
    const it = open(['-e', `${MASTER} ${stuck}`]);
    await it.shows(/signaling connected/);
    it.keys('C-c');
    await it.shows(/Waiting for EOS/);
    it.keys('C-c');
    await it.shows(/^exit: 130$/m);
  });

  it('colours are there, and not with NO_COLOR, --no-color, or a dumb terminal', async () => {
    const colored = async (
      words: readonly string[],
      env: NodeJS.ProcessEnv,
      kind?: TerminalOptions['kind'],
    ) => {
      const it = open([...words, '--local', MASTER], { env, kind });
      await it.shows(/signaling connected/);
      const found = it.screen('colors').includes('\u001b[32mconnected');
      it.keys('C-c');
      await it.shows(/^exit: 0$/m);
      it.close();
      terminal = null;
      return found;
    };
    expect(await colored([], { NO_COLOR: '' })).toBe(true);
    expect(await colored([], { NO_COLOR: '1' })).toBe(false);
    expect(await colored(['--no-color'], { NO_COLOR: '' })).toBe(false);
    expect(await colored([], { NO_COLOR: '' }, 'dumb')).toBe(false);
  });

  it('nothing moves in a pipe', async () => {
    const it = open([VIEWER], { after: '| (trap "" INT; cat -v)', env: { NO_COLOR: '' } });
    await it.shows(/signaling connected/);
    expect(it.screen()).not.toMatch(/\^\[|waiting|M-b/);
    it.keys('C-c');
    await it.shows(/^exit: 0$/m);
  });

  it('programs read whole lines', async () => {
    const after = '| jq -es "length > 3 and all(.time and .event)"';
    const it = open(['--json', '--duration', '1', MASTER], { after });
    await it.shows(/^true\nexit: 0$/m);
  });
});
