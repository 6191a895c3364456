/** What an event may carry: the field types the element's messages are limited to. */
export type Scalar = string | number | boolean;

export type EventFields = Readonly<Record<string, Scalar>>;

/** Messages of the element, named as on the bus without `kinesiswebrtc-`. */
export const ELEMENT_EVENTS = [
  'signaling',
  'peer-connected',
  'peer-disconnected',
  'peer-refused',
  'waiting',
  'first-frame',
  'stalled',
  'track',
  'data-channel',
  'data',
  'stats',
] as const;

/** What gst-launch-1.0 says of a pipeline as well. */
export const GST_LAUNCH_EVENTS = [
  'property',
  'message',
  'step',
  'tag',
  'toc',
  'buffering',
  'progress',
  'clock-lost',
  'request-state',
  'missing-plugin',
  'eos',
] as const;

/** Things the launcher says of its own or on behalf of the pipeline. */
export const LAUNCHER_EVENTS = [
  ...GST_LAUNCH_EVENTS,
  'watch',
  'metrics',
  'state',
  'stuck',
  'graph',
  'hint',
  'summary',
  'warning',
  'error',
  'stopping',
] as const;

export type EventName = (typeof ELEMENT_EVENTS)[number] | (typeof LAUNCHER_EVENTS)[number];

/**
 * One thing a user is told. Fields are in camelCase and keep the element's units: `…Ms` are
 * milliseconds, `bytes…` are bytes. Text in them may come from the network: reports escape it.
 */
export interface LaunchEvent {
  readonly time: Date;
  readonly event: EventName;
  /** Name of the pipeline element it is about; the pipeline's own name for what is about all of it. */
  readonly element: string;
  readonly fields: EventFields;
}

const MESSAGE_PREFIX = 'kinesiswebrtc-';

/** The event in an element message called `name`, or null when it is none of ours. */
export function elementEventName(name: string): EventName | null {
  if (!name.startsWith(MESSAGE_PREFIX)) return null;
  const bare = name.slice(MESSAGE_PREFIX.length);
  return ELEMENT_EVENTS.find((known) => known === bare) ?? null;
}

/** `{'peer-id': 'x'}` → `{peerId: 'x'}`. */
export function camelFields(fields: EventFields): EventFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [camelCase(key), value] as const),
  );
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
