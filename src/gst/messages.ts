import { camelFields, elementEventName } from '../events.ts';
import type { EventFields, EventName, LaunchEvent } from '../events.ts';
import { gstTime } from '../report/words.ts';
import { installHint, packagesFor } from './missing.ts';
import type { BusMessage, Tag, TocEntry } from './runtime.ts';

export interface MessageOptions {
  /** Tell of properties and caps that change, but not of those called so. */
  readonly verbose: boolean;
  readonly exclude: readonly string[];
  /** Tell of every message there is. */
  readonly messages: boolean;
  readonly tags: boolean;
  readonly toc: boolean;
  /** The channel of the element called that. */
  readonly channelOf: (element: string) => string | undefined;
}

type Trouble = BusMessage & { readonly type: 'error' | 'warning' };

type Told = readonly (readonly [EventName, EventFields])[];

/** What a user is told of one message: nothing, one event, or several. */
export function toEvents(
  message: BusMessage,
  options: MessageOptions,
  time: Date,
): readonly LaunchEvent[] {
  const raw: Told = options.messages ? [['message', rawFields(message)]] : [];
  return [...raw, ...told(message, options)].map(([event, fields]) => ({
    time,
    event,
    element: message.source,
    fields,
  }));
}

function told(message: BusMessage, options: MessageOptions): Told {
  switch (message.type) {
    case 'element':
      return elementEvents(message, options);
    case 'state':
      if (!message.top) return [];
      return [['state', { state: message.current, oldState: message.old }]];
    case 'warning':
      return warningEvents(message, options);
    case 'property': {
      const { property, value } = message;
      if (!options.verbose || options.exclude.includes(property)) return [];
      return [['property', { path: message.path(), property, value }]];
    }
    case 'tag':
      return options.tags ? [found('TAG', message), ...message.tags.map(tagEvent)] : [];
    case 'toc':
      if (!options.toc) return [];
      return [found('TOC', message), ...message.entries.flatMap((entry) => entryEvents(entry, 0))];
    case 'eos':
      return [['eos', {}]];
    case 'buffering':
      return [['buffering', { percent: message.percent }]];
    case 'latency':
      return [step('Redistribute latency...')];
    case 'new-clock':
      return [step(`New clock: ${message.clock}`)];
    case 'clock-lost':
      return [['clock-lost', {}]];
    case 'request-state':
      return [['request-state', { state: message.state, path: message.path() }]];
    case 'progress':
      return [['progress', { code: message.code, text: message.words }]];
    // The error a run fails with is told at its end, once; what GStreamer knows beside it is for those who ask.
    case 'error':
      return options.verbose ? [step(fromElement('ERROR', message))] : [];
    case 'other':
      return [];
    default:
      return message satisfies never;
  }
}

function elementEvents(
  { source, details }: BusMessage & { readonly type: 'element' },
  { channelOf }: MessageOptions,
): Told {
  if (details.name === 'missing-plugin') return [missingEvent(details.fields)];
  const event = elementEventName(details.name);
  if (event === null) return [];
  const channel = channelOf(source);
  const about: EventFields = channel === undefined ? {} : { channel };
  return [[event, { ...about, ...camelFields(details.fields) }]];
}

function missingEvent({ name, type, detail }: EventFields): Told[number] {
  const hint = installHint(packagesFor(String(type), String(detail)));
  const fields = { what: name ?? '(no description)', kind: type ?? '', detail: detail ?? '' };
  return ['missing-plugin', hint === undefined ? fields : { ...fields, hint }];
}

function warningEvents(message: Trouble, { verbose }: MessageOptions): Told {
  const event = ['warning', { message: message.message }] as const;
  return verbose ? [event, step(fromElement('WARNING', message))] : [event];
}

function fromElement(word: string, message: Trouble): string {
  const debug = message.debug === '' ? '' : `  Additional debug info: ${message.debug}`;
  return `${word}: from element ${message.path()}: ${message.message}${debug}`;
}

/** A line of gst-launch-1.0's. */
function step(text: string): Told[number] {
  return ['step', { text }];
}

function found(what: string, { source, path }: BusMessage): Told[number] {
  const isPad = path().endsWith(`.${source}`);
  return step(`FOUND ${what}      : found by ${isPad ? 'pad' : 'element'} "${source}".`);
}

function tagEvent({ name, value }: Tag): Told[number] {
  return ['tag', { name, value }];
}

function entryEvents({ kind, start, stop, tags, entries }: TocEntry, depth: number): Told {
  const times = {
    ...(start === null ? {} : { start: gstTime(start) }),
    ...(stop === null ? {} : { stop: gstTime(stop) }),
  };
  return [
    ['toc', { kind, depth, ...times }],
    ...tags.map(tagEvent),
    ...entries.flatMap((entry) => entryEvents(entry, depth + 1)),
  ];
}

function rawFields(message: BusMessage): EventFields {
  return { seqnum: message.seqnum, kind: message.kind, text: message.text() };
}
