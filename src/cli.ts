/* The command line as a request. */
import {
  isOption,
  parseOptions,
  splitAnywhere,
  splitCommandLine,
  takesNext,
  unknownOption,
  usageError,
} from './arguments.ts';
import { LaunchError } from './errors.ts';
import { joinWords } from './gst/text.ts';
import { didYouMean } from './nearest.ts';
import {
  CHANNELS_EXAMPLES,
  CHANNELS_OPTIONS,
  CHANNELS_USAGE,
  CHECK_EXAMPLES,
  CHECK_OPTIONS,
  CHECK_USAGE,
  COMPLETION_EXAMPLES,
  COMPLETION_OPTIONS,
  COMPLETION_USAGE,
  INSPECT_EXAMPLES,
  INSPECT_OPTIONS,
  INSPECT_USAGE,
  LAUNCH_EXAMPLES,
  LAUNCH_OPTIONS,
  LAUNCH_USAGE,
  LOCAL_EXAMPLES,
  LOCAL_OPTIONS,
  LOCAL_USAGE,
  WATCH_EXAMPLES,
  WATCH_OPTIONS,
  WATCH_USAGE,
} from './options.ts';
import { CHANNEL_VERBS, COMMAND_NAMES, ROLES, SHELLS } from './request.ts';
import type {
  LaunchRequest,
  MetricsAddress,
  OutputOptions,
  Request,
  TargetOptions,
} from './request.ts';

/** GStreamer's own, and whether each takes a value. */
const GST_OPTIONS: ReadonlyMap<string, boolean> = new Map([
  ['--gst-version', false],
  ['--gst-fatal-warnings', false],
  ['--gst-debug-help', false],
  ['--gst-debug-level', true],
  ['--gst-debug', true],
  ['--gst-debug-no-color', false],
  ['--gst-debug-color-mode', true],
  ['--gst-debug-disable', false],
  ['--gst-plugin-spew', false],
  ['--gst-plugin-path', true],
  ['--gst-plugin-load', true],
  ['--gst-disable-segtrap', false],
  ['--gst-disable-registry-update', false],
  ['--gst-disable-registry-fork', false],
]);

const GST_ANSWERS: ReadonlySet<string> = new Set(['--gst-version', '--gst-debug-help']);

const GST_HELP = `Options of GStreamer, as gst-launch-1.0 --help-gst explains them:\n${[
  ...GST_OPTIONS,
]
  .map(([name, takesValue]) => `  ${name}${takesValue ? '=VALUE' : ''}\n`)
  .join('')}`;

const COMMANDS: Readonly<
  Record<(typeof COMMAND_NAMES)[number], (argv: readonly string[]) => Request>
> = {
  local: parseLocal,
  channels: parseChannels,
  check: parseCheck,
  watch: parseWatch,
  inspect: parseInspect,
  completion: parseCompletion,
};

/**
 * Reads the command line, without the program's name. Throws LaunchError `usage`.
 *
 * Options end at the first word that is none, or at `--`: the parser never sees a word of the pipeline.
 */
export function parseCommandLine(argv: readonly string[]): Request {
  const [name = '', ...rest] = argv;
  const command = COMMAND_NAMES.find((known) => known === name);
  return command === undefined ? parseLaunch(argv) : COMMANDS[command](rest);
}

function parseLaunch(argv: readonly string[]): Request {
  const { gstOptions, rest } = takeGstOptions(argv);
  const { options, words } = splitCommandLine(rest, LAUNCH_OPTIONS);
  const args = parseOptions(options, LAUNCH_OPTIONS);
  if (args.help === true || args['help-all'] === true) {
    return { kind: 'help', table: LAUNCH_OPTIONS, usage: LAUNCH_USAGE, examples: LAUNCH_EXAMPLES };
  }
  if (args['help-gst'] === true) return { kind: 'text', text: GST_HELP };
  if (args.version === true) return { kind: 'version', gstOptions: [] };
  if (gstOptions.some((option) => GST_ANSWERS.has(option))) return { kind: 'version', gstOptions };
  if (words.length === 0) throw usageError('no pipeline is given');
  return {
    kind: 'launch',
    pipeline: joinWords(words),
    elementOptions: {
      channel: args.channel ?? [],
      region: args.region ?? [],
      role: args.role ?? [],
      'client-id': args['client-id'] ?? [],
      profile: args.profile ?? [],
      endpoint: args.endpoint ?? [],
    },
    config: args.config ?? null,
    localPort: args.local === undefined ? null : parsePort('--local', args.local),
    dryRun: args['dry-run'] ?? false,
    verbose: args.verbose ?? false,
    messages: args.messages ?? false,
    tags: args.tags ?? false,
    toc: args.toc ?? false,
    exclude: args.exclude ?? [],
    position: args['no-position'] === true ? false : args['force-position'] === true ? true : null,
    gstOptions,
    eosOnShutdown: args['eos-on-shutdown'] ?? false,
    send: args.send ?? [],
    interactive: args.interactive ?? false,
    stats: args.stats === '' ? 1 : parseSeconds('--stats', args.stats),
    metrics: args.metrics === undefined ? null : parseAddress(args.metrics),
    ...smokeTest(args),
    output: outputOptions(args),
  };
}

function parseLocal(argv: readonly string[]): Request {
  const { options, words } = splitCommandLine(argv, LOCAL_OPTIONS);
  const args = parseOptions(options, LOCAL_OPTIONS);
  if (args.help === true)
    return { kind: 'help', table: LOCAL_OPTIONS, usage: LOCAL_USAGE, examples: LOCAL_EXAMPLES };
  if (words[0] !== undefined) throw usageError(`local takes no "${words[0]}"`);
  const [tlsCert, tlsKey] = [args['tls-cert'], args['tls-key']];
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usageError('--tls-cert and --tls-key go together');
  }
  const turn = args.turn?.split(',') ?? [];
  if (turn.length === 0 && args['turn-secret-file'] !== undefined) {
    throw usageError('--turn-secret-file needs --turn');
  }
  return {
    kind: 'local',
    port: parsePort('--port', args.port ?? ''),
    region: args.region,
    channel: args.channel,
    tlsCert,
    tlsKey,
    persist: args.persist,
    turn,
    turnSecretFile: args['turn-secret-file'],
    output: outputOptions(args),
  };
}

/** GStreamer's own options may stand anywhere before the pipeline, as in gst-launch-1.0. */
function takeGstOptions(argv: readonly string[]): {
  readonly gstOptions: readonly string[];
  readonly rest: readonly string[];
} {
  const gstOptions: string[] = [];
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const isOver =
      word === '--' || (!isOption(word) && !takesNext(argv[at - 1] ?? '', LAUNCH_OPTIONS));
    if (isOver && !/^\d+(\.\d+)?$/.test(word))
      return { gstOptions, rest: [...rest, ...argv.slice(at)] };
    if (!word.startsWith('--gst-')) {
      rest.push(word);
      continue;
    }
    const [name = '', value] = word.split(/=(.*)/s);
    const takesValue = GST_OPTIONS.get(name);
    if (takesValue === undefined) throw unknownOption(name, [...GST_OPTIONS.keys()]);
    if (!takesValue) gstOptions.push(word);
    else if (value !== undefined) gstOptions.push(word);
    else gstOptions.push(`${name}=${argv[++at] ?? ''}`);
  }
  return { gstOptions, rest };
}

function parseChannels(argv: readonly string[]): Request {
  const { options, words } = splitAnywhere(argv, CHANNELS_OPTIONS);
  const args = parseOptions(options, CHANNELS_OPTIONS);
  if (args.help === true)
    return {
      kind: 'help',
      table: CHANNELS_OPTIONS,
      usage: CHANNELS_USAGE,
      examples: CHANNELS_EXAMPLES,
    };
  const [given = '', name = '', ...more] = words;
  const verb = CHANNEL_VERBS.find((known) => known === given);
  if (verb === undefined) {
    const hint = didYouMean(given, CHANNEL_VERBS);
    const message = `channels takes ${CHANNEL_VERBS.join(', ')}, not "${given}"`;
    throw hint === undefined ? usageError(message) : new LaunchError('usage', message, { hint });
  }
  if (verb !== 'list' && name === '')
    throw usageError(`channels ${verb} needs the name of a channel`);
  const [extra] = verb === 'list' ? words.slice(1) : more;
  if (extra !== undefined) throw usageError(`channels ${verb} takes no "${extra}"`);
  return {
    kind: 'channels',
    verb,
    name,
    ...targetOptions(args),
    prefix: args.prefix,
    tags: parseTags(args.tag ?? []),
    ttl: parseSeconds('--ttl', args.ttl),
    yes: args.yes ?? false,
    output: outputOptions(args),
  };
}

function parseCheck(argv: readonly string[]): Request {
  const { options, words } = splitAnywhere(argv, CHECK_OPTIONS);
  const args = parseOptions(options, CHECK_OPTIONS);
  if (args.help === true)
    return { kind: 'help', table: CHECK_OPTIONS, usage: CHECK_USAGE, examples: CHECK_EXAMPLES };
  const [channel = null, extra] = words;
  if (extra !== undefined) throw usageError(`check takes no "${extra}"`);
  const role = ROLES.find((known) => known === args.role);
  if (role === undefined) throw usageError(`--role takes master or viewer, not "${args.role}"`);
  return { kind: 'check', channel, role, ...targetOptions(args), output: outputOptions(args) };
}

function parseWatch(argv: readonly string[]): Request {
  const { options, words } = splitAnywhere(argv, WATCH_OPTIONS);
  const args = parseOptions(options, WATCH_OPTIONS);
  if (args.help === true)
    return { kind: 'help', table: WATCH_OPTIONS, usage: WATCH_USAGE, examples: WATCH_EXAMPLES };
  const channel = onlyChannel('watch', words);
  return {
    kind: 'watch',
    channel,
    ...targetOptions(args),
    port: parsePort('--port', args.port ?? ''),
    open: args.open ?? false,
    output: outputOptions(args),
  };
}

/** Of a command that takes one channel and nothing else. */
function onlyChannel(command: string, [channel, extra]: readonly string[]): string {
  if (channel === undefined) throw usageError(`${command} needs the name of a channel`);
  if (extra !== undefined) throw usageError(`${command} takes no "${extra}"`);
  return channel;
}

function parseInspect(argv: readonly string[]): Request {
  const { options, words } = splitAnywhere(argv, INSPECT_OPTIONS);
  const args = parseOptions(options, INSPECT_OPTIONS);
  if (args.help === true)
    return {
      kind: 'help',
      table: INSPECT_OPTIONS,
      usage: INSPECT_USAGE,
      examples: INSPECT_EXAMPLES,
    };
  const [property, extra] = words;
  if (extra !== undefined) throw usageError(`inspect takes no "${extra}"`);
  return { kind: 'inspect', property: property ?? null, output: outputOptions(args) };
}

function parseCompletion(argv: readonly string[]): Request {
  const { options, words } = splitAnywhere(argv, COMPLETION_OPTIONS);
  const args = parseOptions(options, COMPLETION_OPTIONS);
  if (args.help === true)
    return {
      kind: 'help',
      table: COMPLETION_OPTIONS,
      usage: COMPLETION_USAGE,
      examples: COMPLETION_EXAMPLES,
    };
  const [given, extra] = words;
  const shell = SHELLS.find((known) => known === given);
  if (shell === undefined || extra !== undefined)
    throw usageError(`completion takes one of ${SHELLS.join(', ')}`);
  return { kind: 'completion', shell };
}

function targetOptions(args: {
  readonly config?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
}): TargetOptions {
  const { config, region, profile, endpoint } = args;
  return { config: config ?? null, region, profile, endpoint };
}

function parseTags(given: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw usageError(`--tag takes KEY=VALUE, not "${text}"`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function outputOptions(args: {
  readonly json?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly 'no-color'?: boolean | undefined;
}): OutputOptions {
  return {
    json: args.json ?? false,
    color: args['no-color'] !== true,
    quiet: args.quiet ?? false,
  };
}

/** Media that nobody gets reaches nobody: with it at least one peer is expected. */
function smokeTest(args: {
  readonly 'expect-peers'?: string | undefined;
  readonly 'expect-media'?: boolean | undefined;
  readonly probe?: boolean | undefined;
  readonly timeout?: string | undefined;
  readonly duration?: string | undefined;
}): Pick<LaunchRequest, 'expect' | 'timeout' | 'duration'> {
  const [media, probe] = [args['expect-media'] ?? false, args.probe ?? false];
  const peers = args['expect-peers'];
  const isExpected = peers !== undefined || media || probe;
  if (!isExpected && args.timeout !== undefined) {
    throw usageError(
      '--timeout needs --expect-peers, --expect-media or --probe; --duration ends any run',
    );
  }
  if (peers !== undefined && !/^[1-9]\d{0,5}$/.test(peers)) {
    throw usageError(`--expect-peers takes a number from 1 on, not "${peers}"`);
  }
  return {
    expect: isExpected ? { peers: Number(peers ?? 1), media, probe } : null,
    timeout: parseSeconds('--timeout', args.timeout),
    duration: parseSeconds('--duration', args.duration),
  };
}

/** A day at most, more than any run of that kind. */
function parseSeconds(option: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds <= 0 || seconds > 86_400) {
    throw usageError(`${option} takes seconds, more than 0 and no more than 86400, not "${text}"`);
  }
  return seconds;
}

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d*$/.test(text) || port > 65535) {
    throw usageError(`${option} takes a port from 0 to 65535, not "${text}"`);
  }
  return port;
}

/** `PORT`, `HOST:PORT` or `[IPv6]:PORT`. */
function parseAddress(text: string): MetricsAddress {
  const [, host, port] = /^(?:(?<host>\[[\da-fA-F:.]+\]|[^:[\]\s]+):)?(\d+)$/.exec(text) ?? [];
  if (port === undefined) throw usageError(`--metrics takes [HOST:]PORT, not "${text}"`);
  return {
    host: host?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1',
    port: parsePort('--metrics', port),
  };
}
