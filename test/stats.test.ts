/* --stats, by pipes and on a terminal. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import { start } from './helpers/run.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const VIEWER = 'kinesiswebrtcbin name=v role=viewer channel=demo ! fakesink async=false';
const TEXT = `videotestsrc is-live=true ! kinesiswebrtcbin name=k ${VIEWER}`;

describe('--stats', () => {
  it.each([
    [['--stats', 'a ! b'], 1],
    [['--stats', '2.5', 'a ! b'], 2.5],
    [['--stats=3', 'a ! b'], 3],
    [['a ! b'], null],
  ] as const)('may have its seconds: %j', (argv, stats) => {
    expect(parseCommandLine(argv)).toMatchObject({ stats, pipeline: 'a ! b' });
  });

  it.each(['0', '1e9'])('takes seconds that make sense, not %s', (seconds) => {
    expect(() => parseCommandLine([`--stats=${seconds}`, 'a ! b'])).toThrow(/--stats/);
  });
});

describe.skipIf(!existsSync(PLUGIN))('statistics', { timeout: 60_000 }, () => {
  it('are events with --json', async () => {
    const program = start(['--json', '--stats', '0.2', '--local', TEXT]);
    const line = await program.line(/"event":"stats","element":"k".*"videoCodec".*"fpsSent":\d/);
    expect(JSON.parse(line)).toMatchObject({
      videoCodec: 'VP8',
      framesSent: expect.any(Number) as number,
      fpsSent: expect.any(Number) as number,
    });
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
  });

  it('are a table for people', async () => {
    const program = start(['--stats', '0.2', '--local', TEXT]);
    await program.line(/^k .*connected .*VP8/);
    program.child.kill('SIGINT');
    const { code, stdout } = await program.finished;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ELEMENT +PEER +STATE +PATH +VIDEO +FPS OUT +IN +AUDIO +KBIT\/S OUT +IN +RTT +LOST +NACK\/PLI +DATA +AGE$/m,
    );
  });
});
