import type { Answer } from '../control/control.ts';
import { GST_LAUNCH_EVENTS } from '../events.ts';
import type { EventFields, EventName, LaunchEvent, Scalar } from '../events.ts';
import type { ElementPlan, LaunchPlan, Setting } from '../plan.ts';
import { maskSecrets } from '../gst/text.ts';
import type { Paint } from './paint.ts';
import { peerTable } from './peers.ts';
import { failureLine, NO_LINES, printable } from './report.ts';
import type { Lines, Report } from './report.ts';
import { duration, size } from './words.ts';

export interface HumanOptions {
  readonly paint: Paint;
  /** Only warnings and errors. */
  readonly quiet: boolean;
}

/** Lines for people: time, channel, who, what, how, how long. */
export function createHumanReport({ paint, quiet }: HumanOptions): Report {
  return {
    event: (event) => {
      if (quiet && !LOUD.has(event.event)) return NO_LINES;
      return eventLines(event, paint);
    },
    answer: (answer, width = Infinity) => answerLines(answer, width),
    plan: (plan) => ({ out: planLines(plan, paint), err: [] }),
    failure: (error) => ({ out: [], err: [failureLine(error)] }),
  };
}

function eventLines(event: LaunchEvent, paint: Paint): Lines {
  const said = SENTENCES[event.event](event.fields, paint, event.element);
  if (said === null) return NO_LINES;
  if (WORDS.has(event.event)) return { out: [], err: [said] };
  if (BARE.has(event.event)) return { out: [said], err: [] };
  const where = text(event.fields.channel ?? event.element);
  const head = `${paint.dim(clockTime(event.time))} ${paint.cyan(where)}`;
  return { out: [`${head}  ${said}`], err: [] };
}

/** What is said about results, rather than being one. */
const WORDS: ReadonlySet<EventName> = new Set([
  'state',
  'warning',
  'error',
  'stopping',
  'stuck',
  'graph',
  'hint',
]);

/** Lines without time and place: gst-launch-1.0's as it writes them, for those who search its output. */
const BARE: ReadonlySet<EventName> = new Set([...GST_LAUNCH_EVENTS, 'summary']);

/** What --quiet still says. */
const LOUD: ReadonlySet<EventName> = new Set(['warning', 'stuck', 'stalled']);

type Sentence = (fields: EventFields, paint: Paint, element: string) => string | null;

/** For how long an offer could have been lost, where one connection followed another. */
function gap(gapMs: Scalar | undefined): string {
  if (gapMs === undefined) return '';
  return gapMs === 0 ? ' (moved, without a gap)' : ` (again, after ${duration(gapMs)})`;
}

const SENTENCES: Readonly<Record<EventName, Sentence>> = {
  signaling: ({ state, detail, gapMs }, paint) => {
    const word = text(state);
    // On the way in the detail says the same again; on the way out it says why.
    if (word === 'connecting') return `signaling ${word}`;
    if (word === 'connected') return `signaling ${paint.green(word)}${gap(gapMs)}`;
    return `signaling ${paint.yellow(word)}${inBrackets(detail)}`;
  },
  'peer-connected': (fields, paint) =>
    `${who(fields, paint)} ${paint.green('connected')}  ${join([
      `${text(fields.localCandidate)} to ${text(fields.remoteCandidate)}`,
      text(fields.protocol),
      `in ${duration(fields.setupMs)}`,
    ])}`,
  'peer-disconnected': (fields, paint) =>
    `${who(fields, paint)} ${paint.yellow('disconnected')}  ${join([
      text(fields.reason),
      `after ${duration(fields.durationMs)}`,
      `${size(fields.bytesSent)} sent`,
      `${size(fields.bytesReceived)} received`,
    ])}`,
  'peer-refused': (fields, paint) =>
    `${who(fields, paint)} ${paint.red('refused')}  ${text(fields.reason)}`,
  waiting: (fields, paint) => `waits for the ${who(fields, paint)}`,
  'first-frame': (fields, paint) =>
    `${who(fields, paint)} first ${text(fields.media)} frame after ${duration(fields.ms)}`,
  stalled: (fields, paint) =>
    `${who(fields, paint)} ${paint.yellow(`has no ${text(fields.media)}`)} after ${duration(fields.ms)}, stuck at ${text(fields.stage)}: ${text(fields.detail)}`,
  track: (fields, paint) =>
    `${who(fields, paint)} ${fields.added === false ? 'ends' : 'sends'} ${join([
      text(fields.media),
      text(fields.codec),
      text(fields.pad),
    ])}`,
  'data-channel': (fields, paint) =>
    `${who(fields, paint)} opens data channel ${text(fields.label)}`,
  data: (fields, paint) =>
    `${who(fields, paint)} says on ${text(fields.label)}: ${text(fields.text)}`,
  stats: (fields, paint) =>
    `${who(fields, paint)} ${Object.entries(fields)
      .filter(([name]) => name !== 'peerId' && name !== 'channel')
      .map(([name, value]) => `${printable(name)} ${text(value)}`)
      .join(', ')}`,
  watch: ({ url }, paint) => `watch at ${paint.underline(text(url))}`,
  metrics: ({ url }, paint) => `metrics at ${paint.underline(text(url))}`,
  state: ({ state }) => (state === 'playing' ? 'playing; Ctrl-C ends it' : null),
  property: ({ path, property, value }) => `${text(path)}: ${text(property)} = ${text(value)}`,
  message: ({ seqnum, kind, text: content }, _, element) =>
    `Got message #${text(seqnum)} from element "${text(element)}" (${text(kind)}): ${
      content === '' ? 'no message details' : text(content)
    }`,
  step: (fields) => text(fields.text),
  tag: ({ name, value }) => `${text(name).padStart(16)}: ${text(value)}`,
  toc: ({ kind, depth, start, stop }) =>
    `${' '.repeat(2 * Number(depth))}${text(kind)}:${
      start === undefined ? '' : ` start: ${text(start)}`
    }${stop === undefined ? '' : ` stop: ${text(stop)}`}`,
  buffering: ({ percent }) => `buffering... ${text(percent)}%`,
  progress: (fields) => `Progress: (${text(fields.code)}) ${text(fields.text)}`,
  'clock-lost': () => 'Clock lost, selecting a new one',
  'request-state': ({ state, path }) =>
    `Setting state to ${text(state).toUpperCase()} as requested by ${text(path)}...`,
  'missing-plugin': ({ what, hint }) =>
    `Missing element: ${text(what)}${hint === undefined ? '' : `; ${text(hint)}`}`,
  stuck: ({ elements, seconds }) =>
    `kvswebrtc-launch: the pipeline does not start: after ${text(seconds)} s nothing has reached ${text(elements)}; look at what feeds it (after a tee each branch needs a queue)`,
  graph: ({ file }) => `kvswebrtc-launch: the pipeline's graph is in ${text(file)}`,
  summary: ({ ok, reason, peers, reached, firstFrameMs, seconds }, paint) =>
    `${ok === true ? paint.green('passed') : paint.red('failed')}: ${join([
      ok === true ? '' : text(reason),
      `${text(peers)} ${peers === 1 ? 'peer' : 'peers'} connected`,
      `media reached ${text(reached)}`,
      firstFrameMs === undefined ? '' : `first frame after ${duration(firstFrameMs)}`,
      `took ${text(seconds)} s`,
    ])}`,
  hint: ({ message }) => `kvswebrtc-launch: hint: ${text(message)}`,
  warning: ({ message }) => `kvswebrtc-launch: warning: ${text(message)}`,
  // The run ends with it, and that is where it is told.
  error: () => null,
  stopping: () => 'stopping: waits for the end of the stream; a second signal forces it',
  eos: (_fields, _paint, element) => `Got EOS from element "${text(element)}".`,
};

/** A peer's id, or what stands for one that has none. */
function who(fields: EventFields, paint: Paint): string {
  return paint.bold(text(fields.peerId ?? '(peer)') || '(peer)');
}

/** Any field, safe to print. */
function text(value: EventFields[string] | undefined): string {
  return value === undefined ? '?' : printable(String(value));
}

function inBrackets(value: EventFields[string] | undefined): string {
  return value === undefined || value === '' ? '' : ` (${text(value)})`;
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}

function clockTime(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** What was asked for is a result; that it could not be done is said about one. */
function answerLines(answer: Answer, width: number): Lines {
  switch (answer.kind) {
    case 'peers':
    case 'stats':
      return { out: peerTable(answer.kind, answer.elements, answer.peers, width), err: [] };
    case 'help':
      return { out: answer.lines, err: [] };
    case 'done':
      return { out: [printable(answer.message)], err: [] };
    case 'fault':
      return { out: [], err: [`kvswebrtc-launch: ${printable(answer.message)}`] };
    default:
      return answer satisfies never;
  }
}

function planLines(plan: LaunchPlan, paint: Paint): readonly string[] {
  const local = plan.local;
  return [
    `pipeline  ${printable(maskSecrets(plan.pipeline))}`,
    ...(local === null ? [] : [`service   local, port ${local.port === 0 ? 'any' : local.port}`]),
    ...plan.elements.flatMap((element) => elementLines(element, paint)),
  ];
}

function elementLines(element: ElementPlan, paint: Paint): readonly string[] {
  const { keys } = element;
  const local = keys.kind === 'local';
  const service = local ? '(of the local service)' : null;
  const rows: readonly (readonly [string, Setting | null, string])[] = [
    ['channel', element.channel, ''],
    ['role', element.role, ''],
    ['region', element.region, service ?? '(of the profile)'],
    ['client-id', element.clientId, '(a fresh one)'],
    ['endpoint', element.endpoint, service ?? '(of AWS)'],
    ['profile', keys.kind === 'chain' ? keys.profile : null, '(none)'],
  ];
  return [
    `element   ${paint.bold(element.name)}`,
    ...rows.map(([label, setting, otherwise]) => {
      const value = setting === null ? paint.dim(otherwise) : printable(setting.value);
      const origin = setting === null ? '' : paint.dim(`  ${originOf(setting)}`);
      return `  ${label.padEnd(12)}${value}${origin}`;
    }),
    `  ${'keys'.padEnd(12)}${KEY_WORDS[keys.kind]}`,
  ];
}

const KEY_WORDS = {
  text: 'as the pipeline text gives them',
  local: 'fresh ones of the local service',
  chain: 'found where AWS tools look',
} as const;

function originOf({ from, name }: Setting): string {
  switch (from) {
    case 'option':
      return `option ${name}`;
    case 'text':
      return 'pipeline text';
    case 'environment':
      return `environment ${name}`;
    case 'config':
      return `file ${name}`;
    case 'local':
      return `default of ${name}`;
    case 'channel':
      return 'channel ARN';
    case 'default':
      return 'default';
    default:
      return from satisfies never;
  }
}
