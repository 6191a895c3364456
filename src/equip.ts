/* The meeting of plan and pipeline: the elements are found, and given what the plan and the look-ups say. */
import { spawnSync } from 'node:child_process';
import type { Access } from './aws/access.ts';
import type { KeyFinder, Keys } from './aws/credentials.ts';
import { LaunchError, messageOf } from './errors.ts';
import { installHint, knownElements, packageOfElement } from './gst/missing.ts';
import { FACTORY } from './gst/plugin.ts';
import type { ElementHandle, GstRuntime, PipelineHandle } from './gst/runtime.ts';
import { findUnknownReference } from './gst/text.ts';
import { didYouMean } from './nearest.ts';
import type { ElementPlan, Setting } from './plan.ts';

/** An element with its plan and its access. */
export interface Equipped {
  readonly handle: ElementHandle;
  readonly plan: ElementPlan;
  readonly access: Access;
}

/** Throws LaunchError `pipeline-text` with the word that is wrong. */
export function openPipeline(runtime: GstRuntime, text: string): PipelineHandle {
  try {
    return runtime.parse(text);
  } catch (cause) {
    throw pipelineTextError(runtime, text, cause);
  }
}

function pipelineTextError(runtime: GstRuntime, text: string, cause: unknown): LaunchError {
  const said = messageOf(cause);
  const missing = /^no element "(.+)"/.exec(said)?.[1];
  if (missing !== undefined) {
    const hint = missingElementHint(runtime, missing);
    return new LaunchError('pipeline-text', `there is no GStreamer element "${missing}"`, {
      hint,
      cause,
    });
  }
  const [, property, owner] = /^no property "(.+)" in element "(.+)"/.exec(said) ?? [];
  if (property !== undefined && owner !== undefined) {
    return new LaunchError('pipeline-text', `element "${owner}" has no property "${property}"`, {
      hint:
        didYouMean(property, propertiesOf(factoryIn(text, owner))) ??
        `"gst-inspect-1.0 ${factoryIn(text, owner)}" lists those it has`,
      cause,
    });
  }
  const unknown = said.includes('(null)') ? findUnknownReference(text) : null;
  const fault = unknown === null ? said : `no element in it is called "${unknown}"`;
  const hint =
    said === 'syntax error'
      ? 'elements, NAME=VALUE and "!" are to stand apart by spaces'
      : undefined;
  return new LaunchError('pipeline-text', `the pipeline is not right: ${fault}`, { hint, cause });
}

function missingElementHint(runtime: GstRuntime, name: string): string {
  const debian = packageOfElement(name);
  if (debian !== null) return installHint([debian]) ?? '';
  return (
    didYouMean(name, [...runtime.elementNames(), ...knownElements()]) ??
    `correct the name, or install the plugin that has it: "gst-inspect-1.0 ${name}" shows it then`
  );
}

/** GStreamer names the element, by default after its factory with a number behind. */
function factoryIn(text: string, element: string): string {
  const named = new RegExp(`([\\w-]+)\\b[^!]*\\bname=${element.replace(/\W/g, '\\$&')}(\\s|$)`);
  return named.exec(text)?.[1] ?? element.replace(/\d+$/, '');
}

/** Asked of gst-inspect-1.0, as the bindings cannot list them; none where it is not installed. */
function propertiesOf(factory: string): readonly string[] {
  const { stdout } = spawnSync('gst-inspect-1.0', [factory], { encoding: 'utf8', timeout: 10_000 });
  const names = (stdout as string | null)?.matchAll(/^ {2}([a-z][\w-]*) *: /gm) ?? [];
  return [...names].map(([, name = '']) => name);
}

/** Sets on each element what its own text does not say. `access` is in the order of `plans`. */
export function equip(
  pipeline: PipelineHandle,
  plans: readonly ElementPlan[],
  access: readonly Access[],
): readonly Equipped[] {
  const handles = matchHandles(plans, pipeline.elementsOf(FACTORY));
  return plans.map((plan, index) => {
    const [handle, itsAccess] = [handles[index], access[index]];
    if (handle === undefined || itsAccess === undefined) {
      throw new Error(`the pipeline was planned with "${plan.name}" and has no such element`);
    }
    const equipped = { handle, plan, access: itsAccess };
    setProperties(equipped);
    return equipped;
  });
}

/** By name; elements without one get theirs from GStreamer by number, in the order of the text. */
function matchHandles(
  plans: readonly ElementPlan[],
  handles: readonly ElementHandle[],
): readonly (ElementHandle | undefined)[] {
  const names = new Set(plans.map(({ name }) => name));
  const others = handles
    .filter(({ name }) => !names.has(name))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return plans.map(({ name }) => handles.find((handle) => handle.name === name) ?? others.shift());
}

function setProperties({ handle, plan, access }: Equipped): void {
  setUnlessText(handle, 'channel', plan.channel);
  setUnlessText(handle, 'client-id', plan.clientId);
  if (plan.role.from === 'option') handle.setEnum('role', plan.role.value);
  if (access.region !== null) handle.setString('region', access.region);
  if (access.endpoint !== null) handle.setString('endpoint', access.endpoint);
  if (access.keys !== null) setKeys(handle, access.keys);
}

function setUnlessText(handle: ElementHandle, property: string, setting: Setting | null): void {
  if (setting === null || setting.from === 'text') return;
  handle.setString(property, setting.value);
}

/** The access key comes last: with it the element takes all three as one set, also while it plays. */
function setKeys(handle: ElementHandle, keys: Keys): void {
  handle.setString('session-token', keys.sessionToken ?? '');
  handle.setString('secret-key', keys.secretAccessKey);
  handle.setString('access-key', keys.accessKeyId);
}

/** Gives elements with temporary keys fresh ones in time, until `over`. */
export function renewKeys(
  equipped: readonly Equipped[],
  over: AbortSignal,
  onFailure: (element: string, error: unknown) => void,
): void {
  for (const { handle, access } of equipped) {
    const { keys, find } = access;
    if (keys?.expiration === undefined || find === null) continue;
    // Nobody waits for it: it does not reject, and ends with the run.
    void renewOne(handle, keys, find, over, onFailure);
  }
}

async function renewOne(
  handle: ElementHandle,
  keys: Keys,
  find: KeyFinder,
  signal: AbortSignal,
  onFailure: (element: string, error: unknown) => void,
): Promise<void> {
  const { keepRenewed } = await import('./aws/credentials.ts');
  await keepRenewed(keys, find, {
    signal,
    onKeys: (fresh) => {
      setKeys(handle, fresh);
    },
    onFailure: (error) => {
      onFailure(handle.name, error);
    },
  });
}
