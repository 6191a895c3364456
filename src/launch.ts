import { once } from 'node:events';
import { complete } from './control/complete.ts';
import { openConsole } from './control/console.ts';
import type { Console, Streams } from './control/console.ts';
import { createControl } from './control/control.ts';
import { createGreeter } from './control/greeting.ts';
import { parseLine } from './control/line.ts';
import { findAccess } from './aws/access.ts';
import type { Access } from './aws/access.ts';
import type { LaunchRequest } from './cli.ts';
import { equip, openPipeline, renewKeys } from './equip.ts';
import type { Equipped } from './equip.ts';
import type { EventFields, EventName } from './events.ts';
import { messageOf } from './errors.ts';
import { toEvents } from './gst/messages.ts';
import { play, takeDown } from './gst/pipeline.ts';
import type { Ending, PlayOptions } from './gst/pipeline.ts';
import type { GstRuntime, PipelineHandle } from './gst/runtime.ts';
import { startLocalService } from './local.ts';
import { makePlan } from './plan.ts';
import type { Environment, LaunchPlan } from './plan.ts';
import type { Lines, Report } from './report/report.ts';
import type { Service } from './service/index.ts';

/** What a launch is given of the world. */
export interface LaunchContext {
  readonly env: Environment;
  readonly report: Report;
  readonly print: (lines: Lines) => void;
  /** Ends the run in order. */
  readonly signal: AbortSignal;
  /** Does what makes `signal` end it. */
  readonly stop: () => void;
  /** Of the process; for --interactive. */
  readonly streams: Streams;
  readonly loadRuntime: () => Promise<GstRuntime>;
  /** Called before threads are waited for, as nothing here can answer a signal then. */
  readonly beforeBlocking: () => void;
}

/** How long `-e` waits for the end of the stream to come through. */
const EOS_LIMIT_MS = 10_000;

/**
 * Runs one pipeline from plan to end. Resolves when it is done or was stopped; rejects with LaunchError
 * when it failed. Nothing of it is left running either way.
 */
export async function launch(request: LaunchRequest, context: LaunchContext): Promise<void> {
  const plan = makePlan(request, context.env);
  if (request.dryRun) {
    context.print(context.report.plan(plan));
    return;
  }
  const runtime = await context.loadRuntime();
  const pipeline = openPipeline(runtime, plan.pipeline);
  const over = new AbortController();
  let service: Service | null = null;
  let onMessage: PlayOptions['onMessage'] | null = null;
  let console: Console | null = null;
  try {
    service = await startService(plan);
    announce(plan, service, context);
    const access = await accessFor(plan, service, context);
    if (access === null) return;
    const equipped = equip(pipeline, plan.elements, access);
    renew(equipped, over.signal, context);
    console = request.interactive ? openControl(equipped, request, context) : null;
    const print = console?.print ?? context.print;
    onMessage = messagePrinter(equipped, request, { ...context, print });
    const ending = await playEquipped(pipeline, request, { ...context, print }, onMessage);
    if (ending.kind === 'failed') throw ending.error;
  } finally {
    over.abort();
    console?.close();
    context.beforeBlocking();
    if (onMessage !== null) takeDown(pipeline, onMessage);
    pipeline.close();
    await service?.close();
  }
}

/** A viewer creates no channel, and nobody else could have done so before it. */
async function startService({ local, elements }: LaunchPlan): Promise<Service | null> {
  if (local === null) return null;
  const { port, region } = local;
  const viewers = elements.filter(({ role }) => role.value === 'viewer');
  const channels = viewers.map(({ channel }) => channel.value).filter((name) => !isArn(name));
  return startLocalService({ port, channels, ...(region === null ? {} : { region }) });
}

function isArn(channel: string): boolean {
  return channel.startsWith('arn:');
}

/** Says where to watch each channel this pipeline sends to. */
function announce(plan: LaunchPlan, service: Service | null, context: LaunchContext): void {
  if (service === null) return;
  for (const { name, channel, role } of plan.elements) {
    if (role.value !== 'master') continue;
    const url = service.watchUrl(channel.value);
    tell(context, 'watch', name, { channel: channel.value, url });
  }
}

/** Null when the user has stopped waiting: a look-up may take its time and cannot be called off. */
function accessFor(
  plan: LaunchPlan,
  service: Service | null,
  context: LaunchContext,
): Promise<readonly Access[] | null> {
  const warn = (message: string) => {
    tell(context, 'warning', '', { message });
  };
  return unlessAborted(findAccess(plan.elements, service, warn), context.signal);
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const waiting = new AbortController();
  const stopped = once(signal, 'abort', { signal: waiting.signal }).then(
    () => null,
    () => null,
  );
  try {
    return signal.aborted ? null : await Promise.race([work, stopped]);
  } finally {
    waiting.abort();
  }
}

function renew(equipped: readonly Equipped[], over: AbortSignal, context: LaunchContext): void {
  const onFailure = (element: string, error: unknown) => {
    const message = `the keys could not be renewed: ${messageOf(error)}`;
    tell(context, 'warning', element, { message });
  };
  renewKeys(equipped, over, onFailure);
}

/** Lines of standard input as commands and texts, from now until the run ends. */
function openControl(
  equipped: readonly Equipped[],
  { output }: LaunchRequest,
  { streams, print, report, signal, stop, env }: LaunchContext,
): Console {
  const control = createControl(
    equipped.map(({ handle }) => handle),
    stop,
  );
  const console = openConsole({
    streams,
    plain: output.json || env.TERM === 'dumb',
    print,
    onLine: (line) => {
      const parsed = parseLine(line);
      if (parsed === null) return;
      const answer =
        parsed.name === 'fault'
          ? ({ command: null, kind: 'fault', message: parsed.message } as const)
          : control.perform(parsed);
      console.print(report.answer(answer));
    },
    complete: (line) => complete(line, control.peerIds()),
    onInterrupt: () => process.kill(process.pid, 'SIGINT'),
    greeting: { out: [], err: ['help shows the commands; any other line is sent to every peer'] },
  });
  // Not only at the end: while `-e` waits for that, a second Ctrl-C is to be a signal.
  signal.addEventListener('abort', console.close, { once: true });
  return console;
}

/** Prints what the bus tells, with the channel of the element that tells it, and greets who comes. */
function messagePrinter(
  equipped: readonly Equipped[],
  { verbose, messages, send }: LaunchRequest,
  { print, report }: LaunchContext,
): PlayOptions['onMessage'] {
  const channels = new Map(equipped.map(({ handle, plan }) => [handle.name, plan.channel.value]));
  const options = { verbose, messages, channelOf: (name: string) => channels.get(name) };
  const greet = createGreeter(
    equipped.map(({ handle }) => handle),
    send,
  );
  return (message) => {
    greet(message);
    for (const event of toEvents(message, options, new Date())) print(report.event(event));
  };
}

function playEquipped(
  pipeline: PipelineHandle,
  { verbose, eosOnShutdown }: LaunchRequest,
  context: LaunchContext,
  onMessage: PlayOptions['onMessage'],
): Promise<Ending> {
  if (verbose) pipeline.watchProperties();
  return play(pipeline, {
    signal: context.signal,
    eosLimitMs: eosOnShutdown ? EOS_LIMIT_MS : null,
    onStopping: () => {
      tell(context, 'stopping', pipeline.name, {});
    },
    onMessage,
  });
}

function tell(
  { print, report }: LaunchContext,
  event: EventName,
  element: string,
  fields: EventFields,
): void {
  print(report.event({ time: new Date(), event, element, fields }));
}
