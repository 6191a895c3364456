/* A viewer of our own for each master of the pipeline, so that one program sees both ends of a channel. */
import type { Access } from './aws/access.ts';
import { equip } from './equip.ts';
import type { Equipped } from './equip.ts';
import { LaunchError } from './errors.ts';
import { play, takeDown } from './gst/pipeline.ts';
import type { BusMessage, GstRuntime, PipelineHandle } from './gst/runtime.ts';
import type { ElementPlan } from './plan.ts';

export interface Probe {
  /** The viewers' names: `probe`, or `probe-NAME` where there are several masters. */
  readonly names: readonly string[];
  /** Sees the masters' messages: once one is signed in its viewer starts, as its channel is there then. */
  readonly see: (message: BusMessage) => void;
  /** Takes every viewer down. Blocks for as long as that takes. */
  readonly close: () => void;
}

/** Throws LaunchError `usage` where there is no master to look at. */
export function createProbe(
  runtime: GstRuntime,
  equipped: readonly Equipped[],
  onMessage: (message: BusMessage) => void,
  onFailure: (error: LaunchError) => void,
): Probe {
  // Its states and clock are nobody's business: what is told of those is told of the user's pipeline.
  const tell = (message: BusMessage) => {
    if (message.type === 'element' || message.type === 'warning') onMessage(message);
  };
  const masters = equipped.filter(({ plan }) => plan.role.value === 'master');
  if (masters.length === 0) {
    throw new LaunchError('usage', '--probe needs a kinesiswebrtcbin that is a master', {
      hint: 'a viewer is a probe already: --expect-media is enough',
    });
  }
  const nameFor = (master: string) => (masters.length === 1 ? 'probe' : `probe-${master}`);
  const over = new AbortController();
  const started = new Map<string, PipelineHandle>();
  const start = ({ plan, access }: Equipped) => {
    const pipeline = openViewer(runtime, nameFor(plan.name), plan, access);
    started.set(plan.name, pipeline);
    const options = {
      signal: over.signal,
      eosLimitMs: null,
      onStopping: () => undefined,
      onMessage: tell,
    };
    void play(pipeline, options).then((ending) => {
      if (ending.kind === 'failed') onFailure(ending.error);
    });
  };
  return {
    names: masters.map(({ plan }) => nameFor(plan.name)),
    see: (message) => {
      if (message.type !== 'element' || message.details.fields.state !== 'connected') return;
      if (message.details.name !== 'kinesiswebrtc-signaling') return;
      const master = masters.find(({ handle }) => handle.name === message.source);
      if (master !== undefined && !started.has(master.plan.name)) start(master);
    },
    close: () => {
      over.abort();
      for (const pipeline of started.values()) {
        takeDown(pipeline, tell);
        pipeline.close();
      }
    },
  };
}

function openViewer(
  runtime: GstRuntime,
  name: string,
  master: ElementPlan,
  access: Access,
): PipelineHandle {
  // Both kinds of media are taken, though only one may come.
  const sinks = ['video', 'audio'].map(
    (kind) => `${name}.${kind}_src_0 ! fakesink sync=false async=false`,
  );
  const text = `kinesiswebrtcbin name=${name} ${sinks.join(' ')}`;
  const pipeline = runtime.parse(text);
  const role = { value: 'viewer', from: 'option', name: '--probe' } as const;
  const channel = { ...master.channel, from: 'option' } as const;
  const plan: ElementPlan = { ...master, name, role, channel, clientId: null };
  equip(pipeline, [plan], [access]);
  return pipeline;
}
