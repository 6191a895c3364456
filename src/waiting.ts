/* What a run is waiting for, from what its elements have told. */
import { camelFields, elementEventName } from './events.ts';
import type { BusMessage } from './gst/runtime.ts';
import type { ElementPlan } from './plan.ts';

export interface Waiting {
  readonly see: (message: BusMessage) => void;
  /** In words, one for each element that waits: `the master of cam1`. */
  readonly what: () => readonly string[];
}

interface Known {
  readonly channel: string;
  readonly isViewer: boolean;
  signaling: string;
  peers: number;
}

/** By the elements' names in the pipeline. */
export function createWaiting(elements: ReadonlyMap<string, ElementPlan>): Waiting {
  const known = new Map<string, Known>(
    [...elements].map(([name, { channel, role }]) => {
      const isViewer = role.value === 'viewer';
      return [name, { channel: channel.value, isViewer, signaling: '', peers: 0 }];
    }),
  );
  return {
    see: (message) => {
      const element = known.get(message.source);
      if (element === undefined || message.type !== 'element') return;
      switch (elementEventName(message.details.name)) {
        case 'signaling':
          element.signaling = String(camelFields(message.details.fields).state);
          break;
        case 'peer-connected':
          element.peers++;
          break;
        case 'peer-disconnected':
          element.peers = Math.max(0, element.peers - 1);
          break;
        default:
      }
    },
    what: () => [...known.values()].flatMap((element) => whatFor(element) ?? []),
  };
}

/** A master with nobody to look at it is not waiting: it is at work. */
function whatFor({ channel, isViewer, signaling, peers }: Known): string | null {
  switch (signaling) {
    case 'connecting':
      return `signaling on ${channel}`;
    case 'reconnecting':
      return `signaling on ${channel} to be back`;
    case 'connected':
      return isViewer && peers === 0 ? `the master of ${channel}` : null;
    default:
      return null;
  }
}
