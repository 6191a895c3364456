import { camelFields, elementEventName } from '../events.ts';
import type { EventFields, LaunchEvent } from '../events.ts';
import type { BusMessage } from './runtime.ts';

export interface MessageOptions {
  /** Tell of properties and caps that change. */
  readonly verbose: boolean;
  /** Tell of every message there is. */
  readonly messages: boolean;
  /** The channel of the element called that. */
  readonly channelOf: (element: string) => string | undefined;
}

/** What a user is told of one message: nothing, one event, or, with `messages`, two. */
export function toEvents(
  message: BusMessage,
  options: MessageOptions,
  time: Date,
): readonly LaunchEvent[] {
  const told = toEvent(message, options, time);
  const raw = options.messages ? rawEvent(message, time) : null;
  return [raw, told].filter((event) => event !== null);
}

function toEvent(
  message: BusMessage,
  { verbose, channelOf }: MessageOptions,
  time: Date,
): LaunchEvent | null {
  const element = message.source;
  switch (message.type) {
    case 'element': {
      const event = elementEventName(message.details.name);
      if (event === null) return null;
      const channel = channelOf(element);
      const about: EventFields = channel === undefined ? {} : { channel };
      const fields = { ...about, ...camelFields(message.details.fields) };
      return { time, event, element, fields };
    }
    case 'state': {
      if (!message.top) return null;
      const fields = { state: message.current, oldState: message.old };
      return { time, event: 'state', element, fields };
    }
    case 'warning':
      return { time, event: 'warning', element, fields: { message: message.message } };
    case 'property': {
      if (!verbose) return null;
      const { property, value } = message;
      return {
        time,
        event: 'property',
        element,
        fields: { path: message.path(), property, value },
      };
    }
    case 'eos':
      return { time, event: 'eos', element, fields: {} };
    // The error a run fails with is told at its end, once.
    case 'error':
    case 'buffering':
    case 'latency':
    case 'clock-lost':
    case 'other':
      return null;
    default:
      return message satisfies never;
  }
}

function rawEvent(message: BusMessage, time: Date): LaunchEvent {
  const { seqnum, kind } = message;
  const fields = { seqnum, kind, text: message.text() };
  return { time, event: 'message', element: message.source, fields };
}
