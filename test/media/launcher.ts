/* The launcher as a test runs it: the binary, its JSON lines as events. */
import { fileURLToPath } from 'node:url';
import type { Service } from '../../src/service/index.ts';
import { run } from './program.ts';
import type { Program } from './program.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

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

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const BINARY = path('../../bin/kvswebrtc-launch.js');
const PLUGIN = path('../../plugin-c/build');

/** The binary with these words and nothing else. */
export function runLauncher(args: readonly string[], env: Environment = {}): Program {
  return run(process.execPath, [BINARY, ...args], env);
}

export function launch(args: readonly string[], env: Environment = {}): Launcher {
  return readEvents(runLauncher(['--json', ...args], env));
}

/** Likewise, in a network namespace (`ip netns`), which takes root. */
export function launchIn(
  namespace: string,
  args: readonly string[],
  env: Environment = {},
): Launcher {
  const command = ['netns', 'exec', namespace, process.execPath, BINARY, '--json', ...args];
  return readEvents(run('ip', command, env));
}

/** Likewise, with `reader` (words of a shell) at the end of its stdout; the exit code is the launcher's. */
export function launchPiped(
  args: readonly string[],
  reader: string,
  env: Environment = {},
): Program {
  const script = `set -o pipefail; "$@" | ${reader}`;
  const command = [process.execPath, BINARY, '--json', ...args];
  return run('bash', ['-c', script, 'bash', ...command], env);
}

/** The local service alone; its one event is `local`. */
export function launchLocal(args: readonly string[]): Launcher {
  return readEvents(runLauncher(['local', '--json', ...args]));
}

/** A program that writes JSON lines. */
export function readEvents(program: Program): Launcher {
  return {
    ...program,
    events: (matches = () => true) => program.out.map(parse).filter(matches),
    event: async (what, matches, ms) =>
      parse(await program.line(what, (line) => matches(parse(line)), ms)),
  };
}

/** gst-launch-1.0 with the plugin, and no launcher. */
export function gstLaunch(pipeline: string, env: Environment = {}): Program {
  return run('gst-launch-1.0', pipeline.split(' '), { GST_PLUGIN_PATH: PLUGIN, ...env });
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

/** The same as `serviceEnvironment`, of a service that runs as a program: its `local` event. */
export function environmentOf(local: LaunchEvent): Environment {
  return serviceEnvironment({
    url: String(local.endpoint),
    region: String(local.region),
    credentials: {
      accessKeyId: String(local.accessKeyId),
      secretAccessKey: String(local.secretAccessKey),
    },
  });
}

/** What makes AWS tools use the local service, and nothing else of this machine. */
export function serviceEnvironment(
  service: Pick<Service, 'url' | 'region' | 'credentials'>,
  key: { accessKeyId: string; secretAccessKey: string } = service.credentials,
): Environment {
  return {
    AWS_ENDPOINT_URL_KINESIS_VIDEO: service.url,
    AWS_REGION: service.region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_CA_BUNDLE: undefined,
  };
}
