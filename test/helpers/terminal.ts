/* A terminal for the real program, by tmux: what a person types, and what they see. */
import { execFileSync } from 'node:child_process';
import { expect, vi } from 'vitest';
import { BINARY, CLEAN_ENV } from './run.ts';

export interface Terminal {
  /** In tmux's words, such as `C-c` and `Enter`. */
  readonly keys: (...keys: readonly string[]) => void;
  /** As text; with colours, as escape sequences too. */
  readonly screen: (colors?: 'colors') => string;
  /** Waits until the screen matches. */
  readonly shows: (pattern: RegExp) => Promise<void>;
  readonly close: () => void;
}

export interface TerminalOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly columns?: number;
  /** TERM as the program sees it; tmux's own if not given. tmux sets it anew, so that `env` cannot. */
  readonly kind?: string | undefined;
  /** A shell's line behind the program's words, such as `| cat`. */
  readonly after?: string;
}

let terminals = 0;

/** Runs the program in a terminal 40 lines high, which it does not end with: `exit: CODE` stands there then. */
export function openTerminal(words: readonly string[], options: TerminalOptions = {}): Terminal {
  const { env = {}, columns = 60, kind, after = '' } = options;
  // A server of its own: one that is still going down would refuse the next session.
  const socket = `kvswebrtc-test-${process.pid}-${terminals++}`;
  const tmux = (...args: readonly string[]) =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      env: { ...CLEAN_ENV, ...env },
    });
  const quoted = [process.execPath, BINARY, ...words].map((word) => `'${word}'`).join(' ');
  // What runs after it keeps the screen, and echoes where the terminal was given back. Without the trap, the
  // shell ends with a program that a signal has ended.
  const term = kind === undefined ? '' : `TERM='${kind}' `;
  const line = `trap : INT; ${term}${quoted} ${after}; echo "exit: $?"; cat`;
  tmux('new-session', '-d', '-x', String(columns), '-y', '40', line);
  const screen: Terminal['screen'] = (colors) =>
    tmux('capture-pane', '-p', ...(colors === undefined ? [] : ['-e']));
  return {
    keys: (...keys) => tmux('send-keys', ...keys),
    screen,
    shows: (pattern) =>
      vi.waitFor(
        () => {
          expect(screen()).toMatch(pattern);
        },
        { timeout: 15_000, interval: 100 },
      ),
    close: () => {
      tmux('kill-server');
    },
  };
}

export const hasTmux = (() => {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
