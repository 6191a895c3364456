import { complete } from './control/complete.ts';
import type { Console, Streams } from './control/console.ts';
import { createControl } from './control/control.ts';
import type { Control } from './control/control.ts';
import { createGreeter } from './control/greeting.ts';
import { parseLine } from './control/line.ts';
import { findAccess } from './aws/access.ts';
import type { Access } from './aws/access.ts';
import type { LaunchRequest } from './request.ts';
import { readConfig } from './config.ts';
import type { Environment } from './config.ts';
import { equip, openPipeline, renewKeys } from './equip.ts';
import type { Equipped } from './equip.ts';
import type { EventFields, EventName } from './events.ts';
import { messageOf } from './errors.ts';
import { toEvents } from './gst/messages.ts';
import { play, takeDown } from './gst/pipeline.ts';
import type { Ending, PlayOptions } from './gst/pipeline.ts';
import type { ElementHandle, GstRuntime, PipelineHandle } from './gst/runtime.ts';
import { startLocalService } from './local.ts';
import type { Metrics } from './metrics.ts';
import { queuedPadHint } from './muxers.ts';
import { awaited } from './patience.ts';
import { makePlan, NO_ELEMENT_HINT } from './plan.ts';
import type { LaunchPlan } from './plan.ts';
import { printable } from './report/report.ts';
import type { Lines, Report } from './report/report.ts';
import type { Screen } from './report/screen.ts';
import { frameAt } from './report/spinner.ts';
import { gstTime, positionLine } from './report/words.ts';
import type { Service } from './service/index.ts';
import { openSmoke, startClock } from './smoke.ts';
import type { Smoke } from './smoke.ts';
import { writeGraph } from './snapshot.ts';
import { createWaiting } from './waiting.ts';
import type { Waiting } from './waiting.ts';

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
  /** With options of GStreamer's; `needsPlugin` where the pipeline has one of our elements. */
  readonly loadRuntime: (options: readonly string[], needsPlugin: boolean) => Promise<GstRuntime>;
  /** Calls the handler on that signal until what it returns is called. */
  readonly hear: (signal: 'SIGHUP' | 'SIGUSR1', handler: () => void) => () => void;
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
  const config = readConfig(request.config, context.env);
  const plan = makePlan(request, context.env, config);
  if (request.dryRun) {
    context.print(context.report.plan(plan));
    return;
  }
  const runtime = await context.loadRuntime(request.gstOptions, plan.elements.length > 0);
  const pipeline = await openPipeline(runtime, plan.pipeline);
  const over = new AbortController();
  let service: Service | null = null;
  let onMessage: PlayOptions['onMessage'] | null = null;
  let console: Console | null = null;
  let smoke: Smoke | null = null;
  let tellVerdict: (() => void) | undefined;
  let metrics: Metrics | null = null;
  const ends: (() => void)[] = [];
  try {
    service = await startService(plan);
    announce(plan, service, context);
    const access = await accessFor(plan, service, context);
    if (access === null) return;
    const equipped = equip(pipeline, plan.elements, access);
    renew(equipped, over.signal, context);
    metrics = await serveMetrics(request, equipped, context);
    const control = createControl(handlesOf(equipped), context.stop);
    console = request.interactive ? await openControl(control, request, context) : null;
    const foot = console === null ? await openFoot(request, context) : null;
    const print = console?.print ?? foot?.print ?? context.print;
    const printing = { ...context, print };
    const hint = plan.elements.length === 0 ? HINT : queuedPadHint(plan.pipeline);
    if (hint !== null) tell(printing, 'hint', pipeline.name, { message: hint });
    ends.push(hearSignals(pipeline, control, printing));
    const waiting = createWaiting(new Map(equipped.map((it) => [it.handle.name, it.plan])));
    ends.push(
      request.stats === null
        ? showProgress(pipeline, request, printing, foot, waiting)
        : showStats(request.stats, control, printing, foot),
    );
    const printer = messagePrinter(equipped, request, printing, metrics, waiting);
    const say = (event: EventName, element: string, fields: EventFields) => {
      tell(printing, event, element, fields);
    };
    smoke = openSmoke(request, { runtime, equipped, onMessage: printer, stop: context.stop, say });
    onMessage = smoke?.onMessage ?? printer;
    ends.push(startClock(request, smoke, context.stop));
    const ending = await playEquipped(pipeline, request, printing, onMessage);
    ends.splice(0).forEach((end) => {
      end();
    });
    if (ending.kind === 'failed') throw ending.error;
    tellVerdict = smoke?.judge();
  } finally {
    ends.forEach((end) => {
      end();
    });
    over.abort();
    console?.close();
    context.beforeBlocking();
    smoke?.close();
    await metrics?.close();
    if (onMessage !== null) takeDown(pipeline, onMessage);
    pipeline.close();
    await service?.close();
  }
  // The last word, after all that the end of it had to tell.
  tellVerdict?.();
}

const HINT = `there is no kinesiswebrtcbin in this pipeline, so nobody can watch it; ${NO_ELEMENT_HINT}`;

function handlesOf(equipped: readonly Equipped[]): readonly ElementHandle[] {
  return equipped.map(({ handle }) => handle);
}

/** On a terminal for people, what changes in place has its place at the foot. */
async function openFoot(
  { output }: LaunchRequest,
  { streams, env, print }: LaunchContext,
): Promise<Screen | null> {
  const { stdout } = streams;
  const isPlain = output.json || output.quiet || env.TERM === 'dumb';
  if (!stdout.isTTY || isPlain) return null;
  const { createScreen } = await import('./report/screen.ts');
  return createScreen(stdout, print);
}

/** SIGHUP writes the pipeline's graph, SIGUSR1 prints statistics. Returns what ends that. */
function hearSignals(
  pipeline: PipelineHandle,
  control: Control,
  context: LaunchContext,
): () => void {
  const ends = [
    context.hear('SIGHUP', () => {
      writeGraph(pipeline.graph(), context.env, new Date()).then(
        (file) => {
          tell(context, 'graph', pipeline.name, { file });
        },
        (error: unknown) => {
          const message = `the graph cannot be written: ${messageOf(error)}`;
          tell(context, 'warning', pipeline.name, { message });
        },
      );
    }),
    context.hear('SIGUSR1', () => {
      context.print(context.report.answer(control.perform({ name: 'stats' })));
    }),
  ];
  return () => {
    ends.forEach((end) => {
      end();
    });
  };
}

/** A table at the foot of a terminal, elsewhere one after the other. */
function showStats(
  seconds: number,
  control: Control,
  { print, report }: LaunchContext,
  foot: Screen | null,
): () => void {
  const timer = setInterval(() => {
    const lines = report.answer(control.perform({ name: 'stats' }), foot?.width());
    if (foot === null) print(lines);
    else foot.show(lines.out);
  }, seconds * 1000);
  return () => {
    clearInterval(timer);
    foot?.show([]);
  };
}

const PROGRESS_MS = 100;

/**
 * The position as gst-launch-1.0 shows it, in place on a terminal, line by line elsewhere when forced to; and on
 * a terminal what is waited for.
 */
function showProgress(
  pipeline: PipelineHandle,
  { position, output, interactive }: LaunchRequest,
  { print }: LaunchContext,
  foot: Screen | null,
  waiting: Waiting,
): () => void {
  const isWanted = position ?? foot !== null;
  const isShown = isWanted || foot !== null;
  if (!isShown || output.json || output.quiet || interactive) return () => undefined;
  const timer = setInterval(() => {
    const line = isWanted ? positionLine(pipeline.position()) : null;
    const lines = line === null ? [] : [line];
    if (foot === null) print({ out: lines, err: [] });
    else foot.show([...lines, ...waitingLines(waiting)]);
  }, PROGRESS_MS);
  return () => {
    clearInterval(timer);
    foot?.show([]);
  };
}

function waitingLines(waiting: Waiting): readonly string[] {
  const frame = frameAt(performance.now());
  return waiting.what().map((what) => `${frame} waiting for ${printable(what)}`);
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

async function serveMetrics(
  { metrics: address }: LaunchRequest,
  equipped: readonly Equipped[],
  context: LaunchContext,
): Promise<Metrics | null> {
  if (address === null) return null;
  const { openMetrics } = await import('./metrics.ts');
  const metrics = await openMetrics(address, equipped);
  tell(context, 'metrics', '', { url: metrics.url });
  return metrics;
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
  return awaited(findAccess(plan.elements, service, warn), 'looking for AWS credentials', context);
}

function renew(equipped: readonly Equipped[], over: AbortSignal, context: LaunchContext): void {
  const onFailure = (element: string, error: unknown) => {
    const message = `the keys could not be renewed: ${messageOf(error)}`;
    tell(context, 'warning', element, { message });
  };
  renewKeys(equipped, over, onFailure);
}

/** Lines of standard input as commands and texts, from now until the run ends. */
async function openControl(
  control: Control,
  { output }: LaunchRequest,
  { streams, print, report, signal, env }: LaunchContext,
): Promise<Console> {
  const { openConsole } = await import('./control/console.ts');
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
  { verbose, exclude, messages, tags, toc, send }: LaunchRequest,
  { print, report }: LaunchContext,
  metrics: Metrics | null,
  waiting: Waiting,
): PlayOptions['onMessage'] {
  const channels = new Map(equipped.map(({ handle, plan }) => [handle.name, plan.channel.value]));
  const channelOf = (name: string) => channels.get(name);
  const options = { verbose, exclude, messages, tags, toc, channelOf };
  const greet = createGreeter(handlesOf(equipped), send);
  return (message) => {
    greet(message);
    metrics?.see(message);
    waiting.see(message);
    for (const event of toEvents(message, options, new Date())) print(report.event(event));
  };
}

async function playEquipped(
  pipeline: PipelineHandle,
  { verbose, eosOnShutdown }: LaunchRequest,
  context: LaunchContext,
  onMessage: PlayOptions['onMessage'],
): Promise<Ending> {
  if (verbose) pipeline.watchProperties();
  const step = (text: string) => {
    tell(context, 'step', pipeline.name, { text });
  };
  const started = process.hrtime.bigint();
  const ending = await play(pipeline, {
    signal: context.signal,
    eosLimitMs: eosOnShutdown ? EOS_LIMIT_MS : null,
    onStopping: () => {
      step('EOS on shutdown enabled -- Forcing EOS on the pipeline');
      step('Waiting for EOS...');
      tell(context, 'stopping', pipeline.name, {});
    },
    onStep: step,
    onStuck: (elements) => {
      tell(context, 'stuck', pipeline.name, { elements: elements.join(', '), seconds: 5 });
    },
    onMessage,
  });
  if (ending.kind !== 'failed' && eosOnShutdown) step('EOS received - stopping pipeline...');
  step(`Execution ended after ${gstTime(Number(process.hrtime.bigint() - started))}`);
  step('Setting pipeline to NULL ...');
  return ending;
}

function tell(
  { print, report }: LaunchContext,
  event: EventName,
  element: string,
  fields: EventFields,
): void {
  print(report.event({ time: new Date(), event, element, fields }));
}
