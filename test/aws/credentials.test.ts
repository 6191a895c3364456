import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepRenewed, keyFinder, renewalDelay } from '../../src/aws/credentials.ts';
import type { Keys } from '../../src/aws/credentials.ts';
import { findRegion } from '../../src/aws/region.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kvswebrtc-'));
  await writeFile(
    join(folder, 'credentials'),
    '[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = d\n' +
      '[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = w\n',
  );
  await writeFile(join(folder, 'config'), '[profile work]\nregion = eu-north-1\n');
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

describe('keys', () => {
  it('are those of the environment first', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'e');
    vi.stubEnv('AWS_SESSION_TOKEN', 't');
    expect(await keyFinder(null)()).toMatchObject({
      accessKeyId: 'AKIAENV',
      secretAccessKey: 'e',
      sessionToken: 't',
    });
  });

  it('are those of the default profile next', async () => {
    expect(await keyFinder(null)()).toMatchObject({ accessKeyId: 'AKIADEFAULT' });
  });

  it('are those of the profile that is named, whatever the environment says', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENV');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'e');
    expect(await keyFinder('work')()).toMatchObject({ accessKeyId: 'AKIAWORK' });
  });

  it('that are not there are an error that names the profile and the remedy', async () => {
    await expect(keyFinder('nosuch')()).rejects.toMatchObject({
      code: 'credentials',
      message: expect.stringContaining('"nosuch"') as string,
      hint: expect.any(String) as string,
    });
  });
});

describe('the region', () => {
  it('is that of the profile', async () => {
    expect(await findRegion('work')).toBe('eu-north-1');
  });

  it('that is not there is an error with the remedy', async () => {
    await expect(findRegion(null)).rejects.toMatchObject({
      code: 'region',
      hint: expect.stringContaining('AWS_REGION') as string,
    });
  });
});

describe('renewal', () => {
  const minute = 60_000;

  it.each([
    ['five minutes before the end', 60 * minute, 55 * minute],
    ['half-way through a short life', 8 * minute, 4 * minute],
    ['soon when they are at their end', 0, 1000],
    ['soon when they are past it', -5 * minute, 1000],
    ['as late as timers go', 1000 * 24 * 60 * minute, 2 ** 31 - 1],
  ])('comes %s', (_, left, delay) => {
    expect(renewalDelay(new Date(1e12 + left), 1e12)).toBe(delay);
  });

  it('goes on until keys have no end, and tries again after a failure', async () => {
    const keys = (name: string, expiration?: Date): Keys => ({
      accessKeyId: name,
      secretAccessKey: 's',
      expiration,
    });
    const inAnHour = new Date(Date.now() + 60 * minute);
    const answers: readonly (() => Promise<Keys>)[] = [
      () => Promise.resolve(keys('second', inAnHour)),
      () => Promise.reject(new Error('no network')),
      () => Promise.resolve(keys('third')),
    ];
    const told: string[] = [];
    const waits: number[] = [];
    let asked = 0;
    await keepRenewed(keys('first', inAnHour), () => answers[asked++]!(), {
      signal: new AbortController().signal,
      wait: (milliseconds) => {
        waits.push(Math.round(milliseconds / minute));
        return Promise.resolve(true);
      },
      onKeys: ({ accessKeyId }) => told.push(accessKeyId),
      onFailure: (error) => told.push(String(error)),
    });
    expect(told).toEqual(['second', 'Error: no network', 'third']);
    expect(waits).toEqual([55, 55, 1]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const find = vi.fn<() => Promise<Keys>>();
    const done = keepRenewed(
      { accessKeyId: 'a', secretAccessKey: 's', expiration: new Date(Date.now() + 60 * minute) },
      find,
      { signal: stop.signal, onKeys: () => undefined, onFailure: () => undefined },
    );
    stop.abort();
    await done;
    expect(find).not.toHaveBeenCalled();
  });
});
