/* Each script, in its shell. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { SHELLS } from '../src/request.ts';
import { completionScript } from '../src/commands/completion.ts';
import { run } from './helpers/run.ts';

function bash(words: readonly string[]): readonly string[] {
  const script = `${completionScript('bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _kvswebrtc_launch; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  return out.trim().split('\n');
}

function fish(line: string): readonly string[] {
  const script = `${completionScript('fish')}\ncomplete -C "${line}"`;
  const out = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8' });
  return out
    .trim()
    .split('\n')
    .map((found) => found.split('\t')[0] ?? '')
    .toSorted();
}

describe('completion', () => {
  it.each([
    [['--ro'], ['--role']],
    [['che'], ['check']],
    [
      ['--role', ''],
      ['master', 'viewer'],
    ],
    [
      ['channels', 'de'],
      ['describe', 'delete'],
    ],
    [['local', '--tls-c'], ['--tls-cert']],
  ])('of bash makes of %j %j', (words, found) => {
    expect(bash(['kvswebrtc-launch', ...words])).toEqual(found);
  });

  it.each([
    ['--ro', ['--role']],
    ['che', ['check']],
    ['--role ', ['master', 'viewer']],
    ['channels de', ['delete', 'describe']],
    ['local --tls-c', ['--tls-cert']],
  ])('of fish makes of "%s" %j', (line, found) => {
    expect(fish(`kvswebrtc-launch ${line}`)).toEqual(found);
  });

  it('of zsh is taken by its completion system', () => {
    const script = `autoload -Uz compinit; compinit -u -D; ${completionScript('zsh')}
print -r -- $_comps[kvswebrtc-launch]`;
    const out = execFileSync('zsh', ['-f', '-c', script], { encoding: 'utf8' });
    expect(out.trim()).toBe('_kvswebrtc_launch');
  });

  it('is printed by the program', async () => {
    for (const shell of SHELLS) {
      const { code, stdout } = await run(['completion', shell]);
      expect(code).toBe(0);
      expect(stdout.trimEnd()).toBe(completionScript(shell));
    }
  });

  it('is for known shells', async () => {
    const { code, stderr } = await run(['completion', 'tcsh']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: completion takes one of bash, zsh, fish/);
  });
});
