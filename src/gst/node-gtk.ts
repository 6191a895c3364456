/* GStreamer through node-gtk: the only file that knows the bindings, and where their traps are stepped around. */
import gi from 'node-gtk';
import type {
  GLibNamespace,
  GstBin,
  GstElement,
  GstMessage,
  GstNamespace,
  GstStructure,
  GstTagList,
  GstTocEntry,
} from 'node-gtk';
import type { EventFields, Scalar } from '../events.ts';
import type {
  BusMessage,
  Details,
  ElementHandle,
  GstRuntime,
  PipelineHandle,
  Position,
  State,
  Tag,
  TocEntry,
} from './runtime.ts';
import { FACTORY } from './plugin.ts';
import { STATES } from './runtime.ts';

/**
 * Starts GStreamer, with its own options (`--gst-debug=…`). The environment's GST_… variables count, so set
 * GST_PLUGIN_PATH before. Only the main thread may call it: the bindings crash in workers.
 */
export function createRuntime(options: readonly string[] = []): GstRuntime {
  const gst = gi.require('Gst', '1.0');
  const glib = gi.require('GLib', '2.0');
  // It takes the first word for the program's name.
  gst.init(['kvswebrtc-launch', ...options]);
  return {
    version: gst.versionString(),
    hasElement: (factory) => gst.ElementFactory.find(factory) !== null,
    elementNames: () => gst.ElementFactory.listGetElements(ANY_ELEMENT, 0).map(({ name }) => name),
    parse: (text) => openPipeline(gst, glib, inPipeline(gst, gst.parseLaunch(text))),
  };
}

/** GST_ELEMENT_FACTORY_TYPE_ANY, which the bindings do not have. */
const ANY_ELEMENT = (1n << 49n) - 1n;

/** Text with a single element, or one bin in parentheses, parses to that: it still needs a bus and a clock. */
function inPipeline(gst: GstNamespace, parsed: GstElement): GstBin {
  if (parsed instanceof gst.Pipeline) return parsed;
  const pipeline = gst.Pipeline.new(null);
  pipeline.add(parsed);
  return pipeline;
}

function openPipeline(gst: GstNamespace, glib: GLibNamespace, bin: GstBin): PipelineHandle {
  // Dropped on close, so that the collector can free the pipeline's last reference.
  let held: GstBin | null = bin;
  const pipeline = () => {
    if (held === null) throw new Error('the pipeline is closed');
    return held;
  };
  const bus = bin.getBus();
  const context = glib.MainContext.default();
  const iterate = () => {
    while (context.iteration(false));
  };
  return {
    name: bin.name,
    elementsOf: (factory) => findElements(gst, pipeline(), factory),
    setState: (state) => {
      const states = {
        null: gst.State.NULL,
        ready: gst.State.READY,
        paused: gst.State.PAUSED,
        playing: gst.State.PLAYING,
      };
      return changeResult(gst, pipeline().setState(states[state]));
    },
    pop: () => {
      const message = bus.pop();
      return message === null ? null : toBusMessage(gst, message, bin.name);
    },
    iterate,
    sendEos: () => {
      pipeline().sendEvent(gst.Event.newEos());
    },
    recalculateLatency: () => {
      pipeline().recalculateLatency();
    },
    position: () => positionOf(gst, pipeline()),
    waiting: () => findWaiting(gst, pipeline()),
    isUntouched: () => {
      const sinks = findSinks(gst, pipeline());
      return sinks.length > 0 && sinks.every((sink) => isWaiting(gst, sink));
    },
    graph: () => gst.debugBinToDotData(pipeline(), gst.DebugGraphDetails.ALL),
    watchProperties: () => {
      pipeline().addPropertyDeepNotifyWatch(null, true);
    },
    close: () => {
      pipeline().setState(gst.State.NULL);
      held = null;
      collectGarbage();
      iterate();
    },
  };
}

/** Walks by index: the bindings cannot use GStreamer's iterators. Does not look inside what it finds. */
function findElements(gst: GstNamespace, bin: GstBin, factory: string): readonly ElementHandle[] {
  const found: ElementHandle[] = [];
  const count = bin.getChildrenCount();
  for (let index = 0; index < count; index++) {
    const child = bin.getChildByIndex(index);
    if (child === null) continue;
    if (child.getFactory()?.getName() === factory) found.push(elementHandle(gst, child));
    else if (child instanceof gst.Bin) found.push(...findElements(gst, child, factory));
  }
  return found;
}

function positionOf(gst: GstNamespace, bin: GstBin): Position | null {
  const [isKnown, position] = bin.queryPosition(gst.Format.TIME);
  if (!isKnown || position < 0n) return null;
  const [hasEnd, duration] = bin.queryDuration(gst.Format.TIME);
  return {
    position: Number(position),
    duration: hasEnd && duration >= 0n ? Number(duration) : null,
  };
}

function isWaiting(gst: GstNamespace, element: GstElement): boolean {
  return element.getState(0n)[0] === gst.StateChangeReturn.ASYNC;
}

/** Ours is none: what it sends needs no end. */
function findSinks(gst: GstNamespace, bin: GstBin): readonly GstElement[] {
  const found: GstElement[] = [];
  const count = bin.getChildrenCount();
  for (let index = 0; index < count; index++) {
    const child = bin.getChildByIndex(index);
    const factory = child?.getFactory() ?? null;
    if (child === null || factory?.getName() === FACTORY) continue;
    if (factory?.getMetadata('klass')?.split('/').includes('Sink') === true) found.push(child);
    else if (child instanceof gst.Bin) found.push(...findSinks(gst, child));
  }
  return found;
}

/** The innermost ones: a bin waits for what is in it. */
function findWaiting(gst: GstNamespace, bin: GstBin): readonly string[] {
  const names: string[] = [];
  const count = bin.getChildrenCount();
  for (let index = 0; index < count; index++) {
    const child = bin.getChildByIndex(index);
    if (child === null || !isWaiting(gst, child)) continue;
    const inside = child instanceof gst.Bin ? findWaiting(gst, child) : [];
    names.push(...(inside.length > 0 ? inside : [child.name]));
  }
  return names;
}

function elementHandle(gst: GstNamespace, element: GstElement): ElementHandle {
  // Not the element's own setProperty: in a bin that is GstChildProxy's, which wants a GValue.
  const { setProperty, getProperty } = gi.require('GObject', '2.0').Object.prototype;
  return {
    name: element.name,
    setString: (property, value) => {
      setProperty.call(element, property, value);
    },
    setEnum: (property, nick) => {
      gst.utilSetObjectArg(element, property, nick);
    },
    setNumber: (property, value) => {
      setProperty.call(element, property, value);
    },
    getNumber: (property) => Number(getProperty.call(element, property)),
    emit: (signal, ...values) => {
      element.emit(signal, ...values);
    },
    readPeers: () => readPeers(getProperty.call(element, 'stats') as GstStructure),
  };
}

/** The element numbers them: `peer-0`, `peer-1`, each a structure in the structure. */
function readPeers(stats: GstStructure): readonly EventFields[] {
  const peers: EventFields[] = [];
  for (let index = 0; index < stats.nFields(); index++) {
    const name = stats.nthFieldName(index);
    if (/^peer-\d+$/.test(name))
      peers.push(toFields(stats.getValue(name).getBoxed() as GstStructure));
  }
  return peers;
}

function changeResult(gst: GstNamespace, result: number): ReturnType<PipelineHandle['setState']> {
  switch (result) {
    case gst.StateChangeReturn.FAILURE:
      return 'failed';
    case gst.StateChangeReturn.ASYNC:
      return 'pending';
    case gst.StateChangeReturn.NO_PREROLL:
      return 'live';
    default:
      return 'done';
  }
}

function toBusMessage(gst: GstNamespace, message: GstMessage, top: string): BusMessage {
  const source = message.src?.name ?? '';
  const common = {
    source,
    path: () => message.src?.getPathString() ?? '',
    seqnum: message.seqnum,
    kind: gst.messageTypeGetName(message.type),
    text: () => message.getStructure()?.toString() ?? '',
  };
  const types = gst.MessageType;
  switch (message.type) {
    case types.ERROR: {
      const [error, debug] = message.parseError();
      const details = toDetails(message.parseErrorDetails());
      return { ...common, type: 'error', message: error.message, debug: debug ?? '', details };
    }
    case types.WARNING: {
      const [error, debug] = message.parseWarning();
      const details = toDetails(message.parseWarningDetails());
      return { ...common, type: 'warning', message: error.message, debug: debug ?? '', details };
    }
    case types.ELEMENT: {
      const details = toDetails(message.getStructure());
      return details === null
        ? { ...common, type: 'other' }
        : { ...common, type: 'element', details };
    }
    case types.STATE_CHANGED: {
      const [old, current] = message.parseStateChanged().map(stateName);
      return {
        ...common,
        type: 'state',
        top: source === top,
        old: old ?? 'void-pending',
        current: current ?? 'void-pending',
      };
    }
    case types.PROPERTY_NOTIFY: {
      const [object, property, value] = message.parsePropertyNotify();
      return {
        ...common,
        source: object.name,
        path: () => object.getPathString(),
        type: 'property',
        property,
        value: value === null ? '' : String(value.getBoxed()),
      };
    }
    case types.BUFFERING:
      return { ...common, type: 'buffering', percent: message.parseBuffering() };
    case types.EOS:
      // An element's own end of stream stays inside its bin: only the pipeline's arrives here.
      return { ...common, type: 'eos' };
    case types.LATENCY:
      return { ...common, type: 'latency' };
    case types.CLOCK_LOST:
      return { ...common, type: 'clock-lost' };
    case types.NEW_CLOCK:
      return { ...common, type: 'new-clock', clock: message.parseNewClock()?.name ?? 'NULL' };
    case types.REQUEST_STATE:
      return { ...common, type: 'request-state', state: stateName(message.parseRequestState()) };
    case types.PROGRESS: {
      const [, code, words] = message.parseProgress();
      return { ...common, type: 'progress', code, words };
    }
    case types.TAG:
      return { ...common, type: 'tag', tags: toTags(gst, message.parseTag()) };
    case types.TOC: {
      const [toc] = message.parseToc();
      return { ...common, type: 'toc', entries: toc.getEntries().map((one) => toEntry(gst, one)) };
    }
    default:
      return { ...common, type: 'other' };
  }
}

function toTags(gst: GstNamespace, list: GstTagList): readonly Tag[] {
  const tags: Tag[] = [];
  for (let index = 0; index < list.nTags(); index++) {
    const tag = list.nthTagName(index);
    for (let nth = 0; nth < list.getTagSize(tag); nth++) {
      tags.push({ name: gst.tagGetNick(tag), value: tagValue(list, tag, nth) });
    }
  }
  return tags;
}

/** What the bindings cannot read, such as pictures and dates, is shown as GStreamer writes it, cut short. */
function tagValue(list: GstTagList, tag: string, nth: number): string {
  try {
    const value = list.getValueIndex(tag, nth)?.getBoxed();
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return String(value);
    }
    if (typeof value === 'bigint') return value.toString();
  } catch {
    // The bindings throw for types they do not know.
  }
  const text = list.toString();
  const at = text.indexOf(`${tag}=`);
  const shown = at === -1 ? '' : text.slice(at + tag.length + 1).replace(/^\([\w-]+\)/, '');
  return /^("(?:\\.|[^"\\])*"|[^,;]*)/.exec(shown)?.[0].slice(0, LONGEST_TAG) ?? '';
}

const LONGEST_TAG = 200;

function toEntry(gst: GstNamespace, entry: GstTocEntry): TocEntry {
  const [, start, stop] = entry.getStartStopTimes();
  const tags = entry.getTags();
  return {
    kind: gst.tocEntryTypeGetNick(entry.getEntryType()),
    start: start < 0n ? null : Number(start),
    stop: stop < 0n ? null : Number(stop),
    tags: tags === null ? [] : toTags(gst, tags),
    entries: entry.getSubEntries().map((one) => toEntry(gst, one)),
  };
}

function stateName(state: number): State {
  return STATES[state] ?? 'void-pending';
}

function toDetails(structure: GstStructure | null): Details | null {
  return structure === null ? null : { name: structure.getName(), fields: toFields(structure) };
}

function toFields(structure: GstStructure): EventFields {
  const fields: Record<string, Scalar> = {};
  for (let index = 0; index < structure.nFields(); index++) {
    const name = structure.nthFieldName(index);
    const value = toScalar(structure, name);
    if (value !== null) fields[name] = value;
  }
  return fields;
}

/** Lists, fractions and objects cannot be read through the bindings; they are left out. */
function toScalar(structure: GstStructure, field: string): Scalar | null {
  try {
    const value = structure.getValue(field).getBoxed();
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return value;
    }
  } catch {
    // The bindings throw for types they do not know.
  }
  return null;
}

/** Two descriptors and some memory of a pipeline are only given back by the collector. */
function collectGarbage(): void {
  // Not imported: a start does without them, and v8 takes time to load.
  process.getBuiltinModule('node:v8').setFlagsFromString('--expose-gc');
  const collect: unknown = process.getBuiltinModule('node:vm').runInNewContext('gc');
  if (typeof collect === 'function') (collect as () => void)();
}
