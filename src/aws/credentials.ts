/* Keys from where AWS tools look: environment, shared files, SSO, container and instance roles. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { LaunchError, messageOf } from '../errors.ts';

/** One set of keys; `expiration` only where they are temporary. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}

/** Looks the keys up afresh. Rejects with LaunchError `credentials`. */
export type KeyFinder = () => Promise<Keys>;

/** The AWS SDK's own chain, for a profile or, with null, whatever comes first. */
export function keyFinder(
  profile: string | null,
  warn: (message: string) => void = () => undefined,
): KeyFinder {
  const quiet = () => undefined;
  const chain = fromNodeProviderChain({
    ...(profile === null ? {} : { profile }),
    logger: { debug: quiet, info: quiet, error: quiet, warn },
  });
  return async () => {
    try {
      return await chain({ forceRefresh: true });
    } catch (error) {
      throw notFound(profile, error);
    }
  };
}

function notFound(profile: string | null, cause: unknown): LaunchError {
  const where = profile === null ? '' : ` for profile "${profile}"`;
  const reason = messageOf(cause).replace(/\.$/, '');
  return new LaunchError('credentials', `no AWS credentials are found${where} (${reason})`, {
    hint:
      profile === null
        ? 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give --profile NAME; --local needs none'
        : '"aws configure list-profiles" names those there are, "aws sso login" renews one of SSO',
    cause,
  });
}

const MINUTE_MS = 60_000;
const RETRY_MS = 30_000;
/** Node's timers take no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * How long to wait before keys that live until `expiration` are renewed: five minutes before the end,
 * as AWS hands out new ones from then on, and half-way through those that live no longer.
 */
export function renewalDelay(expiration: Date, now: number): number {
  const left = expiration.getTime() - now;
  const delay = left > 10 * MINUTE_MS ? left - 5 * MINUTE_MS : left / 2;
  return Math.min(LONGEST_MS, Math.max(1000, delay));
}

export interface RenewalOptions {
  readonly onKeys: (keys: Keys) => void;
  readonly onFailure: (error: unknown) => void;
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds, to false when the signal cut it short. For tests. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<boolean>;
}

/**
 * Renews `keys` for as long as they are temporary; a failure is told and tried again. Resolves once
 * `signal` is aborted or keys without an end are found. Does not keep the process alive.
 */
export async function keepRenewed(
  keys: Keys,
  find: KeyFinder,
  { onKeys, onFailure, signal, wait = waited }: RenewalOptions,
): Promise<void> {
  let { expiration } = keys;
  let failed = false;
  while (expiration !== undefined) {
    const delay = failed ? RETRY_MS : renewalDelay(expiration, Date.now());
    if (!(await wait(delay, signal))) return;
    try {
      const fresh = await find();
      if (isAborted(signal)) return;
      onKeys(fresh);
      ({ expiration } = fresh);
      failed = false;
    } catch (error) {
      if (isAborted(signal)) return;
      onFailure(error);
      failed = true;
    }
  }
}

/** False when `signal` cut the wait short. */
async function waited(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal, ref: false });
    return true;
  } catch {
    return false;
  }
}

/** A function, as the compiler takes a property it has once seen to be false to stay so. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
