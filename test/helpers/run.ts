/* The real program, spawned. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const BINARY = fileURLToPath(new URL('../../bin/kvswebrtc-launch.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  /** As a shell counts it: the exit code, or 128 and the number of the signal that ended it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves with the first stdout line that matches; rejects when the program ends before. */
  readonly line: (pattern: RegExp) => Promise<string>;
}

/** No AWS settings of the machine get in; nothing is asked over the network for keys. */
export const CLEAN_ENV: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|KVSWEBRTC)_/.test(name)),
  ),
  NO_COLOR: '1',
  XDG_CONFIG_HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
};

export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [BINARY, ...args], { env: { ...CLEAN_ENV, ...env } });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    watchers.forEach((look) => {
      look();
    });
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve) => {
    child.on('close', (code, signal) => {
      const status = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      resolve({ code, status, stdout, stderr });
    });
  });
  const line = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = stdout.split('\n').find((text) => pattern.test(text));
        if (found === undefined) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      void finished.then((end) => {
        reject(new Error(`ended with ${end.code} before ${pattern}: ${stdout}${stderr}`));
      });
      look();
    });
  return { child, finished, line };
}

/** Runs the program to its end. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> {
  return start(args, env).finished;
}
