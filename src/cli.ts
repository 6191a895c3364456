import yargs from 'yargs';
import type { Options } from 'yargs';
import { LaunchError } from './errors.ts';
import { joinWords } from './gst/text.ts';

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
  /** Port of the local service, 0 for any free one; null without --local. */
  readonly localPort: number | null;
  readonly dryRun: boolean;
  readonly verbose: boolean;
  readonly messages: boolean;
  readonly eosOnShutdown: boolean;
  /** Texts for every peer. */
  readonly send: readonly string[];
  readonly interactive: boolean;
  readonly output: OutputOptions;
}

export interface LocalRequest {
  readonly kind: 'local';
  readonly port: number;
  readonly region: string | undefined;
  readonly channel: string;
  readonly tlsCert: string | undefined;
  readonly tlsKey: string | undefined;
  readonly output: OutputOptions;
}

export type Request =
  | LaunchRequest
  | LocalRequest
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' };

const HELP_WIDTH = 92;
/** yargs ends each option with its type, which users need not know: it is taken off again. */
const TYPE_TAG = ' [boolean]';

type OptionTable = Readonly<Record<string, Options>>;

/** The channel of `--local` when neither the text nor an option names one. */
export const LOCAL_CHANNEL = 'demo';

const COMMON_OPTIONS = {
  json: { type: 'boolean', describe: 'One JSON object a line on stdout, nothing else there' },
  'no-color': { type: 'boolean', describe: 'No colours (NO_COLOR does the same)' },
  quiet: { alias: 'q', type: 'boolean', describe: 'Say only what goes wrong' },
  help: { alias: 'h', type: 'boolean', describe: 'Show this help' },
} as const satisfies OptionTable;

/** May be given once for each element. */
const EACH = { type: 'string', array: true, nargs: 1 } as const;

/** Given again, the last one counts: so it can be added to an alias. */
const ONE = { type: 'string', nargs: 1, coerce: lastOf } as const;

function lastOf(given: string | readonly string[]): string {
  return typeof given === 'string' ? given : (given.at(-1) ?? '');
}

const LAUNCH_OPTIONS = {
  local: {
    type: 'string',
    coerce: lastOf,
    describe: `[PORT]: run against a service in this process, on 127.0.0.1, and print the address of a page that shows the stream; needs no AWS account; the channel is "${LOCAL_CHANNEL}" if none is named`,
  },
  channel: { ...EACH, describe: 'NAME or ARN of the channel' },
  region: { ...EACH, describe: 'REGION of AWS' },
  role: { ...EACH, describe: 'master or viewer' },
  'client-id': { ...EACH, describe: 'ID of a viewer' },
  profile: { ...EACH, describe: 'NAME in the AWS configuration files' },
  endpoint: { ...EACH, describe: 'URL of a service to use instead of AWS' },
  'dry-run': {
    type: 'boolean',
    describe: 'Print what would be done, and where each value is from',
  },
  'eos-on-shutdown': {
    alias: 'e',
    type: 'boolean',
    describe: 'On interrupt, send end-of-stream before stopping',
  },
  send: {
    ...EACH,
    describe:
      'TEXT for every peer, as soon as it has opened a data channel; may be given again for more',
  },
  interactive: {
    alias: 'i',
    type: 'boolean',
    describe:
      'Read lines from standard input: commands such as peers, stats and quit (help lists them), and text for the peers',
  },
  verbose: { alias: 'v', type: 'boolean', describe: 'Print properties and caps as they change' },
  messages: { alias: 'm', type: 'boolean', describe: 'Print every message of the bus' },
  ...COMMON_OPTIONS,
  version: { type: 'boolean', describe: 'Show the versions of this program and of GStreamer' },
} as const satisfies OptionTable;

const LOCAL_OPTIONS = {
  port: { ...ONE, describe: 'NUMBER on 127.0.0.1; any free one if not given' },
  region: { ...ONE, describe: 'REGION the service is to be in' },
  channel: {
    ...ONE,
    describe: 'NAME of the channel to name the page of',
    default: LOCAL_CHANNEL,
  },
  'tls-cert': { ...ONE, describe: 'FILE with a PEM certificate: serve https and wss' },
  'tls-key': { ...ONE, describe: 'FILE with its key' },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

const LAUNCH_USAGE = `Usage: $0 [options] "PIPELINE"
       $0 [options] PIPELINE WORDS...
       $0 local [options]

Sends and receives Amazon Kinesis Video Streams WebRTC with GStreamer pipelines.
Options stand before the pipeline. Those from --channel to --endpoint set what the text of the
pipeline does not, or differently; with several kinesiswebrtcbin, write --channel ELEMENT=NAME.`;

const LAUNCH_EXAMPLES = `Examples:
  # try it, without AWS: open the page it prints
  $0 --local "videotestsrc is-live=true ! kinesiswebrtcbin"

  # a camera and a microphone to a channel, with the keys and region AWS tools use
  $0 "v4l2src ! kinesiswebrtcbin name=k channel=cam1 autoaudiosrc ! k."

  # the same pipeline to another channel
  $0 --channel cam2 --region eu-west-1 --profile work "v4l2src ! kinesiswebrtcbin"

  # two channels from one process
  $0 --channel a=cam1 --channel b=cam2 "videotestsrc ! kinesiswebrtcbin name=a videotestsrc ! kinesiswebrtcbin name=b"

  # write to the viewers, mute or end one, change the bit rate: help shows how
  $0 --interactive --local "videotestsrc is-live=true ! kinesiswebrtcbin"

  # who comes and goes, for a program to read
  $0 --json "rtspsrc location=rtsp://camera/ ! rtph264depay ! h264parse ! kinesiswebrtcbin channel=cam1"

Exit codes:
  0  done, or stopped by the user      3  AWS access: credentials, permission, region,
  1  wrong usage or pipeline text         channel, network
  2  the pipeline failed               130, 143  forced to stop by a second signal`;

const LOCAL_USAGE = `Usage: $0 local [options]

Runs the local service alone and prints what to export for AWS tools to use it.`;

const LOCAL_EXAMPLES = `Example:
  # in one terminal
  $0 local --port 8080
  # in another, after pasting the lines it prints
  GST_PLUGIN_PATH=plugin-c/build gst-launch-1.0 videotestsrc is-live=true ! kinesiswebrtcbin channel=${LOCAL_CHANNEL}`;

const COMMANDS = ['local'] as const;

/**
 * Reads the command line, without the program's name. Throws LaunchError `usage`.
 *
 * Options end at the first word that is none, or at `--`: yargs never sees a word of the pipeline.
 */
export async function parseCommandLine(argv: readonly string[]): Promise<Request> {
  const command = COMMANDS.find((name) => name === argv[0]);
  return command === 'local' ? parseLocal(argv.slice(1)) : parseLaunch(argv);
}

async function parseLaunch(argv: readonly string[]): Promise<Request> {
  const { options, words } = splitCommandLine(argv, LAUNCH_OPTIONS);
  const parser = createParser(options, LAUNCH_OPTIONS);
  const args = await parser.parseAsync();
  if (args.help === true) return help(parser, LAUNCH_USAGE, LAUNCH_EXAMPLES);
  if (args.version === true) return { kind: 'version' };
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
    localPort: args.local === undefined ? null : parsePort('--local', args.local),
    dryRun: args['dry-run'] ?? false,
    verbose: args.verbose ?? false,
    messages: args.messages ?? false,
    eosOnShutdown: args['eos-on-shutdown'] ?? false,
    send: args.send ?? [],
    interactive: args.interactive ?? false,
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
  return {
    kind: 'local',
    port: parsePort('--port', args.port ?? ''),
    region: args.region,
    channel: args.channel,
    tlsCert,
    tlsKey,
    output: outputOptions(args),
  };
}

interface SplitCommandLine {
  readonly options: readonly string[];
  readonly words: readonly string[];
}

/** Parts options and their values from the words after them, without judging either. */
function splitCommandLine(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const options: string[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return { options, words: argv.slice(at + 1) };
    if (!isOption(word)) break;
    const next = argv[at + 1];
    if (word === '--local') {
      // Its port is optional, and a pipeline never starts with a number.
      const port = next !== undefined && /^\d+$/.test(next) ? next : '';
      options.push(`--local=${port}`);
      if (port !== '') at++;
    } else if (takesNext(word, table) && next !== undefined) {
      // Joined, so that a value that starts with "-" stays a value.
      options.push(`${word}=${next}`);
      at++;
    } else {
      options.push(word);
    }
  }
  const words = argv.slice(at);
  const late = words.find((word) => isKnownOption(word, table));
  if (late !== undefined)
    throw usageError(`"${late}" stands after the pipeline; options come before it`);
  return { options, words };
}

function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

function takesNext(word: string, table: OptionTable): boolean {
  return word.startsWith('--') && table[word.slice(2)]?.nargs === 1;
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
  const options = (await parser.getHelp()).replace(/ +\[(string|array|boolean)\]/g, '').trim();
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

function parsePort(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d*$/.test(text) || port > 65535) {
    throw usageError(`${option} takes a port from 0 to 65535, not "${text}"`);
  }
  return port;
}

function usageError(message: string): LaunchError {
  const text = message.replace(/\s*\n\s*/g, ' ').trim();
  return new LaunchError('usage', text, { hint: 'kvswebrtc-launch --help shows what there is' });
}
