/* The launcher as a test runs it: the binary, its JSON lines as events. */
import { fileURLToPath } from 'node:url';
import { run } from './program.ts';
import type { Program } from './program.ts';

const BINARY = fileURLToPath(new URL('../../bin/kvswebrtc-launch.js', import.meta.url));

export interface LaunchEvent {
  readonly time: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface Launcher extends Program {
  /** Every event so far that `matches`. */
  events(matches?: Matches): LaunchEvent[];
  /** The first event, past or to come, that `matches`. */
  event(what: string, matches: Matches, ms?: number): Promise<LaunchEvent>;
}

type Matches = (event: LaunchEvent) => boolean;

export function launch(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Launcher {
  const program = run(process.execPath, [BINARY, '--json', ...args], env);
  return {
    ...program,
    events: (matches = () => true) => program.out.map(parse).filter(matches),
    event: async (what, matches, ms) =>
      parse(await program.line(what, (line) => matches(parse(line)), ms)),
  };
}

/** With --json every line of stdout is one object; anything else fails the test here. */
function parse(line: string): LaunchEvent {
  return JSON.parse(line) as LaunchEvent;
}

/** `is('peer-connected', { peerId: 'a' })` */
export function is(event: string, fields: Readonly<Record<string, unknown>> = {}): Matches {
  return (one) =>
    one.event === event &&
    Object.entries(fields).every(([name, value]) => Object.is(one[name], value));
}
