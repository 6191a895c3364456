import yargs from 'yargs';
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
import type { OptionTable } from './options.ts';

export const ROLES = ['master', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Options that set a property of a `kinesiswebrtcbin`; each may be given as NAME=VALUE, and again for the next NAME. */
export const ELEMENT_OPTIONS = [
  'channel',
  'region',
  'role',
  'client-id',
  'profile',
  'endpoint',
] as const;
export type ElementOption = (typeof ELEMENT_OPTIONS)[number];

/** How a command writes. */
export interface OutputOptions {
  readonly json: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
}

/** What was asked on the command line, before anything is looked up or checked against the pipeline. */
export interface LaunchRequest {
  readonly kind: 'launch';
  readonly pipeline: string;
  /** As typed: `cam1` or `NAME=cam1`. */
  readonly elementOptions: Readonly<Record<ElementOption, readonly string[]>>;
  /** The configuration file; null for the usual one. */
  readonly config: string | null;
  /** Port of the local service, 0 for any free one; null without --local. */
  readonly localPort: number | null;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly messages: boolean;
  readonly tags: boolean;
  readonly toc: boolean;
  /** Properties that --verbose says nothing of. */
  readonly exclude: readonly string[];
  /** null: where stdout is a terminal. */
  readonly position: boolean | null;
  /** Options of GStreamer itself, as typed: `--gst-debug=3`. */
  readonly gstOptions: readonly string[];
  readonly eosOnShutdown: boolean;
  /** Texts for every peer. */
  readonly send: readonly string[];
  readonly interactive: boolean;
  /** Seconds between statistics; null without --stats. */
  readonly stats: number | null;
  readonly metrics: MetricsAddress | null;
  /** Null without --expect-…: nothing is judged. */
  readonly expect: {
    readonly peers: number;
    readonly media: boolean;
    readonly probe: boolean;
  } | null;
  /** Seconds until what is expected has to have come; null without --timeout. */
  readonly timeout: number | null;
  /** Seconds after which the run ends in order. */
  readonly duration: number | null;
  readonly output: OutputOptions;
}

/** Where --metrics serves. */
export interface MetricsAddress {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface LocalRequest {
  readonly kind: 'local';
  readonly port: number;
  readonly region: string | undefined;
  readonly channel: string;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  /** The file to keep channels and key in. */
  readonly persist: string | undefined;
  /** URLs of relays. */
  readonly turn: readonly string[];
  readonly turnSecretFile: string | undefined;
  readonly output: OutputOptions;
}

export const CHANNEL_VERBS = ['list', 'create', 'describe', 'delete'] as const;

/** Where AWS is and as whom; undefined where it is to be found. */
export interface TargetOptions {
  /** The configuration file; null for the usual one. */
  readonly config: string | null;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
}

export interface ChannelsRequest extends TargetOptions {
  readonly kind: 'channels';
  readonly verb: (typeof CHANNEL_VERBS)[number];
  /** Name or ARN; empty for list. */
  readonly name: string;
  readonly prefix: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly ttl: number | null;
  readonly yes: boolean;
  readonly output: OutputOptions;
}

export interface CheckRequest extends TargetOptions {
  readonly kind: 'check';
  /** Name or ARN. */
  readonly channel: string;
  readonly output: OutputOptions;
}

export interface WatchRequest extends TargetOptions {
  readonly kind: 'watch';
  /** Name or ARN. */
  readonly channel: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Whether to open a browser. */
  readonly open: boolean;
  readonly output: OutputOptions;
}

export interface InspectRequest {
  readonly kind: 'inspect';
  /** Null for all. */
  readonly property: string | null;
  readonly output: OutputOptions;
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export type Request =
  | LaunchRequest
  | CheckRequest
  | LocalRequest
  | ChannelsRequest
  | WatchRequest
  | InspectRequest
  | { readonly kind: 'completion'; readonly shell: Shell }
  | { readonly kind: 'help'; readonly text: string }
  | {
      readonly kind: 'version';
      /** With one of these GStreamer answers itself, and ends the process. */
      readonly gstOptions: readonly string[];
    };

const HELP_WIDTH = 92;
/** yargs ends each option with its type, which users need not know: it is taken off again. */
const TYPE_TAG = ' [boolean]';

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

const COMMANDS: Readonly<Record<string, (argv: readonly string[]) => Promise<Request>>> = {
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
 * Options end at the first word that is none, or at `--`: yargs never sees a word of the pipeline.
 */
export async function parseCommandLine(argv: readonly string[]): Promise<Request> {
  const [name = '', ...rest] = argv;
  const parse = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return parse === undefined ? parseLaunch(argv) : parse(rest);
}

async function parseLaunch(argv: readonly string[]): Promise<Request> {
  const { gstOptions, rest } = takeGstOptions(argv);
  const { options, words } = splitCommandLine(rest, LAUNCH_OPTIONS);
  const parser = createParser(options, LAUNCH_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true || args['help-all'] === true)
    return help(parser, LAUNCH_USAGE, LAUNCH_EXAMPLES);
  if (args['help-gst'] === true) return { kind: 'help', text: GST_HELP };
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

async function parseLocal(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitCommandLine(argv, LOCAL_OPTIONS);
  const parser = createParser(options, LOCAL_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, LOCAL_USAGE, LOCAL_EXAMPLES);
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

async function parseChannels(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitAnywhere(argv, CHANNELS_OPTIONS);
  const parser = createParser(options, CHANNELS_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, CHANNELS_USAGE, CHANNELS_EXAMPLES);
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

async function parseCheck(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitAnywhere(argv, CHECK_OPTIONS);
  const parser = createParser(options, CHECK_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, CHECK_USAGE, CHECK_EXAMPLES);
  const channel = onlyChannel('check', words);
  return { kind: 'check', channel, ...targetOptions(args), output: outputOptions(args) };
}

async function parseWatch(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitAnywhere(argv, WATCH_OPTIONS);
  const parser = createParser(options, WATCH_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, WATCH_USAGE, WATCH_EXAMPLES);
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

async function parseInspect(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitAnywhere(argv, INSPECT_OPTIONS);
  const parser = createParser(options, INSPECT_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, INSPECT_USAGE, INSPECT_EXAMPLES);
  const [property, extra] = words;
  if (extra !== undefined) throw usageError(`inspect takes no "${extra}"`);
  return { kind: 'inspect', property: property ?? null, output: outputOptions(args) };
}

async function parseCompletion(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitAnywhere(argv, COMPLETION_OPTIONS);
  const parser = createParser(options, COMPLETION_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, COMPLETION_USAGE, COMPLETION_EXAMPLES);
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

/** Of a command, whose options may stand before and after its words. */
function splitAnywhere(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const options: string[] = [];
  const words: string[] = [];
  for (let rest = argv; rest.length > 0;) {
    const part = splitOptions(rest, table);
    options.push(...part.options);
    words.push(...part.words.slice(0, 1));
    rest = part.words.slice(1);
  }
  return { options, words };
}

interface SplitCommandLine {
  readonly options: readonly string[];
  readonly words: readonly string[];
}

function splitCommandLine(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const split = splitOptions(argv, table);
  const late = argv.includes('--')
    ? undefined
    : split.words.find((word) => isKnownOption(word, table));
  if (late !== undefined)
    throw usageError(`"${late}" stands after the pipeline; options come before it`);
  return split;
}

/** Parts options and their values from the words after them, without judging either. */
function splitOptions(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const options: string[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return { options, words: argv.slice(at + 1) };
    if (!isOption(word)) break;
    checkKnown(word, table);
    const next = argv[at + 1];
    if (word === '--local' || word === '--stats') {
      // Its number is optional, and a pipeline never starts with one.
      const number = next !== undefined && /^\d+(\.\d+)?$/.test(next) ? next : '';
      options.push(`${word}=${number}`);
      if (number !== '') at++;
    } else if (takesNext(word, table) && next !== undefined) {
      // Joined, so that a value that starts with "-" stays a value.
      options.push(`${longName(word, table)}=${next}`);
      at++;
    } else if (takesNext(word.slice(0, 2), table) && !word.startsWith('--')) {
      options.push(`${longName(word.slice(0, 2), table)}=${word.slice(2)}`);
    } else {
      options.push(word);
    }
  }
  return { options, words: argv.slice(at) };
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

/** Whether that option, long or a single letter, takes the next word for its value. */
function takesNext(word: string, table: OptionTable): boolean {
  return table[longName(word, table).slice(2)]?.nargs === 1;
}

/** `-X` → `--exclude`; anything else as it is. */
function longName(word: string, table: OptionTable): string {
  const letter = /^-([A-Za-z])$/.exec(word)?.[1];
  const found = Object.entries(table).find(
    ([, { alias }]) => letter !== undefined && alias === letter,
  );
  return found === undefined ? word : `--${found[0]}`;
}

function checkKnown(word: string, table: OptionTable): void {
  const name = /^--([^=]+)/.exec(word)?.[1];
  if (name !== undefined && !(name in table)) {
    throw unknownOption(
      `--${name}`,
      Object.keys(table).map((known) => `--${known}`),
    );
  }
}

function unknownOption(option: string, known: readonly string[]): LaunchError {
  const meant = didYouMean(option, known);
  const error = usageError(`there is no option "${option}"`);
  return meant === undefined
    ? error
    : new LaunchError('usage', error.message, { hint: `${meant} --help shows what there is` });
}

function isKnownOption(word: string, table: OptionTable): boolean {
  const name = /^--?([a-z][a-z-]*)(=.*)?$/s.exec(word)?.[1];
  if (name === undefined) return false;
  const aliases = Object.values(table).flatMap((option) => option.alias ?? []);
  return name in table || aliases.includes(name);
}

function createParser<Table extends OptionTable>(args: readonly string[], table: Table) {
  return yargs([...args])
    .scriptName('kvswebrtc-launch')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'greedy-arrays': false,
      'parse-numbers': false,
    })
    .help(false)
    .version(false)
    .options(table)
    .strict()
    .exitProcess(false)
    .wrap(HELP_WIDTH + TYPE_TAG.length)
    .fail((message, error) => {
      throw usageError(message || error.message);
    });
}

async function help(
  parser: { getHelp: () => Promise<string> },
  usage: string,
  examples: string,
): Promise<Request> {
  const options = (await parser.getHelp()).replace(/ *\[(string|array|boolean)\]/g, '').trim();
  const text = `${usage}\n\n${options}\n\n${examples}\n`;
  return { kind: 'help', text: text.replaceAll('$0', 'kvswebrtc-launch') };
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

function usageError(message: string): LaunchError {
  const text = message.replace(/\s*\n\s*/g, ' ').trim();
  return new LaunchError('usage', text, { hint: 'kvswebrtc-launch --help shows what there is' });
}
