/* The dozen things the launcher needs of GStreamer. node-gtk.ts is one way to have them; tests bring another. */
import type { EventFields } from '../events.ts';

export const STATES = ['void-pending', 'null', 'ready', 'paused', 'playing'] as const;
export type State = (typeof STATES)[number];

/** A structure of plain values. Fields of other types (lists, fractions) are left out. */
export interface Details {
  readonly name: string;
  readonly fields: EventFields;
}

interface FromBus {
  /** Name of the object that posted it. */
  readonly source: string;
  /** Its path in the pipeline; computed on demand, because each call costs memory that is never given back. */
  readonly path: () => string;
  readonly seqnum: number;
  /** GStreamer's name of the type, and its content as text, also on demand. */
  readonly kind: string;
  readonly text: () => string;
}

interface Trouble {
  readonly message: string;
  /** GStreamer's debug half: where in the code, then often a line that says more. */
  readonly debug: string;
  readonly details: Details | null;
}

/** One value of a tag, by the nick people know it by. */
export interface Tag {
  readonly name: string;
  readonly value: string;
}

/** A chapter, edition or the like; times in nanoseconds, null where they are not known. */
export interface TocEntry {
  readonly kind: string;
  readonly start: number | null;
  readonly stop: number | null;
  readonly tags: readonly Tag[];
  readonly entries: readonly TocEntry[];
}

export interface Position {
  /** Nanoseconds. */
  readonly position: number;
  /** Null where there is no end in sight. */
  readonly duration: number | null;
}

export type BusMessage = FromBus &
  (
    | ({ readonly type: 'error' | 'warning' } & Trouble)
    | { readonly type: 'element'; readonly details: Details }
    | {
        readonly type: 'state';
        /** True when it is the whole pipeline's state. */
        readonly top: boolean;
        readonly old: State;
        readonly current: State;
      }
    | { readonly type: 'property'; readonly property: string; readonly value: string }
    | { readonly type: 'buffering'; readonly percent: number }
    | { readonly type: 'tag'; readonly tags: readonly Tag[] }
    | { readonly type: 'toc'; readonly entries: readonly TocEntry[] }
    | { readonly type: 'new-clock'; readonly clock: string }
    | { readonly type: 'request-state'; readonly state: State }
    | { readonly type: 'progress'; readonly code: string; readonly words: string }
    | { readonly type: 'eos' | 'latency' | 'clock-lost' | 'other' }
  );

export interface ElementHandle {
  readonly name: string;
  /** Sets a string property, or an enumeration by nick. The property has to exist: GStreamer does not tell. */
  setString: (property: string, value: string) => void;
  setEnum: (property: string, nick: string) => void;
  setNumber: (property: string, value: number) => void;
  getNumber: (property: string) => number;
  /** Emits an action signal; it has to exist. */
  emit: (signal: string, ...values: readonly (string | boolean)[]) => void;
  /** What its `stats` property says of each peer. Waits for the element, which never waits for this thread. */
  readPeers: () => readonly EventFields[];
}

export interface PipelineHandle {
  readonly name: string;
  /** All elements made by that factory, wherever in the pipeline. */
  elementsOf: (factory: string) => readonly ElementHandle[];
  /** 'failed' leaves the reason on the bus; 'live' means that PAUSED gives no data. */
  setState: (
    state: 'null' | 'ready' | 'paused' | 'playing',
  ) => 'done' | 'pending' | 'live' | 'failed';
  /** The next message, or null. Never waits. */
  pop: () => BusMessage | null;
  /** Runs what GLib has queued for this thread: bindings free objects from there. */
  iterate: () => void;
  sendEos: () => void;
  recalculateLatency: () => void;
  /** Where in the stream it is, or null. */
  position: () => Position | null;
  /** Names of the elements that a change of state waits for. */
  waiting: () => readonly string[];
  /** Whether it has sinks, and none of them has been given anything yet: then there is nothing to finish. */
  isUntouched: () => boolean;
  /** The pipeline as a graph in the dot language. */
  graph: () => string;
  /** Makes the bus tell of every readable property that changes. */
  watchProperties: () => void;
  /** Stops all threads of the pipeline and lets it go. Blocks for as long as that takes; nothing works afterwards. */
  close: () => void;
}

export interface GstRuntime {
  /** For example `GStreamer 1.22.0`. */
  readonly version: string;
  hasElement: (factory: string) => boolean;
  /** Names of all elements that are installed. */
  elementNames: () => readonly string[];
  /** Throws Error with GStreamer's own words when the text is wrong. Elements exist afterwards; nothing runs. */
  parse: (text: string) => PipelineHandle;
}
