/* What can be asked on the command line, as data. */
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
  /** Name or ARN; null: what can be known without one. */
  readonly channel: string | null;
  /** As what to sign in. */
  readonly role: Role;
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

/** First words that are no pipeline. */
export const COMMAND_NAMES = [
  'local',
  'watch',
  'check',
  'channels',
  'inspect',
  'completion',
] as const;

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What `--help` shows. */
export interface HelpRequest {
  readonly kind: 'help';
  readonly table: OptionTable;
  readonly usage: string;
  readonly examples: string;
}

export type Request =
  | LaunchRequest
  | CheckRequest
  | LocalRequest
  | ChannelsRequest
  | WatchRequest
  | InspectRequest
  | { readonly kind: 'completion'; readonly shell: Shell }
  | HelpRequest
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'version';
      /** With one of these GStreamer answers itself, and ends the process. */
      readonly gstOptions: readonly string[];
    };
