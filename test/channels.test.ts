/* The command, against the local service. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../src/service/index.ts';
import type { Service } from '../src/service/index.ts';
import { serviceEnvironment } from './media/launcher.ts';
import { run } from './helpers/run.ts';
import type { Finished } from './helpers/run.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ limits: { creatingMs: 700 } });
});

afterAll(async () => {
  await service.close();
});

const channels = (...words: readonly string[]): Promise<Finished> =>
  run(['channels', ...words], serviceEnvironment(service));

describe('channels', () => {
  it('are created, described, listed and deleted', async () => {
    const created = await channels('create', 'cam1', '--tag', 'site=home', '--ttl', '30');
    expect(created).toMatchObject({ code: 0, stderr: '' });
    expect(created.stdout).toMatch(/^arn:aws:kinesisvideo:us-west-2:\d+:channel\/cam1\/\d+\n$/);

    const { stdout } = await channels('--json', 'describe', 'cam1');
    const filter = '.status == "ACTIVE" and .tags.site == "home" and .messageTtlSeconds == 30';
    execFileSync('jq', ['-e', filter], { input: stdout });

    expect((await channels('list')).stdout).toMatch(/^NAME +STATUS +CREATED +ARN\ncam1 +ACTIVE /);
    expect((await channels('list', '--prefix', 'dog')).stderr).toBe('there are no channels\n');

    expect((await channels('delete', 'cam1', '--yes')).stdout).toMatch(/^deleted arn:/);
    expect((await channels('list', '--json')).stdout).toBe('');
  });

  it('are listed to the last page', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `many-${index}`);
    const many = await startService({ channels: names });
    try {
      const { stdout } = await run(['channels', 'list', '--json'], serviceEnvironment(many));
      execFileSync('jq', ['-es', 'length == 23'], { input: stdout });
    } finally {
      await many.close();
    }
  });

  it('are not deleted when nobody can be asked', async () => {
    await channels('create', 'keep');
    const { code, stderr } = await channels('delete', 'keep');
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: [^\n]*--yes[^\n]*\n$/);
    expect((await channels('describe', 'keep')).code).toBe(0);
  });

  it.each([
    ['a channel that is not there', ['describe', 'nosuch'], {}, /"nosuch" cannot be described/],
    ['a channel that is there', ['create', 'twice'], {}, /"twice" cannot be created/],
    ['a wrong key', ['list'], { AWS_SECRET_ACCESS_KEY: 'wrong' }, /cannot be listed/],
    ['no keys', ['list'], { AWS_ACCESS_KEY_ID: undefined }, /redentials/],
    ['no region', ['list'], { AWS_REGION: undefined }, /no AWS region is known; set AWS_REGION/],
    ['nobody at the endpoint', ['list', '--endpoint', 'http://127.0.0.1:1'], {}, /ECONNREFUSED/],
  ] as const)('fail on one line, with 3: %s', async (_, words, env, message) => {
    if (words[1] === 'twice') await channels('create', 'twice');
    const { code, stdout, stderr } = await run(['channels', ...words], {
      ...serviceEnvironment(service),
      ...env,
    });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^kvswebrtc-launch: error: [^\n]+\n$/);
    expect(stderr).toMatch(message);
  });

  it.each([[[]], [['lost']], [['create']], [['list', 'x']], [['create', 'x', '--tag', 'y']]])(
    'take what makes sense: %j',
    async (words) => {
      expect((await channels(...words)).code).toBe(1);
    },
  );
});
