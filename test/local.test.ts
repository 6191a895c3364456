/* The command `local`, run as a program: what it keeps, and the relays it hands out. */
import { createHmac } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateSignalingChannelCommand,
  DeleteSignalingChannelCommand,
  DescribeSignalingChannelCommand,
  KinesisVideoClient,
  ListSignalingChannelsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kinesis-video';
import {
  GetIceServerConfigCommand,
  KinesisVideoSignalingClient,
} from '@aws-sdk/client-kinesis-video-signaling';
import type { ChannelInfo } from '@aws-sdk/client-kinesis-video';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, start } from './helpers/run.ts';
import type { Running } from './helpers/run.ts';

interface Local {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

let directory: string;
let file: string;
let running: Running | null = null;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kvs-local-'));
  file = join(directory, 'channels.json');
});
afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.finished;
  running = null;
  rmSync(directory, { recursive: true });
});

async function serve(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Local> {
  running = start(['local', '--json', ...args], env);
  return JSON.parse(await running.line(/^\{/)) as Local;
}

async function stop(signal: NodeJS.Signals): Promise<void> {
  running?.child.kill(signal);
  await running?.finished;
}

const options = ({ endpoint, region, ...credentials }: Local) => ({
  endpoint,
  region,
  credentials,
  maxAttempts: 1,
});

/** A channel is not yet ACTIVE for a moment. */
async function active(local: Local, arn: string | undefined): Promise<ChannelInfo> {
  const client = new KinesisVideoClient(options(local));
  for (;;) {
    const { ChannelInfo: found } = await client.send(
      new DescribeSignalingChannelCommand({ ChannelARN: arn }),
    );
    if (found?.ChannelStatus === 'ACTIVE') return found;
    await sleep(100);
  }
}

const saved = () => JSON.parse(readFileSync(file, 'utf8')) as { channels: object[] };

describe('local --persist', () => {
  it('answers the same clients again, with the channels as they were', async () => {
    const first = await serve(['--persist', file, '--region', 'eu-west-1']);
    const before = new KinesisVideoClient(options(first));
    const { ChannelARN: arn } = await before.send(
      new CreateSignalingChannelCommand({
        ChannelName: 'cam1',
        SingleMasterConfiguration: { MessageTtlSeconds: 30 },
        Tags: [{ Key: 'site', Value: 'hömé' }],
      }),
    );
    const { ChannelARN: gone } = await before.send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam2' }),
    );
    await before.send(new DeleteSignalingChannelCommand({ ChannelARN: gone }));
    const { ChannelInfo: was } = await before.send(
      new DescribeSignalingChannelCommand({ ChannelARN: arn }),
    );
    // nothing is written on the way out: every change was, before it was answered
    await stop('SIGKILL');

    const second = await serve(['--persist', file]);
    expect({ ...second, endpoint: '', time: '', port: '', watch: '' }).toEqual({
      ...first,
      endpoint: '',
      time: '',
      port: '',
      watch: '',
    });
    const after = new KinesisVideoClient({ ...options(first), endpoint: second.endpoint });
    const { ChannelInfoList: list } = await after.send(new ListSignalingChannelsCommand({}));
    expect(list).toEqual([{ ...was, ChannelStatus: 'ACTIVE' }]);
    const { Tags: tags } = await after.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
    expect(tags).toEqual({ site: 'hömé' });
    expect(list?.[0]?.SingleMasterConfiguration?.MessageTtlSeconds).toBe(30);
  });

  it("writes a file of its owner's alone, whole, and nothing beside it", async () => {
    const local = await serve(['--persist', file]);
    chmodSync(file, 0o644);
    await new KinesisVideoClient(options(local)).send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam1' }),
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['channels.json']);
    expect(saved().channels).toMatchObject([{ name: 'cam1', messageTtlSeconds: 60 }]);
  });

  it.each(['channels.json', 'link.json'])(
    'lets one program at a time have it, here by the name %s',
    async (name) => {
      const local = await serve(['--persist', file]);
      if (name !== 'channels.json') symlinkSync(file, join(directory, name));
      const before = readFileSync(file, 'utf8');
      const second = await run(['local', '--persist', join(directory, name)]);
      const pid = running?.child.pid ?? 0;
      expect(second).toMatchObject({ code: 1, stdout: '' });
      expect(second.stderr).toBe(
        `kvswebrtc-launch: error: process ${pid} keeps its channels in ${realpathSync(file)}; end that one, or name another file\n`,
      );
      expect(readFileSync(file, 'utf8')).toBe(before);
      // Whoever is killed holds nothing any more.
      await stop('SIGKILL');
      expect((await serve(['--persist', file])).accessKeyId).toBe(local.accessKeyId);
    },
  );

  it('leaves a symbolic link one', async () => {
    const link = join(directory, 'link.json');
    await serve(['--persist', file]);
    await stop('SIGTERM');
    symlinkSync(file, link);
    const local = await serve(['--persist', link]);
    await new KinesisVideoClient(options(local)).send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam1' }),
    );
    expect(saved().channels).toHaveLength(1);
  });

  it('changes nothing that it cannot keep, and says so', async () => {
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    const local = await serve(['--persist', join(folder, 'channels.json')]);
    const client = new KinesisVideoClient(options(local));
    const { ChannelARN: arn } = await client.send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam1' }),
    );
    rmSync(folder, { recursive: true });
    const tag = new TagResourceCommand({ ResourceARN: arn, Tags: [{ Key: 'a', Value: 'b' }] });
    await expect(client.send(tag)).rejects.toMatchObject({ name: 'InternalFailureException' });
    const { Tags: tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: arn }));
    expect(tags).toEqual({});
    running?.child.kill('SIGTERM');
    const end = await running?.finished;
    expect(end?.code).toBe(0);
    expect(end?.stderr).toMatch(
      /^kvswebrtc-launch: warning: [^\n]*channels\.json cannot be written: [^\n]*\n$/,
    );
  });

  const channel = { name: 'a', arn: 'arn:aws:kinesisvideo:r:1:channel/a/1', created: '2026-01-01' };
  const whole = { ...channel, messageTtlSeconds: 60, version: 'v', tags: {} };
  const kept = { version: 1, region: 'r', accessKeyId: 'AKIAX', secretAccessKey: 'top-secret' };
  it.each([
    ['is cut short', '{"version":1,"secretAccessKey":"top-secret', /is not JSON/],
    ['is of another program', '{"a":1}', /was not written by --persist/],
    ['has no channels', JSON.stringify(kept), /has no list "channels"/],
    [
      'has no key',
      JSON.stringify({ ...kept, accessKeyId: undefined, channels: [] }),
      /has no "accessKeyId"/,
    ],
    ['has half a channel', JSON.stringify({ ...kept, channels: [whole, channel] }), /number 2/],
    ['has one twice', JSON.stringify({ ...kept, channels: [whole, whole] }), /two channels/],
  ])('names a file that %s, in one line without secrets', async (_, text, reason) => {
    writeFileSync(file, text);
    const { code, stdout, stderr } = await run(['local', '--persist', file]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*channels\.json [^\n]*\n$/);
    expect(stderr).toMatch(reason);
    expect(stderr).not.toContain('top-secret');
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('names a file that cannot be written, and another region', async () => {
    const nowhere = await run(['local', '--persist', join(directory, 'no', 'file.json')]);
    expect(nowhere.code).toBe(1);
    expect(nowhere.stderr).toMatch(/error: [^\n]*file\.json cannot be written: [^\n]*\n$/);
    writeFileSync(file, JSON.stringify({ ...kept, channels: [] }));
    const other = await run(['local', '--persist', file, '--region', 'eu-west-1']);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/error: [^\n]* of the region r;[^\n]*\n$/);
  });
});

describe('local --turn', () => {
  const URLS = ['turn:192.0.2.1:3478?transport=udp', 'turns:turn.example.com:443?transport=tcp'];
  const SECRET = 'north & south';

  it.each([
    ['a variable', () => ({ args: [], env: { KVSWEBRTC_TURN_SECRET: SECRET } })],
    [
      'a file',
      () => {
        writeFileSync(file, `${SECRET}\n`);
        return { args: ['--turn-secret-file', file], env: {} };
      },
    ],
  ])('hands out relays by a secret from %s', async (_, prepare) => {
    const { args, env } = prepare();
    const local = await serve(['--turn', URLS.join(','), ...args], env);
    const { ChannelARN: arn } = await new KinesisVideoClient(options(local)).send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam1' }),
    );
    await active(local, arn);
    const signaling = new KinesisVideoSignalingClient({ ...options(local), maxAttempts: 5 });
    const { IceServerList: list = [] } = await signaling.send(
      new GetIceServerConfigCommand({ ChannelARN: arn, ClientId: 'me' }),
    );
    expect(list).toHaveLength(1);
    const [{ Uris, Username = '', Password } = {}] = list;
    expect(Uris).toEqual(URLS);
    expect(Username).toMatch(/^\d+:me$/);
    expect(Password).toBe(createHmac('sha1', SECRET).update(Username).digest('base64'));
    expect(readFileSync(`/proc/${running?.child.pid}/cmdline`, 'utf8')).not.toContain(SECRET);
  });

  it('warns of relays on loopback, where ICE sends nothing by UDP', async () => {
    const urls = ['turn:127.0.0.1', 'turn:127.0.0.1:3478?transport=tcp', 'turn:192.0.2.1'];
    const program = start(['local', '--json', '--turn', urls.join(',')], {
      KVSWEBRTC_TURN_SECRET: SECRET,
    });
    running = program;
    await program.line(/^\{/);
    program.child.kill('SIGTERM');
    const { code, stderr } = await program.finished;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^kvswebrtc-launch: warning: turn:127\.0\.0\.1 is of no use to ICE, [^\n]+\n$/,
    );
  });

  it.each([
    ['no secret', ['--turn', 'turn:192.0.2.1'], /set KVSWEBRTC_TURN_SECRET, or give/],
    [
      'a secret on the command line',
      ['--turn', 'turn:h', '--turn-secret', 'x'],
      /there is no option "--turn-secret"/,
    ],
    ['a secret for nothing', ['--turn-secret-file', '/dev/null'], /needs --turn/],
    [
      'an empty secret',
      ['--turn', 'turn:h', '--turn-secret-file', '/dev/null'],
      /needs the secret/,
    ],
    ['no such file', ['--turn', 'turn:h', '--turn-secret-file', '/no/file'], /\/no\/file/],
    ['no relay', ['--turn', 'turn:h,stun:h', '--turn-secret-file', '/dev/null'], /not "stun:h"/],
  ])('refuses %s', async (_, args, reason) => {
    const { code, stdout, stderr } = await run(['local', ...args]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]*\n$/);
    expect(stderr).toMatch(reason);
  });
});
