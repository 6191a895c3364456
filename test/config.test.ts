import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig, resolveTarget } from '../src/config.ts';
import { run } from './helpers/run.ts';

let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kvswebrtc-config-'));
  await mkdir(join(home, 'kvswebrtc'));
});

afterAll(async () => {
  await rm(home, { recursive: true });
});

async function write(text: string): Promise<string> {
  const file = join(home, 'kvswebrtc', 'config.json');
  await writeFile(file, text);
  return file;
}

describe('the configuration file', () => {
  it('need not be there where nobody named it', () => {
    const { values } = readConfig(null, { XDG_CONFIG_HOME: join(home, 'none') });
    expect(values).toEqual({});
  });

  it('is read from its usual place', async () => {
    const file = await write('{ "channel": "cam1", "client-id": "me" }');
    expect(readConfig(null, { XDG_CONFIG_HOME: home })).toEqual({
      file,
      values: { channel: 'cam1', 'client-id': 'me' },
    });
  });

  it.each([
    ['{', /is not JSON/],
    ['[]', /is no JSON object/],
    ['null', /is no JSON object/],
    ['{ "chanel": "c" }', /has "chanel", which is no setting/],
    ['{ "channel": 7 }', /has a "channel" that is no text/],
    ['{ "region": "" }', /has a "region" that is no text/],
  ])('is refused by name: %s', async (text, message) => {
    const file = await write(text);
    expect(() => readConfig(file, {})).toThrow(
      expect.objectContaining({
        code: 'settings',
        message: expect.stringMatching(message) as string,
      }),
    );
  });

  it('has to be there where it was named', () => {
    expect(() => readConfig(join(home, 'other'), {})).toThrow(/cannot be read.*ENOENT/);
  });
});

describe('where a command goes', () => {
  const asked = { config: null, region: undefined, profile: undefined, endpoint: undefined };
  const config = { file: 'f', values: { region: 'file-1', profile: 'file', endpoint: 'http://f' } };

  it.each([
    [{}, { region: 'file-1', profile: 'file', endpoint: 'http://f' }],
    // What AWS has a variable for is left to its SDK.
    [
      { AWS_REGION: 'a', AWS_ACCESS_KEY_ID: 'b', AWS_ENDPOINT_URL: 'http://a' },
      { region: undefined, profile: undefined, endpoint: undefined },
    ],
    [
      { KVSWEBRTC_REGION: 'ours', KVSWEBRTC_PROFILE: 'p', AWS_REGION: 'a' },
      { region: 'ours', profile: 'p', endpoint: 'http://f' },
    ],
    [{ KVSWEBRTC_PROFILE: 'p' }, { region: undefined, profile: 'p' }],
    [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/t' }, { region: 'file-1', profile: undefined }],
    [{ KVSWEBRTC_REGION: '' }, { region: 'file-1' }],
  ])('with %j is %j', (env, target) => {
    expect(resolveTarget(asked, 'cam1', env, config)).toMatchObject(target);
  });

  it('is the region of an ARN before any variable', () => {
    const arn = 'arn:aws:kinesisvideo:us-east-1:111122223333:channel/cam1/1700000000000';
    const env = { KVSWEBRTC_REGION: 'ours' };
    expect(resolveTarget(asked, arn, env, config).region).toBe('us-east-1');
  });

  it('is what an option says before all else', () => {
    const env = { KVSWEBRTC_REGION: 'ours' };
    expect(resolveTarget({ ...asked, region: 'opt' }, 'cam1', env, config).region).toBe('opt');
  });
});

describe('--dry-run', () => {
  it('tells where each value is from', async () => {
    const file = await write('{ "channel": "cam1", "region": "eu-west-1" }');
    const { code, stdout } = await run(
      ['--config', file, '--dry-run', 'videotestsrc ! kinesiswebrtcbin'],
      { KVSWEBRTC_CLIENT_ID: 'me' },
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^  channel +cam1  file ${file}$`, 'm'));
    expect(stdout).toMatch(/^ {2}client-id +me {2}environment KVSWEBRTC_CLIENT_ID$/m);
  });

  it('names the file that is wrong', async () => {
    const file = await write('{ "chanel": "c" }');
    const { code, stderr } = await run(['--config', file, 'videotestsrc ! kinesiswebrtcbin']);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^kvswebrtc-launch: error: [^\n]*"chanel"[^\n]*did you mean channel[^\n]*$/m,
    );
  });
});
