/* What can be given on the command line, and what --help says of it. */
import { ROLES } from './request.ts';

/** One option, in the words of the parser. */
export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  readonly describe: string;
  readonly alias?: string;
  readonly array?: true;
  /** Takes a value. */
  readonly nargs?: 1;
  readonly coerce?: (given: string | readonly string[]) => string;
  readonly default?: string;
  /** What values there are, for completion. */
  readonly values?: readonly string[];
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The channel of `--local` when neither the text nor an option names one. */
export const LOCAL_CHANNEL = 'demo';

export const COMMON_OPTIONS = {
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

export const LAUNCH_OPTIONS = {
  local: {
    type: 'string',
    coerce: lastOf,
    describe: `[PORT]: run against a service in this process, on 127.0.0.1, and print the address of a page that shows the stream; needs no AWS account; the channel is "${LOCAL_CHANNEL}" if none is named`,
  },
  channel: { ...EACH, describe: 'NAME or ARN of the channel' },
  region: { ...EACH, describe: 'REGION of AWS' },
  role: { ...EACH, describe: 'master or viewer', values: ROLES },
  'client-id': { ...EACH, describe: 'ID of a viewer' },
  profile: { ...EACH, describe: 'NAME in the AWS configuration files' },
  endpoint: { ...EACH, describe: 'URL of a service to use instead of AWS' },
  config: {
    ...ONE,
    describe:
      'FILE of JSON with settings of the names above, weaker than all else; ~/.config/kvswebrtc/config.json if not given',
  },
  'dry-run': {
    type: 'boolean',
    describe: 'Print what would be done, and where each value is from',
  },
  'eos-on-shutdown': {
    alias: 'e',
    type: 'boolean',
    describe: 'On interrupt, send end-of-stream before stopping',
  },
  'expect-peers': {
    ...ONE,
    describe: 'N peers are to connect: then the run ends with exit code 0, else with 4',
  },
  'expect-media': {
    type: 'boolean',
    describe: 'Media is to reach every peer; as viewer, to come from the master',
  },
  probe: {
    type: 'boolean',
    describe: 'Look at the channel with a viewer in this process: it is to get a picture or sound',
  },
  timeout: { ...ONE, describe: 'SECONDS until what is expected has to have come; 60 if not given' },
  duration: { ...ONE, describe: 'SECONDS after which the run ends in order' },
  stats: {
    type: 'string',
    coerce: lastOf,
    describe:
      '[SECONDS]: show statistics of the peers so often, each second if not given; a table in place on a terminal',
  },
  metrics: {
    ...ONE,
    describe:
      '[HOST:]PORT: serve statistics for Prometheus at http://HOST:PORT/metrics; on 127.0.0.1 if no HOST is given',
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
  exclude: {
    ...EACH,
    alias: 'X',
    describe: 'PROPERTY that --verbose says nothing of; may be given again for more',
  },
  messages: { alias: 'm', type: 'boolean', describe: 'Print every message of the bus' },
  tags: { alias: 't', type: 'boolean', describe: 'Print tags (metadata)' },
  toc: {
    alias: 'c',
    type: 'boolean',
    describe: 'Print the table of contents (chapters, editions)',
  },
  'no-fault': {
    alias: 'f',
    type: 'boolean',
    describe: 'Taken as gst-launch-1.0 does; there is no fault handler to leave out',
  },
  'no-position': {
    type: 'boolean',
    describe: 'Do not print the position, as is done on a terminal',
  },
  'force-position': {
    type: 'boolean',
    describe: 'Print the position also where there is no terminal',
  },
  ...COMMON_OPTIONS,
  'help-all': {
    type: 'boolean',
    describe: 'The same; --help-gst lists the options --gst-… of GStreamer',
  },
  'help-gst': { type: 'boolean', describe: 'List the options of GStreamer' },
  version: { type: 'boolean', describe: 'Show the versions of this program and of GStreamer' },
} as const satisfies OptionTable;

/** Not an option: everybody on the machine sees those of a running program. */
export const TURN_SECRET_VARIABLE = 'KVSWEBRTC_TURN_SECRET';

export const LOCAL_OPTIONS = {
  port: { ...ONE, describe: 'NUMBER on 127.0.0.1; any free one if not given' },
  region: { ...ONE, describe: 'REGION the service is to be in' },
  channel: {
    ...ONE,
    describe: 'NAME of the channel to name the page of',
    default: LOCAL_CHANNEL,
  },
  'tls-cert': { ...ONE, describe: 'FILE with a PEM certificate: serve https and wss' },
  'tls-key': { ...ONE, describe: 'FILE with its key' },
  persist: {
    ...ONE,
    describe: 'FILE to keep the channels and the key of the service in, for the next run',
  },
  turn: { ...ONE, describe: 'URL[,URL] of relays to hand out, such as turn:192.0.2.1:3478' },
  'turn-secret-file': {
    ...ONE,
    describe: `FILE with the secret that coturn has as static-auth-secret; or set ${TURN_SECRET_VARIABLE}`,
  },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

export const LAUNCH_USAGE = `Usage: $0 [options] "PIPELINE"
       $0 [options] PIPELINE WORDS...
       $0 local [options]
       $0 watch CHANNEL [options]
       $0 check [CHANNEL] [options]
       $0 channels list|create|describe|delete [NAME] [options]
       $0 inspect [PROPERTY] [options]
       $0 completion bash|zsh|fish

Sends and receives Amazon Kinesis Video Streams WebRTC with GStreamer pipelines.
Options stand before the pipeline. Those from --channel to --endpoint set what the text of the
pipeline does not, or differently; with several kinesiswebrtcbin, write --channel ELEMENT=NAME.`;

export const LAUNCH_EXAMPLES = `Examples:
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

  # a test of both ends of a channel, as it is in CI: exit code 0 or 4
  $0 --local --probe --timeout 30 "videotestsrc is-live=true ! kinesiswebrtcbin"

Exit codes:
  0  done, or stopped by the user      3  AWS access: credentials, permission, region,
  1  wrong usage or pipeline text         channel, network
  2  the pipeline failed               4  what was expected did not come
                                       130, 143  forced to stop by a second signal`;

export const LOCAL_USAGE = `Usage: $0 local [options]

Runs the local service alone and prints what to export for AWS tools to use it.`;

export const LOCAL_EXAMPLES = `Examples:
  # in one terminal
  $0 local --port 8080
  # in another, after pasting the lines it prints
  GST_PLUGIN_PATH=plugin-c/build gst-launch-1.0 videotestsrc is-live=true ! kinesiswebrtcbin channel=${LOCAL_CHANNEL}

  # the same channels and key each time, and relays
  $0 local --port 8080 --persist channels.json --turn turn:192.0.2.1:3478 --turn-secret-file turn.secret`;

/** Which AWS, and as whom. */
const TARGET_OPTIONS = {
  region: { ...ONE, describe: 'REGION of AWS' },
  profile: { ...ONE, describe: 'NAME in the AWS configuration files' },
  endpoint: { ...ONE, describe: 'URL of a service to use instead of AWS' },
  config: { ...ONE, describe: 'FILE of JSON with settings of these names' },
} as const satisfies OptionTable;

export const CHANNELS_OPTIONS = {
  ...TARGET_OPTIONS,
  prefix: { ...ONE, describe: 'list: what the names begin with' },
  tag: { ...EACH, describe: 'create: KEY=VALUE; may be given again for more' },
  ttl: { ...ONE, describe: 'create: SECONDS that a message waits for its recipient' },
  yes: { alias: 'y', type: 'boolean', describe: 'delete: do not ask' },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

export const CHANNELS_USAGE = `Usage: $0 channels list|create|describe|delete [NAME] [options]

Lists, creates, describes and deletes signaling channels. NAME may be an ARN, but for create.`;

export const CHANNELS_EXAMPLES = `Examples:
  $0 channels list --prefix cam
  $0 channels create cam1 --tag site=home
  $0 channels describe cam1 --json
  $0 channels delete cam1 --yes`;

export const CHECK_OPTIONS = {
  role: {
    ...ONE,
    describe:
      'viewer or master: as what to sign in; a master that is there loses its place to another',
    default: 'viewer',
    values: ROLES,
  },
  ...TARGET_OPTIONS,
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

export const WATCH_OPTIONS = {
  ...TARGET_OPTIONS,
  port: { ...ONE, describe: 'NUMBER on 127.0.0.1; any free one if not given' },
  open: { type: 'boolean', describe: 'Open the page in the browser' },
  ...COMMON_OPTIONS,
} as const satisfies OptionTable;

export const WATCH_USAGE = `Usage: $0 watch CHANNEL [options]

Serves a page on 127.0.0.1 that plays the channel and lets you talk to it. The page gets signed addresses from
this program, never a key. Whoever has the address of the page may watch, as long as the program runs.`;

export const WATCH_EXAMPLES = `Examples:
  $0 watch cam1 --open
  $0 watch cam1 --region eu-west-1 --profile work --port 8090`;

export const INSPECT_OPTIONS = { ...COMMON_OPTIONS } as const satisfies OptionTable;

export const INSPECT_USAGE = `Usage: $0 inspect [PROPERTY] [options]

Shows the properties of kinesiswebrtcbin, or one of them, each with an example.`;

export const INSPECT_EXAMPLES = `Examples:
  $0 inspect
  $0 inspect video-codecs
  $0 inspect --json`;

export const COMPLETION_OPTIONS = {
  help: COMMON_OPTIONS.help,
} as const satisfies OptionTable;

export const COMPLETION_USAGE = `Usage: $0 completion bash|zsh|fish

Prints a script that lets the shell complete commands and options.`;

export const COMPLETION_EXAMPLES = `Examples:
  # bash: in ~/.bashrc
  source <($0 completion bash)
  # zsh: in ~/.zshrc, after compinit
  source <($0 completion zsh)
  # fish: once
  $0 completion fish > ~/.config/fish/completions/$0.fish`;

export const CHECK_USAGE = `Usage: $0 check [CHANNEL] [options]

Tries every stage on the way to a picture: GStreamer, encoders, credentials, region, channel, endpoints, clock,
WebSocket, ICE servers, STUN, and a relay by UDP and by TLS; without a channel, those that need none. Each line names
the IAM permission it takes. Signs in as a viewer, so no master is disturbed. The exit code is 0 when all is well, else 3.`;

export const CHECK_EXAMPLES = `Examples:
  $0 check
  $0 check cam1
  $0 check cam1 --region eu-west-1 --profile work --json`;
