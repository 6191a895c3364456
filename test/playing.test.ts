/* The program with the real plugin: pipelines that play, stop and fail. */
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { startService } from '../src/service/index.ts';
import { run, start } from './helpers/run.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const TEXT = 'videotestsrc is-live=true ! kinesiswebrtcbin name=k channel=cam1';

const VIEWER = 'kinesiswebrtcbin name=v role=viewer channel=cam1 ! fakesink';

type Event = Readonly<Record<string, unknown>>;

function events(stdout: string): readonly Event[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Event);
}

describe.skipIf(!existsSync(PLUGIN))('a pipeline', () => {
  it('plays to its end', async () => {
    const text = 'videotestsrc num-buffers=5 ! kinesiswebrtcbin name=k';
    const { code, stdout } = await run(['--json', '--local', text]);
    expect(code).toBe(0);
    const told = events(stdout);
    expect(told[0]).toMatchObject({ event: 'watch', element: 'k', channel: 'demo' });
    expect(told.find(({ event }) => event === 'eos')).toBeDefined();
  });

  it('has a master and its viewer in one, on a channel that is there for the viewer', async () => {
    const program = start(['--json', '--local', `${TEXT} ${VIEWER}`]);
    await program.line(/"event":"first-frame","element":"v",.*"peerId":"master","media":"video"/);
    program.child.kill('SIGINT');
    const { status, stdout } = await program.finished;
    expect(status).toBe(0);
    const names = ['peer-connected', 'peer-disconnected'];
    const told = events(stdout).filter(
      ({ element, event }) => element === 'v' && names.includes(String(event)),
    );
    expect(told).toMatchObject([
      { event: 'peer-connected', localCandidate: 'host', protocol: 'udp' },
      { event: 'peer-disconnected' },
    ]);
  });

  it.each([
    ['SIGINT', []],
    ['SIGTERM', []],
    ['SIGINT', ['-e']],
  ] as const)('ends in order on %s %j', async (signal, options) => {
    const program = start(['--json', '--local', ...options, TEXT]);
    await program.line(/"event":"signaling".*"state":"connected"/);
    program.child.kill(signal);
    const { code, stdout, stderr } = await program.finished;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // JSON to the last line.
    expect(events(stdout).at(-1)).toHaveProperty('event');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is forced to end by a second %s', async (signal, status) => {
    // A closed valve holds back the end of the stream too, so -e waits.
    const stuck = 'fakesrc is-live=true do-timestamp=true ! valve drop=true ! fakesink async=false';
    const program = start(['--json', '--local', '-e', `${TEXT} ${stuck}`]);
    await program.line(/"event":"signaling".*"state":"connected"/);
    program.child.kill(signal);
    await program.line(/"event":"stopping"/);
    program.child.kill(signal);
    expect((await program.finished).status).toBe(status);
  });

  it('ends quietly when nobody reads any more', async () => {
    const program = start(['-v', '--local', TEXT]);
    await program.line(/watch at/);
    program.child.stdout.destroy();
    const { code, stderr } = await program.finished;
    expect({ code, said: stderr.replace(/^playing.*\n/, '') }).toEqual({ code: 0, said: '' });
  });

  it('that fails while it runs exits with 2', async () => {
    const text = 'filesrc location=/nonexistent/x ! decodebin ! kinesiswebrtcbin name=k';
    const { code, stdout, stderr } = await run(['--json', '--local', text]);
    expect(code).toBe(2);
    expect(events(stdout).at(-1)).toMatchObject({ event: 'error', code: 'pipeline', exitCode: 2 });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: filesrc0: [^\n]*\/nonexistent\/x[^\n]*\n$/);
  });

  it.each([
    ['an element that is not there', 'videotestsrc ! nosuch ! kinesiswebrtcbin', /"nosuch"/],
    ['a property that is not there', 'videotestsrc foo=1 ! kinesiswebrtcbin', /"foo"/],
    ['a value that is none', 'videotestsrc pattern=nosuch ! kinesiswebrtcbin', /"nosuch"/],
    ['a name nobody has', 'videotestsrc ! kinesiswebrtcbin audiotestsrc ! q.', /"q"/],
  ])('with %s exits with 1', async (_, text, word) => {
    const { code, stderr } = await run(['--local', text]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]+\n$/);
    expect(stderr).toMatch(word);
  });

  it('without credentials exits with 3', async () => {
    const { code, stderr } = await run(['--region', 'eu-west-1', TEXT]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*credentials[^\n]*--profile[^\n]*\n$/);
  });

  it('shows caps with -v', async () => {
    const program = start(['-v', '--local', TEXT]);
    await program.line(/: caps = video\/x-raw/);
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
  });
});

describe.skipIf(!existsSync(PLUGIN))('temporary keys', () => {
  it('are renewed while the pipeline plays, and used from then on', async () => {
    const service = await startService({ keys: [key('OLD'), key('NEW')] });
    const folder = await mkdtemp(join(tmpdir(), 'kvswebrtc-'));
    try {
      await writeCredentialProcess(folder);
      const program = start(['--json', '--profile', 'test', TEXT], {
        AWS_CONFIG_FILE: join(folder, 'config'),
        AWS_REGION: service.region,
        AWS_ENDPOINT_URL_KINESIS_VIDEO: service.url,
      });
      await program.line(/"state":"connected"/);
      // The third call means that the answer to the second one is in place.
      await vi.waitFor(
        () => {
          expect(existsSync(join(folder, 'call-3'))).toBe(true);
        },
        { timeout: 15_000 },
      );
      service.removeKey(key('OLD').accessKeyId);
      service.cut('cam1');
      await program.line(/"state":"reconnecting"/);
      await vi.waitFor(
        () => {
          expect(service.inspect()[0]?.master).toBe(true);
        },
        { timeout: 10_000 },
      );
      program.child.kill('SIGINT');
      expect((await program.finished).code).toBe(0);
    } finally {
      await service.close();
      await rm(folder, { recursive: true });
    }
  });
});

function key(name: string) {
  return { accessKeyId: `ASIA${name}`, secretAccessKey: 'secret', sessionToken: `token-${name}` };
}

/** First a key that ends in a few seconds, from then on another one that does too, and leaves `call-N` behind. */
async function writeCredentialProcess(folder: string): Promise<void> {
  const script = join(folder, 'keys.mjs');
  await writeFile(
    script,
    `#!${process.execPath}
import { existsSync, writeFileSync } from 'node:fs';
let call = 1;
while (existsSync(${JSON.stringify(folder)} + '/call-' + call)) call++;
writeFileSync(${JSON.stringify(folder)} + '/call-' + call, '');
const [old, fresh] = ${JSON.stringify([key('OLD'), key('NEW')])};
const { accessKeyId, secretAccessKey, sessionToken } = call === 1 ? old : fresh;
console.log(JSON.stringify({
  Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken,
  Expiration: new Date(Date.now() + 4000).toISOString(),
}));
`,
  );
  await chmod(script, 0o755);
  await writeFile(join(folder, 'config'), `[profile test]\ncredential_process = ${script}\n`);
}
