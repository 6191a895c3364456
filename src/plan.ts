import { ELEMENT_OPTIONS, ROLES } from './request.ts';
import type { ElementOption, LaunchRequest } from './request.ts';
import { CHANNEL_ARN, regionOfArn } from './arn.ts';
import { hasKeySource, variablesOf } from './config.ts';
import type { Config, Environment } from './config.ts';
import { LaunchError } from './errors.ts';
import { findSyntaxFault, findTextElements, maskSecrets } from './gst/text.ts';
import type { TextElement } from './gst/text.ts';
import { LOCAL_CHANNEL } from './options.ts';

export type Source = 'option' | 'text' | 'environment' | 'config' | 'local' | 'channel' | 'default';

/** A value and why it is that one. */
export interface Setting {
  readonly value: string;
  readonly from: Source;
  /** The option, variable or file it was read from. */
  readonly name: string;
}

/** Where an element's keys come from: its own properties, the local service, or where AWS tools look. */
export type KeySource =
  | { readonly kind: 'text' | 'local' }
  | { readonly kind: 'chain'; readonly profile: Setting | null };

export interface ElementPlan {
  /** The element's name in the pipeline. */
  readonly name: string;
  readonly channel: Setting;
  readonly role: Setting;
  /** Null where it is not known yet: from the profile, or from the local service. */
  readonly region: Setting | null;
  /** Null: the element makes a fresh one. */
  readonly clientId: Setting | null;
  /** Null: AWS's own for the region, or the local service's. */
  readonly endpoint: Setting | null;
  readonly keys: KeySource;
}

/** Everything that is decided before anything is started. */
export interface LaunchPlan {
  readonly pipeline: string;
  readonly elements: readonly ElementPlan[];
  readonly local: { readonly port: number; readonly region: string | null } | null;
}

/**
 * Decides what each element is given: an option wins over the pipeline text, the text over the environment, and
 * that over the configuration file.
 * Pure. A pipeline may do without our element. Throws LaunchError `pipeline-text`, `no-element`, `usage` or `settings`.
 */
export function makePlan(
  request: LaunchRequest,
  env: Environment,
  config: Config = NO_CONFIG,
): LaunchPlan {
  const { pipeline } = request;
  const fault = findSyntaxFault(pipeline);
  if (fault !== null) throw new LaunchError('pipeline-text', `the pipeline is not right: ${fault}`);
  const found = findTextElements(pipeline);
  if (found.length === 0) checkNothingIsFor(request);
  const options = assignOptions(request, found);
  const local = request.localPort !== null;
  const elements = found.map((element) =>
    planElement(element, { given: options.get(element.name) ?? {}, env, config }, local),
  );
  checkDistinct(elements);
  const port = request.localPort;
  const region = elements[0]?.region?.value ?? null;
  return freeze({ pipeline, elements, local: port === null ? null : { port, region } });
}

/** Any pipeline may run, but what is for our element is then a mistake. */
function checkNothingIsFor({ elementOptions }: LaunchRequest): void {
  const given = ELEMENT_OPTIONS.find((option) => elementOptions[option].length > 0);
  if (given === undefined) return;
  throw new LaunchError(
    'no-element',
    `the pipeline has no kinesiswebrtcbin that --${given} could be for`,
    {
      hint: NO_ELEMENT_HINT,
    },
  );
}

/** For a pipeline that runs without one. */
export const NO_ELEMENT_HINT = 'let it end in: ! kinesiswebrtcbin channel=NAME';

type Given = Partial<Record<ElementOption, string>>;

/** Each element's share of the options: `NAME=value` goes to NAME, a bare value to all. */
function assignOptions(
  request: LaunchRequest,
  elements: readonly TextElement[],
): ReadonlyMap<string, Given> {
  const names = elements.map(({ name }) => name);
  const given = new Map<string, Given>(names.map((name) => [name, {}]));
  for (const option of ELEMENT_OPTIONS) {
    const typed = request.elementOptions[option].map((text) => splitTarget(option, text, names));
    checkShared(option, typed, names);
    // Bare values first, so that one with a name wins wherever it stands.
    for (const { target, value } of typed.toSorted(bareFirst)) {
      for (const name of target === null ? names : [target]) {
        given.set(name, { ...given.get(name), [option]: value });
      }
    }
  }
  return given;
}

interface Typed {
  readonly target: string | null;
  readonly value: string;
}

function bareFirst(a: Typed, b: Typed): number {
  return Number(a.target !== null) - Number(b.target !== null);
}

function splitTarget(option: ElementOption, text: string, names: readonly string[]): Typed {
  // An address may hold "=" itself, but not before its "://".
  const parts = /^([A-Za-z0-9_][\w%-]*)=(.*)$/s.exec(text);
  const [target, value] = parts === null ? [null, text] : [parts[1] ?? '', parts[2] ?? ''];
  if (value === '') throw new LaunchError('usage', `--${option} is given no value`);
  if (target !== null && !names.includes(target)) {
    throw new LaunchError(
      'usage',
      `--${option} ${text}: the pipeline has no kinesiswebrtcbin called "${target}"`,
      { hint: `it has ${names.map((name) => `"${name}"`).join(', ')}` },
    );
  }
  return { target, value };
}

/** A channel, and an id on it, belong to one element. */
function checkShared(
  option: ElementOption,
  typed: readonly Typed[],
  names: readonly string[],
): void {
  const [first] = names;
  const bare = typed.find(({ target }) => target === null);
  if (bare === undefined || names.length === 1 || first === undefined) return;
  if (option !== 'channel' && option !== 'client-id') return;
  throw new LaunchError(
    'usage',
    `--${option} ${bare.value} does not say which of ${names.length} elements it is for`,
    { hint: `write --${option} ${first}=${bare.value}` },
  );
}

const NO_CONFIG: Config = { file: '', values: {} };

/** Where settings of an element may come from, besides its own text. */
interface Origins {
  readonly given: Given;
  readonly env: Environment;
  readonly config: Config;
}

function planElement(element: TextElement, origins: Origins, local: boolean): ElementPlan {
  const { name, properties } = element;
  const { given, env, config } = origins;
  const said = (option: ElementOption) => fromOption(given, option) ?? fromText(properties, option);
  const variable = (option: ElementOption) => fromEnvironment(env, variablesOf(option));
  const around = (option: ElementOption) => variable(option) ?? fromConfig(config, option);
  const pick = (option: ElementOption) => said(option) ?? around(option);
  const fallback = local ? setting(LOCAL_CHANNEL, 'local', '--local') : null;
  const channel = checkChannel(name, pick('channel') ?? fallback);
  const endpoint = local ? said('endpoint') : pick('endpoint');
  if (local && given.endpoint !== undefined) {
    throw new LaunchError('usage', '--local and --endpoint exclude each other');
  }
  return {
    name,
    channel,
    role: checkRole(name, pick('role') ?? setting('master', 'default', '')),
    // A profile that was chosen has a region of its own.
    region:
      said('region') ??
      regionOfChannel(channel) ??
      variable('region') ??
      ((said('profile') ?? variable('profile')) === null ? fromConfig(config, 'region') : null),
    clientId: checkClientId(name, pick('client-id')),
    endpoint: local ? null : checkEndpoint(endpoint),
    keys: local ? { kind: 'local' } : keySource(properties, pick('profile'), env),
  };
}

function keySource(
  properties: Readonly<Record<string, string>>,
  profile: Setting | null,
  env: Environment,
): KeySource {
  const own = hasText(properties['access-key']) || hasText(properties['iot-certificate']);
  // A profile asked for by option is stronger than keys in the text.
  if (own && profile?.from !== 'option') return { kind: 'text' };
  // And keys in the environment are stronger than a profile in the file.
  const isBeaten = profile?.from === 'config' && hasKeySource(env);
  return { kind: 'chain', profile: isBeaten ? null : profile };
}

function regionOfChannel(channel: Setting): Setting | null {
  const region = regionOfArn(channel.value);
  return region === undefined ? null : setting(region, 'channel', 'ARN');
}

function fromOption(given: Given, option: ElementOption): Setting | null {
  const value = given[option];
  return value === undefined ? null : setting(value, 'option', `--${option}`);
}

function fromText(properties: Readonly<Record<string, string>>, name: string): Setting | null {
  const value = properties[name];
  return hasText(value) ? setting(value, 'text', name) : null;
}

function fromEnvironment(env: Environment, names: readonly string[]): Setting | null {
  for (const name of names) {
    const value = env[name];
    if (hasText(value)) return setting(value, 'environment', name);
  }
  return null;
}

function fromConfig({ file, values }: Config, option: ElementOption): Setting | null {
  const value = values[option];
  return value === undefined ? null : setting(value, 'config', file);
}

function hasText(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}

function setting(value: string, from: Source, name: string): Setting {
  return { value, from, name };
}

const NAME = /^[a-zA-Z0-9_.-]{1,256}$/;

function checkChannel(element: string, channel: Setting | null): Setting {
  if (channel === null) {
    throw new LaunchError('settings', `kinesiswebrtcbin "${element}" has no channel`, {
      hint: `write channel=NAME after it, or give --channel NAME`,
      element,
    });
  }
  if (NAME.test(channel.value) || CHANNEL_ARN.test(channel.value)) return channel;
  throw new LaunchError('settings', `"${channel.value}" is not a legal channel name`, {
    hint: 'a name is 1 to 256 letters, digits, "_", "." and "-"; a channel ARN will do as well',
    element,
  });
}

function checkRole(element: string, role: Setting): Setting {
  if (ROLES.some((known) => known === role.value)) return role;
  throw new LaunchError('settings', `"${role.value}" is not a role`, {
    hint: `write ${ROLES.join(' or ')}`,
    element,
  });
}

function checkClientId(element: string, id: Setting | null): Setting | null {
  if (id === null || (NAME.test(id.value) && !id.value.startsWith('AWS_'))) return id;
  throw new LaunchError('settings', `"${id.value}" is not a legal client id`, {
    hint: 'an id is 1 to 256 letters, digits, "_", "." and "-", and does not start with "AWS_"',
    element,
  });
}

function checkEndpoint(endpoint: Setting | null): Setting | null {
  if (endpoint === null || /^https?:\/\/[^/\s]/.test(endpoint.value)) return endpoint;
  throw new LaunchError('settings', `"${endpoint.value}" is not the address of a service`, {
    hint: 'write it as https://HOST or http://HOST:PORT',
  });
}

/** Two masters of one channel would displace each other for ever. */
function checkDistinct(elements: readonly ElementPlan[]): void {
  const masters = new Map<string, string>();
  for (const { name, channel, role, region } of elements) {
    if (role.value !== 'master') continue;
    const key = `${channel.value} ${region?.value ?? ''}`;
    const other = masters.get(key);
    if (other !== undefined) {
      throw new LaunchError(
        'settings',
        `"${other}" and "${name}" are both to be master of channel "${channel.value}"`,
        { hint: 'give each a channel of its own, or let one have role=viewer', element: name },
      );
    }
    masters.set(key, name);
  }
}

function freeze(plan: LaunchPlan): LaunchPlan {
  for (const element of plan.elements) Object.freeze(element);
  Object.freeze(plan.elements);
  return Object.freeze(plan);
}

/** The plan as --dry-run shows it: plain data, secrets masked. */
export function describePlan(plan: LaunchPlan): Readonly<Record<string, unknown>> {
  return { ...plan, pipeline: maskSecrets(plan.pipeline) };
}
