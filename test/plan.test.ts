import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import { describePlan, makePlan } from '../src/plan.ts';
import type { Config, Environment } from '../src/config.ts';
import type { ElementPlan, LaunchPlan } from '../src/plan.ts';

function plan(
  argv: readonly string[],
  env: Environment = {},
  values: Config['values'] = {},
): LaunchPlan {
  const request = parseCommandLine(argv);
  if (request.kind !== 'launch') throw new Error(`it is a ${request.kind}`);
  return makePlan(request, env, { file: '/etc/c.json', values });
}

function only(
  argv: readonly string[],
  env: Environment = {},
  values: Config['values'] = {},
): ElementPlan {
  const [element] = plan(argv, env, values).elements;
  if (element === undefined) throw new Error('there is no element');
  return element;
}

const TEXT = 'videotestsrc ! kinesiswebrtcbin channel=text region=text-1 role=viewer';
const BARE = 'videotestsrc ! kinesiswebrtcbin channel=c';

describe('what an element is given', () => {
  it('is what the text says, rather than the environment', () => {
    const element = only([TEXT], { AWS_REGION: 'env-1' });
    expect(element.region).toEqual({ value: 'text-1', from: 'text', name: 'region' });
    expect(element.role).toMatchObject({ value: 'viewer', from: 'text' });
  });

  it('is what an option says, rather than the text', () => {
    const element = only(['--region', 'opt-1', '--channel', 'opt', TEXT]);
    expect(element.region).toEqual({ value: 'opt-1', from: 'option', name: '--region' });
    expect(element.channel).toMatchObject({ value: 'opt', from: 'option' });
  });

  it.each([
    ['AWS_REGION', { AWS_REGION: 'a', AWS_DEFAULT_REGION: 'b' }, 'a'],
    ['AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'b', AWS_REGION: '' }, 'b'],
  ])('has its region from %s', (name, env, value) => {
    expect(only([BARE], env).region).toEqual({ value, from: 'environment', name });
  });

  it.each([
    [{ KVSWEBRTC_REGION: 'ours', AWS_REGION: 'a' }, 'ours', 'KVSWEBRTC_REGION'],
    [{ AWS_REGION: 'a' }, 'a', 'AWS_REGION'],
  ])('has its region from the environment %j before the file', (env, value, name) => {
    const { region } = only([BARE], env, { region: 'file-1' });
    expect(region).toEqual({ value, from: 'environment', name });
  });

  it('is what the file says where nothing else does', () => {
    const values = { channel: 'c', region: 'file-1', role: 'viewer', 'client-id': 'me' };
    expect(only(['videotestsrc ! kinesiswebrtcbin'], {}, values)).toMatchObject({
      channel: { value: 'c', from: 'config', name: '/etc/c.json' },
      region: { value: 'file-1', from: 'config' },
      role: { value: 'viewer', from: 'config' },
      clientId: { value: 'me', from: 'config' },
    });
    expect(only([TEXT], {}, values)).toMatchObject({ channel: { value: 'text' } });
  });

  it('has the profile of the file, unless there are keys in the environment', () => {
    const values = { profile: 'work' };
    const { keys } = only([BARE], {}, values);
    expect(keys).toMatchObject({ profile: { value: 'work', from: 'config' } });
    const other = only([BARE], { AWS_ACCESS_KEY_ID: 'AKIA' }, values);
    expect(other.keys).toEqual({ kind: 'chain', profile: null });
  });

  it('is the local service with --local, whatever the file says', () => {
    const element = only(['--local', BARE], {}, { endpoint: 'https://e' });
    expect(element.endpoint).toBeNull();
  });

  it('has its region from the ARN of its channel before the environment', () => {
    const arn = 'arn:aws:kinesisvideo:eu-west-1:111122223333:channel/cam/1700000000000';
    const element = only(['--channel', arn, BARE], { AWS_REGION: 'env-1' });
    expect(element.region).toMatchObject({ value: 'eu-west-1', from: 'channel' });
  });

  it.each([
    [
      'AWS_ENDPOINT_URL_KINESIS_VIDEO',
      { AWS_ENDPOINT_URL: 'http://b', AWS_ENDPOINT_URL_KINESIS_VIDEO: 'http://a' },
    ],
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'http://a' }],
  ])('has its endpoint from %s', (name, env) => {
    const { endpoint } = only([BARE], env);
    expect(endpoint).toEqual({ value: 'http://a', from: 'environment', name });
  });

  it('is master, of an unknown region, at AWS, unless told otherwise', () => {
    expect(only([BARE])).toMatchObject({
      role: { value: 'master', from: 'default' },
      region: null,
      endpoint: null,
      clientId: null,
      keys: { kind: 'chain', profile: null },
    });
  });
});

describe('keys', () => {
  it.each<[string, readonly string[], Environment, ElementPlan['keys']]>([
    ['in the text stay there', [`${BARE} access-key=a secret-key=b`], {}, { kind: 'text' }],
    ['of an IoT thing are its own', [`${BARE} iot-certificate="x,y=z"`], {}, { kind: 'text' }],
    ['are fresh ones with --local', ['--local', `${BARE} access-key=a`], {}, { kind: 'local' }],
    [
      'are those of the profile in the text',
      [`${BARE} profile=p`],
      { AWS_PROFILE: 'q' },
      { kind: 'chain', profile: { value: 'p', from: 'text', name: 'profile' } },
    ],
    [
      'are those of --profile, even when the text has some',
      ['--profile', 'o', `${BARE} access-key=a profile=p`],
      {},
      { kind: 'chain', profile: { value: 'o', from: 'option', name: '--profile' } },
    ],
    [
      'are those of AWS_PROFILE',
      [BARE],
      { AWS_PROFILE: 'q' },
      { kind: 'chain', profile: { value: 'q', from: 'environment', name: 'AWS_PROFILE' } },
    ],
  ])('%s', (_, argv, env, keys) => {
    expect(only(argv, env).keys).toEqual(keys);
  });
});

describe('several elements', () => {
  const two = 'a ! kinesiswebrtcbin name=a b ! kinesiswebrtcbin name=b';

  it('each have their own channel, and share the rest', () => {
    const argv = ['--channel', 'b=y', '--channel', 'a=x', '--region', 'r', '--region', 'b=s', two];
    const { elements } = plan(argv);
    expect(elements.map(({ channel, region }) => [channel.value, region?.value])).toEqual([
      ['x', 'r'],
      ['y', 's'],
    ]);
  });

  it('without names go by the names GStreamer gives them', () => {
    const text = 'a ! kinesiswebrtcbin channel=x b ! kinesiswebrtcbin';
    const { elements } = plan(['--channel', 'kinesiswebrtcbin1=y', text]);
    expect(elements.map(({ channel }) => channel.value)).toEqual(['x', 'y']);
  });

  it('cannot share a channel by option', () => {
    expect(() => plan(['--channel', 'x', two])).toThrow(
      expect.objectContaining({
        code: 'usage',
        hint: expect.stringContaining('--channel a=x') as string,
      }),
    );
  });

  it('cannot both be master of one channel', () => {
    const argv = ['--channel', 'a=x', '--channel', 'b=x', two];
    expect(() => plan(argv)).toThrow(expect.objectContaining({ code: 'settings' }));
    expect(plan([...argv.slice(0, 4), '--role', 'b=viewer', two])).toBeDefined();
  });
});

describe('--local', () => {
  it('needs no channel', () => {
    const { elements, local } = plan(['--local', '8080', 'a ! kinesiswebrtcbin']);
    expect(elements[0]?.channel).toMatchObject({ value: 'demo', from: 'local' });
    expect(local).toEqual({ port: 8080, region: null });
  });

  it('wins over endpoints of the text and the environment', () => {
    const argv = ['--local', `${BARE} endpoint=http://x`];
    expect(only(argv, { AWS_ENDPOINT_URL: 'http://y' }).endpoint).toBeNull();
  });

  it('is in the region that was asked for', () => {
    expect(plan(['--local', BARE], { AWS_REGION: 'r' }).local?.region).toBe('r');
  });
});

describe('what cannot be planned', () => {
  it.each([
    ['no-element', ['--channel', 'c', 'videotestsrc ! fakesink']],
    ['pipeline-text', ['videotestsrc !']],
    ['usage', ['--channel', 'foo=cam1', BARE]],
    ['usage', ['--local', '--endpoint', 'http://x', BARE]],
    ['usage', ['--region', '', BARE]],
    ['settings', ['videotestsrc ! kinesiswebrtcbin']],
    ['settings', ['--channel', 'no spaces', BARE]],
    ['settings', ['videotestsrc ! kinesiswebrtcbin channel=ümlaut']],
    ['settings', ['--channel', 'x'.repeat(257), BARE]],
    ['settings', ['--channel', 'arn:aws:s3:::bucket', BARE]],
    ['settings', ['--role', 'boss', BARE]],
    ['settings', ['--client-id', 'AWS_me', BARE]],
    ['settings', ['--endpoint', 'localhost:80', BARE]],
  ])('%s: %j', (code, argv) => {
    expect(() => plan(argv)).toThrow(expect.objectContaining({ code }));
  });

  it('names the element that is not there, and those that are', () => {
    expect(() => plan(['--channel', 'foo=cam1', BARE])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('"foo"') as string,
        hint: expect.stringContaining('"kinesiswebrtcbin0"') as string,
      }),
    );
  });
});

describe('a plan', () => {
  it('is frozen', () => {
    const made = plan([BARE]);
    expect(Object.isFrozen(made) && Object.isFrozen(made.elements[0])).toBe(true);
  });

  it('is shown without secrets', () => {
    const made = plan([`${BARE} access-key=a secret-key=s3cret session-token=t0ken`]);
    expect(JSON.stringify(describePlan(made))).not.toMatch(/s3cret|t0ken/);
  });
});
