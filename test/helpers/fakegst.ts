/* A GStreamer with a memory instead of media: tests post messages and read what it was asked. */
import type { EventFields } from '../../src/events.ts';
import type { BusMessage, GstRuntime, PipelineHandle } from '../../src/gst/runtime.ts';

type Particular<Message> = Message extends BusMessage
  ? Omit<Message, 'path' | 'seqnum' | 'kind' | 'text' | 'source'> & { readonly source?: string }
  : never;

export interface FakeElement {
  readonly factory: string;
  readonly name: string;
}

export interface FakeGst extends GstRuntime {
  /** What was asked, in order: `parse`, `set k channel=cam1`, `state playing`, `eos`, `close`. */
  readonly asked: readonly string[];
  readonly post: (message: Particular<BusMessage>) => void;
}

export interface FakeOptions {
  readonly elements?: readonly FakeElement[];
  readonly states?: Partial<
    Record<'null' | 'ready' | 'paused' | 'playing', ReturnType<PipelineHandle['setState']>>
  >;
  readonly parseError?: string;
  readonly waiting?: readonly string[];
  readonly untouched?: boolean;
  readonly numbers?: Readonly<Record<string, number>>;
  /** By the name of the element. */
  readonly peers?: Readonly<Record<string, readonly EventFields[]>>;
  /** Called for everything asked, as soon as it is. */
  readonly onAsked?: (asked: string, gst: FakeGst) => void;
}

export function createFakeGst(options: FakeOptions = {}): FakeGst {
  const asked: string[] = [];
  const queue: BusMessage[] = [];
  const note = (text: string) => {
    asked.push(text);
    options.onAsked?.(text, gst);
  };
  const pipeline: PipelineHandle = {
    name: 'pipeline0',
    elementsOf: (factory) =>
      (options.elements ?? [])
        .filter((element) => element.factory === factory)
        .map(({ name }) => ({
          name,
          setString: (property, value) => {
            note(`set ${name} ${property}=${value}`);
          },
          setEnum: (property, nick) => {
            note(`set ${name} ${property}=${nick}`);
          },
          setNumber: (property, value) => {
            note(`set ${name} ${property}=${value}`);
          },
          getNumber: (property) => options.numbers?.[property] ?? 0,
          emit: (signal, ...values) => {
            note(`emit ${name} ${signal} ${JSON.stringify(values)}`);
          },
          readPeers: () => options.peers?.[name] ?? [],
        })),
    setState: (state) => {
      note(`state ${state}`);
      return options.states?.[state] ?? 'done';
    },
    pop: () => queue.shift() ?? null,
    iterate: () => undefined,
    sendEos: () => {
      note('eos');
    },
    recalculateLatency: () => {
      note('latency');
    },
    position: () => null,
    waiting: () => options.waiting ?? [],
    isUntouched: () => options.untouched ?? false,
    graph: () => 'digraph pipeline {}',
    watchProperties: () => {
      note('watch properties');
    },
    close: () => {
      note('close');
    },
  };
  const gst: FakeGst = {
    asked,
    version: 'GStreamer 0.0.0',
    hasElement: () => true,
    elementNames: () => ['videotestsrc', 'fakesink', 'kinesiswebrtcbin'],
    parse: (text) => {
      note(`parse ${text}`);
      if (options.parseError !== undefined) throw new Error(options.parseError);
      return pipeline;
    },
    post: (message) => {
      const { source = 'pipeline0' } = message;
      const rest = { path: () => `/${source}`, seqnum: 1, kind: message.type, text: () => '' };
      queue.push({ ...message, ...rest, source });
    },
  };
  return gst;
}
