import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProperties } from '../src/commands/inspect.ts';
import type { Property } from '../src/commands/inspect.ts';
import { run } from './helpers/run.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);

describe('what gst-inspect-1.0 says', () => {
  it('is read, but for what any bin has', () => {
    const text = [
      'Pads:',
      '  none',
      '',
      'Element Properties:',
      '  bitrate             : Of video, kbit/s',
      '                        flags: readable, writable, changeable in NULL, READY, PAUSED or PLAYING state',
      '                        Unsigned Integer. Range: 0 - 100000 Default: 2000 ',
      '  name                : The name of the object',
      '                        flags: readable, writable',
      '                        String. Default: "x"',
      '  role                : What: this end',
      '                        flags: readable, writable, changeable only in NULL or READY state',
      '                        Enum "Role" Default: 0, "master"',
      '                           (0): master           - Answers',
      '                           (1): viewer           - Offers',
      '  secret-key          : A key',
      '                        flags: writable, changeable in NULL, READY, PAUSED or PLAYING state',
      '                        String. Default: null Write only',
      '',
      'Element Signals:',
      '  "pad-added" :  void user_function (GstElement* object,',
    ].join('\n');
    const role = { type: 'Enum', default: 'master', values: ['master', 'viewer'], live: false };
    expect(parseProperties(text)).toMatchObject([
      { name: 'bitrate', type: 'Unsigned Integer', default: '2000', values: [], live: true },
      { name: 'role', what: 'What: this end', ...role },
      { name: 'secret-key', default: null, readable: false, writable: true },
    ]);
  });
});

describe.skipIf(!existsSync(PLUGIN))('inspect', () => {
  it('has an example for every property but the one that is only read', async () => {
    const { code, stdout } = await run(['inspect', '--json']);
    expect(code).toBe(0);
    execFileSync('jq', ['-es', 'length > 20'], { input: stdout });
    const without = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Property & { readonly example: string | null })
      .filter(({ example }) => example === null);
    expect(without.map(({ name }) => name)).toEqual(['stats']);
  });

  it('shows one', async () => {
    const { stdout } = await run(['inspect', 'role']);
    expect(stdout).toMatch(/^role {2}\(master\|viewer, default master\)\n/);
    expect(stdout).toMatch(/^ {4}kinesiswebrtcbin role=viewer$/m);
  });

  it('knows what was meant', async () => {
    const { code, stderr } = await run(['inspect', 'rol']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'kvswebrtc-launch: error: kinesiswebrtcbin has no property "rol"; did you mean role?\n',
    );
  });
});
