/* Settings that hold for every run: variables KVSWEBRTC_… and a file. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { regionOfArn } from './arn.ts';
import { ELEMENT_OPTIONS } from './request.ts';
import type { ElementOption, TargetOptions } from './request.ts';
import { LaunchError, messageOf } from './errors.ts';
import { didYouMean } from './nearest.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Config {
  readonly file: string;
  readonly values: Readonly<Partial<Record<ElementOption, string>>>;
}

/** The variable that stands for an option: `client-id` → `KVSWEBRTC_CLIENT_ID`. */
function variableOf(option: ElementOption): string {
  return `KVSWEBRTC_${option.toUpperCase().replaceAll('-', '_')}`;
}

/** Variables of AWS's, which stand behind ours. */
const AWS_VARIABLES: Readonly<Partial<Record<ElementOption, readonly string[]>>> = {
  region: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
  endpoint: ['AWS_ENDPOINT_URL_KINESIS_VIDEO', 'AWS_ENDPOINT_URL'],
  profile: ['AWS_PROFILE'],
};

/** All that stand for an option, the strongest first. */
export function variablesOf(option: ElementOption): readonly string[] {
  return [variableOf(option), ...(AWS_VARIABLES[option] ?? [])];
}

/** `~/.config/kvswebrtc/config.json`, by the XDG Base Directory Specification. */
function defaultFile(env: Environment): string {
  const { XDG_CONFIG_HOME: named } = env;
  const base = named === undefined || named === '' ? join(home(), '.config') : named;
  return join(base, 'kvswebrtc', 'config.json');
}

/** Users without a name, as in containers, may have none. */
function home(): string {
  try {
    return homedir();
  } catch {
    return '/';
  }
}

/**
 * Reads the file that was named, or the one in its usual place, which need not be there.
 * Throws LaunchError `settings`.
 */
export function readConfig(named: string | null, env: Environment): Config {
  const file = named ?? defaultFile(env);
  return { file, values: check(file, read(file, named !== null)) };
}

function read(file: string, isNeeded: boolean): unknown {
  let text;
  try {
    // All of node:fs/promises takes longer to load than a small file to read.
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    // The home may be another user's, too.
    const isAbsent = ['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(String(code));
    if (!isNeeded && isAbsent) return {};
    throw fault(file, `cannot be read: ${messageOf(cause)}`, 'name a file that may be read', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw fault(file, `is not JSON: ${messageOf(cause)}`, EXAMPLE, cause);
  }
}

const EXAMPLE = 'it is to be like { "channel": "cam1", "region": "eu-west-1" }';

function check(file: string, content: unknown): Config['values'] {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw fault(file, 'is no JSON object', EXAMPLE);
  }
  for (const [key, value] of Object.entries(content)) {
    if (!ELEMENT_OPTIONS.some((option) => option === key)) {
      const known = ELEMENT_OPTIONS.join(', ');
      throw fault(
        file,
        `has "${key}", which is no setting`,
        didYouMean(key, ELEMENT_OPTIONS) ?? `there is ${known}`,
      );
    }
    if (typeof value !== 'string' || value === '')
      throw fault(file, `has a "${key}" that is no text`, EXAMPLE);
  }
  return content;
}

function fault(file: string, message: string, hint: string, cause?: unknown): LaunchError {
  return new LaunchError('settings', `the configuration ${file} ${message}`, { hint, cause });
}

/** For commands: an option, then the variables of ours and of AWS, then the file. */
export function resolveTarget<Request extends TargetOptions>(
  request: Request,
  channel: string,
  env: Environment,
  { values }: Config,
): Request {
  const { region, profile, endpoint } = request;
  const isAws = (option: ElementOption) =>
    AWS_VARIABLES[option]?.some((name) => isSet(env[name])) === true;
  const own = (option: ElementOption) => {
    const value = env[variableOf(option)];
    return isSet(value) ? value : undefined;
  };
  const named = profile ?? own('profile');
  // A profile that was chosen has a region of its own.
  const isSettled = isAws('region') || named !== undefined || isAws('profile');
  return {
    ...request,
    region:
      region ?? regionOfArn(channel) ?? own('region') ?? (isSettled ? undefined : values.region),
    profile: named ?? (hasKeySource(env) ? undefined : values.profile),
    endpoint: endpoint ?? own('endpoint') ?? (isAws('endpoint') ? undefined : values.endpoint),
  };
}

/** Whether the environment says where keys are, which is stronger than a profile in the file. */
export function hasKeySource(env: Environment): boolean {
  return [
    env.AWS_PROFILE,
    env.AWS_ACCESS_KEY_ID,
    env.AWS_WEB_IDENTITY_TOKEN_FILE,
    env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    env.AWS_CONTAINER_CREDENTIALS_FULL_URI,
  ].some(isSet);
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
