/* The program as it is spawned: what it prints, where, and how it ends. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { run, start } from './helpers/run.ts';

const TEXT = 'videotestsrc ! kinesiswebrtcbin channel=cam1';

describe('what it tells of itself', () => {
  it('is its version and that of GStreamer', async () => {
    const { code, stdout } = await run(['--version']);
    const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
    const { version } = JSON.parse(text) as { readonly version: string };
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^kvswebrtc-launch version ${version}\nGStreamer \\d`));
  });

  it('is help on stdout', async () => {
    expect(await run(['--help'])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: /) as string,
    });
  });
});

describe('a mistake', () => {
  it.each([
    ['of usage', [], 1, /no pipeline/],
    ['in an option', ['--fast', TEXT], 1, /fast/],
    ['in the text', ['videotestsrc ! ! kinesiswebrtcbin channel=c'], 1, /"!"/],
    [
      'that leaves the element out',
      ['--channel', 'c', 'videotestsrc ! fakesink'],
      1,
      /kinesiswebrtcbin/,
    ],
    ['in the name of an element', ['--channel', 'foo=cam1', TEXT], 1, /"foo"/],
    ['that leaves the channel out', ['videotestsrc ! kinesiswebrtcbin'], 1, /no channel/],
    ['in the name of a channel', ['--channel', 'a b', TEXT], 1, /"a b"/],
  ])('%s is one line on stderr', async (_, argv, code, words) => {
    const end = await run(argv);
    expect(end).toMatchObject({ code, stdout: '' });
    expect(end.stderr).toMatch(/^kvswebrtc-launch: error: [^\n]+\n$/);
    expect(end.stderr).toMatch(words);
  });

  it('is an event on stdout as well with --json', async () => {
    const { code, stdout } = await run(['--json', '--channel', 'c', 'videotestsrc ! fakesink']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'no-element', exitCode: 1 });
  });
});

describe('--dry-run', () => {
  it('prints where each value is from, and no secret', async () => {
    const argv = ['--dry-run', '--channel', 'cam2', `${TEXT} secret-key=hidden access-key=AKIAX`];
    const { code, stdout } = await run(argv, { AWS_REGION: 'eu-west-1' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/channel +cam2 +option --channel/);
    expect(stdout).toMatch(/region +eu-west-1 +environment AWS_REGION/);
    expect(stdout).not.toContain('hidden');
  });

  it('prints one object with --json', async () => {
    const { stdout } = await run(['--dry-run', '--json', '--local', TEXT]);
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: TEXT,
      local: { port: 0 },
      elements: [{ channel: { value: 'cam1', from: 'text' }, keys: { kind: 'local' } }],
    });
  });
});

describe('local', () => {
  it('prints what to export, and ends with a signal', async () => {
    const local = start(['local', '--region', 'eu-west-1', '--channel', 'cam1']);
    await local.line(/^# watch cam1 at http:/);
    local.child.kill('SIGTERM');
    const { code, stdout, stderr } = await local.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^export AWS_ENDPOINT_URL_KINESIS_VIDEO=http:\/\/127\.0\.0\.1:\d+$/m);
    expect(stdout).toMatch(/^export AWS_REGION=eu-west-1$/m);
    expect(stdout).toMatch(/^export AWS_ACCESS_KEY_ID=AKIA\w+$/m);
    expect(stdout).toMatch(/^export AWS_SECRET_ACCESS_KEY=\S+$/m);
  });

  it('prints one object with --json, and serves there', async () => {
    const local = start(['local', '--json']);
    const told = JSON.parse(await local.line(/^\{/)) as Readonly<Record<string, string>>;
    expect(told).toMatchObject({ event: 'local', channel: 'demo', region: 'us-west-2' });
    const answer = await fetch(`${told.endpoint}/describeSignalingChannel`, { method: 'POST' });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    local.child.kill('SIGINT');
    expect((await local.finished).code).toBe(0);
  });

  it('names a file that is not there', async () => {
    const { code, stderr } = await run([
      'local',
      '--tls-cert',
      '/no/c.pem',
      '--tls-key',
      '/no/k.pem',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*\/no\/[^\n]*\n$/);
  });

  it('names a file that is no certificate', async () => {
    const { code, stderr } = await run([
      'local',
      '--tls-cert',
      '/dev/null',
      '--tls-key',
      '/dev/null',
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*certificate[^\n]*\n$/);
  });
});
