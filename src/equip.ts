/* The meeting of plan and pipeline: the elements are found, and given what the plan and the look-ups say. */
import type { Access } from './aws/access.ts';
import type { KeyFinder, Keys } from './aws/credentials.ts';
import { FACTORY } from './gst/plugin.ts';
import type { ElementHandle, GstRuntime, PipelineHandle } from './gst/runtime.ts';
import type { ElementPlan, Setting } from './plan.ts';

/** An element with its plan and its access. */
export interface Equipped {
  readonly handle: ElementHandle;
  readonly plan: ElementPlan;
  readonly access: Access;
}

/** Rejects with LaunchError `pipeline-text` with the word that is wrong. */
export async function openPipeline(runtime: GstRuntime, text: string): Promise<PipelineHandle> {
  try {
    return runtime.parse(text);
  } catch (cause) {
    const { mistakeIn } = await import('./mistakes.ts');
    throw mistakeIn(text, cause, runtime);
  }
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
