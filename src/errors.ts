/**
 * Every way a launch can fail that its user can do something about, and the exit code of each.
 * The AWS kinds carry the names the element gives them in its `kinesiswebrtc-error` structure.
 */
const EXIT_CODES = {
  usage: 1,
  'pipeline-text': 1,
  'no-element': 1,
  settings: 1,
  'missing-plugin': 2,
  pipeline: 2,
  credentials: 3,
  permission: 3,
  region: 3,
  channel: 3,
  clock: 3,
  network: 3,
  tls: 3,
  throttled: 3,
  service: 3,
  protocol: 3,
  displaced: 3,
  expectation: 4,
} as const;

export type ErrorCode = keyof typeof EXIT_CODES;

export const ERROR_CODES = Object.keys(EXIT_CODES) as readonly ErrorCode[];

/** Done, or stopped by the user. */
export const EXIT_DONE = 0;

export interface ErrorContext {
  /** What to do about it, as a clause that can follow a semicolon. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** Name of the pipeline element it came from. */
  readonly element?: string | undefined;
}

/** A failure its user can mend: `message` names the thing, `hint` the remedy. Anything else thrown is a bug. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly element: string | undefined;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.hint = context.hint;
    this.element = context.element;
  }
}

export function exitCodeOf(code: ErrorCode): number {
  return EXIT_CODES[code];
}

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(EXIT_CODES, text);
}

/** The message of anything thrown, for use inside another message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
