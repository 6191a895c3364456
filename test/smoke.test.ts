/* The program as a test of a channel. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { run } from './helpers/run.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const TEXT = 'videotestsrc is-live=true ! kinesiswebrtcbin name=k';

describe.skipIf(!existsSync(PLUGIN))('a smoke test', { timeout: 120_000 }, () => {
  it('passes as soon as its probe has a picture', async () => {
    const { code, stdout } = await run(['--json', '--local', '--probe', TEXT]);
    expect(code).toBe(0);
    const filter = 'any(.event == "summary" and .ok and .peers == 1)';
    execFileSync('jq', ['-es', filter], { input: stdout });
    execFileSync('jq', ['-es', 'any(.element == "probe" and .event == "first-frame")'], {
      input: stdout,
    });
  });

  it('tells of its pipeline once, though the probe has one, too', async () => {
    const { stdout, stderr } = await run(['--local', '--probe', TEXT]);
    expect(stdout).toMatch(/ probe {2}master connected /);
    expect(stdout.match(/^New clock/gm)).toHaveLength(1);
    expect(stdout).toMatch(/\npassed: [^\n]*\n$/);
    expect(stderr).toBe('playing; Ctrl-C ends it\n');
  });

  it('passes for a viewer of the same pipeline', async () => {
    const viewer = 'kinesiswebrtcbin name=v role=viewer channel=demo ! fakesink async=false';
    const { code, stdout } = await run([
      '--local',
      '--expect-peers',
      '2',
      '--expect-media',
      `${TEXT} ${viewer}`,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^passed: 2 peers connected, media reached 2, first frame after/m);
  });

  it('fails in its time, with the reason on one line', async () => {
    const argv = ['--local', '--expect-peers', '1', '--timeout', '1', TEXT];
    const { code, stdout, stderr } = await run(argv);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^failed: 0 of 1 expected peer connected/m);
    expect(stderr).toMatch(
      /^kvswebrtc-launch: error: after \d+\.\d s 0 of 1 expected peer [^\n]+$/m,
    );
  });

  it('fails when the stream ends before', async () => {
    const text = 'videotestsrc num-buffers=5 ! kinesiswebrtcbin';
    const { code, stdout } = await run(['--json', '--local', '--expect-media', text]);
    expect(code).toBe(4);
    execFileSync('jq', ['-es', 'any(.event == "summary" and .ok == false)'], { input: stdout });
    execFileSync('jq', ['-es', 'any(.event == "error" and .exitCode == 4)'], { input: stdout });
  });

  it('has no probe where there is no master', async () => {
    const text = 'kinesiswebrtcbin role=viewer channel=c ! fakesink';
    const { code, stderr } = await run(['--local', '--probe', text]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: --probe needs/);
  });
});

describe('--duration', () => {
  it('ends any run', async () => {
    const { code } = await run(['--duration', '0.5', 'videotestsrc is-live=true ! fakesink']);
    expect(code).toBe(0);
  });

  it.each([
    ['--timeout', '5'],
    ['--duration', '-1'],
    ['--expect-peers', '0'],
  ])('and its like take what makes sense: %s %s', async (...argv) => {
    const { code, stderr } = await run([...argv, 'fakesrc ! fakesink']);
    expect(code).toBe(1);
    expect(stderr).toContain(argv[0]);
  });
});
