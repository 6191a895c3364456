/* The package as a user gets it: packed, installed by one command, and run. Builds node-gtk and the plugin anew. */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLEAN_ENV } from '../helpers/run.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD_MS = 20 * 60_000;

/** As at a prompt: without what npm tells the programs it runs. */
const ENV = Object.fromEntries(
  Object.entries(CLEAN_ENV).filter(
    ([name]) => !name.startsWith('npm_') && name !== 'GST_PLUGIN_PATH',
  ),
);

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, env: { ...ENV, ...env }, maxBuffer: 1e8 };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr });
    });
  });
}

describe('the package', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-package-'));
  let tarball: string;

  const install = (prefix: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> =>
    run('npm', ['install', '-g', '--prefer-offline', '--prefix', prefix, tarball], env);

  beforeAll(async () => {
    const { code, stderr } = await run('npm', [
      'pack',
      '--ignore-scripts',
      '--pack-destination',
      directory,
    ]);
    expect(code, stderr).toBe(0);
    const [name = ''] = readdirSync(directory).filter((file) => file.endsWith('.tgz'));
    tarball = join(directory, name);
  });

  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('is installed by one command, and runs', { timeout: BUILD_MS }, async () => {
    const prefix = join(directory, 'prefix');
    const { code, stderr } = await install(prefix);
    expect(code, stderr).toBe(0);
    // What was lent to npx is taken back.
    expect(readdirSync(join(prefix, 'lib/node_modules'))).toEqual(['kvswebrtc-launch']);
    expect(existsSync(join(prefix, 'share/man/man1/kvswebrtc-launch.1'))).toBe(true);
    const program = join(prefix, 'bin/kvswebrtc-launch');
    const version = await run(program, ['--version']);
    expect(version.stdout).toMatch(/^kvswebrtc-launch version \S+\nGStreamer 1\.\S+\n$/);
    const pipeline = 'videotestsrc is-live=true ! kinesiswebrtcbin';
    const played = await run(program, ['--local', '--probe', '--timeout', '60', pipeline]);
    expect(played.code, played.stderr).toBe(0);
    expect(played.stdout).toContain('http://127.0.0.1:');
  });

  it('names in one line the Debian packages that are missing', { timeout: BUILD_MS }, async () => {
    const tools = mkdtempSync(join(directory, 'tools-'));
    const dpkg = join(tools, 'dpkg-query');
    writeFileSync(dpkg, '#!/bin/sh\necho "ii  gcc"\n');
    chmodSync(dpkg, 0o755);
    const prefix = join(directory, 'bare');
    const { code, stderr } = await install(prefix, { PATH: `${tools}:${ENV.PATH ?? ''}` });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(
      /install: Debian packages are missing; as root, run: apt-get install [^\n]*libgirepository1\.0-dev/,
    );
    expect(stderr).not.toMatch(/apt-get install [^\n]*\bgcc\b/);
    expect(existsSync(join(prefix, 'bin/kvswebrtc-launch'))).toBe(false);
  });
});
