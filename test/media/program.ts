/* A program a test runs: its lines as they come, its end, and nothing left of it afterwards. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Program {
  readonly pid: number;
  /** Lines of stdout so far. */
  readonly out: readonly string[];
  /** Lines of stderr so far. */
  readonly err: readonly string[];
  /** Types a line into it. */
  type(line: string): void;
  /** Every line of stdout to come. */
  onLine(take: (line: string) => void): void;
  /** The first line of stdout, past or to come, that `matches`; rejects when the program ends or `ms` pass. */
  line(what: string, matches: (line: string) => boolean, ms?: number): Promise<string>;
  /** Rejects after `ms`, and the program is killed. */
  exit(ms?: number): Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
}

const running = new Set<ChildProcess>();

/** Kills what tests have left running. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Program {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  running.add(child);
  const out = collect(child.stdout);
  const err = collect(child.stderr);
  const ended = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    // `close` comes after the last line has been read; `exit` may not.
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  ended.catch(() => running.delete(child));

  const story = () =>
    [`$ ${command} ${args.join(' ')}`, ...out.lines.slice(-20), ...err.lines.slice(-20)].join('\n');

  return {
    pid: child.pid ?? -1,
    out: out.lines,
    err: err.lines,
    type: (line) => {
      child.stdin.write(`${line}\n`);
    },
    onLine: (take) => {
      out.watch(take);
    },
    async line(what, matches, ms = 30_000) {
      const end = ended.then(() => Promise.reject(new Error(`ended before ${what}\n${story()}`)));
      return Promise.race([
        out.first(matches),
        end,
        late(ms, () => `no ${what} in ${ms} ms\n${story()}`),
      ]);
    },
    async exit(ms = 15_000) {
      try {
        return await Promise.race([ended, late(ms, () => `still runs after ${ms} ms\n${story()}`)]);
      } catch (error) {
        child.kill('SIGKILL');
        throw error;
      }
    },
    kill(signal) {
      child.kill(signal);
    },
  };
}

interface Lines {
  readonly lines: readonly string[];
  watch(take: (line: string) => void): void;
  first(matches: (line: string) => boolean): Promise<string>;
}

function collect(stream: Readable): Lines {
  const lines: string[] = [];
  const watchers = new Set<(line: string) => void>();
  createInterface({ input: stream }).on('line', (line) => {
    lines.push(line);
    for (const watcher of [...watchers]) watcher(line);
  });
  return {
    lines,
    watch(take) {
      watchers.add(take);
    },
    first(matches) {
      const past = lines.find(matches);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const watcher = (line: string) => {
          if (!matches(line)) return;
          watchers.delete(watcher);
          resolve(line);
        };
        watchers.add(watcher);
      });
    },
  };
}

/** Rejects after `ms`; it keeps no process alive. */
function late(ms: number, message: () => string): Promise<never> {
  return new Promise((_, reject) => {
    setTimeout(() => {
      reject(new Error(message()));
    }, ms).unref();
  });
}
