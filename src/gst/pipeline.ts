import type { BusMessage, PipelineHandle, State } from './runtime.ts';
import { isErrorCode, LaunchError } from '../errors.ts';
import type { EventFields } from '../events.ts';
import { installHint, packagesFor } from './missing.ts';

/** How a pipeline that was played came to its end. */
export type Ending =
  { readonly kind: 'eos' | 'stopped' } | { readonly kind: 'failed'; readonly error: LaunchError };

export interface PlayOptions {
  /** Sees every message, in order, on the main thread. */
  readonly onMessage: (message: BusMessage) => void;
  /** Ends the pipeline in order. */
  readonly signal: AbortSignal;
  /** Called for each step that no message tells of, in gst-launch-1.0's words. */
  readonly onStep?: (words: string) => void;
  /** Called once, when the pipeline does not preroll, with the names of the elements it waits for. */
  readonly onStuck?: (elements: readonly string[]) => void;
  readonly stuckAfterMs?: number;
  /** Called when an abort begins to wait for end-of-stream. */
  readonly onStopping: () => void;
  /** On abort send end-of-stream first, and wait for it to come through, but no longer than this. */
  readonly eosLimitMs: number | null;
}

/** How often the bus is asked: nobody notices 20 ms. */
const POLL_MS = 20;
/** For the first second, when much happens at once and 20 ms are as long as GStreamer takes to play. */
const EARLY_POLL_MS = 2;
const EARLY_MS = 1000;
/** And after a second in which nothing was told. Measured: 0.8 % of a core, where 20 ms take 1.5 %. */
const REST_POLL_MS = 50;
const REST_AFTER_MS = 1000;
/** The most of a turn that messages may take: the local service answers the element from this same thread. */
const TURN_MS = 8;
/** How long after a first error others are listened to, in case one of them names the cause. */
const ERROR_LINGER_MS = 2 * POLL_MS;

/** How long a pipeline may take to preroll before it is told what it waits for. */
const STUCK_MS = 5000;

const ERROR_DETAILS = 'kinesiswebrtc-error';

/**
 * Plays `pipeline` until end-of-stream, an error or `signal`. The caller closes it.
 *
 * The bus is polled from a timer. A GLib main loop would take over Node's own, and a callback into
 * JavaScript from a streaming thread would hang in the end: that thread waits for this one, and this
 * one, in setState(NULL), for it.
 */
export async function play(pipeline: PipelineHandle, options: PlayOptions): Promise<Ending> {
  const run: Run = {
    pipeline,
    options,
    buffering: false,
    live: false,
    errors: [],
    ending: null,
    eosDeadline: null,
    errorDeadline: null,
    hasPrerolled: false,
    stuckDeadline: performance.now() + (options.stuckAfterMs ?? STUCK_MS),
    missing: [],
    toldAt: performance.now(),
  };
  start(run);
  await pollUntilEnded(run);
  return run.ending ?? { kind: 'stopped' };
}

interface Run {
  readonly pipeline: PipelineHandle;
  readonly options: PlayOptions;
  /** A live pipeline is never paused for buffering: what it would wait for is lost meanwhile. */
  live: boolean;
  buffering: boolean;
  readonly errors: LaunchError[];
  ending: Ending | null;
  /** When waiting for end-of-stream is given up; null when nobody waits for it. */
  eosDeadline: number | null;
  errorDeadline: number | null;
  hasPrerolled: boolean;
  /** Infinite once it was told, or need not be. */
  stuckDeadline: number;
  /** What to install, from the messages that said so. */
  readonly missing: string[];
  /** When there was a message. */
  toldAt: number;
}

function start(run: Run): void {
  const step = (words: string) => run.options.onStep?.(words);
  step('Setting pipeline to PAUSED ...');
  // By way of paused, as only that step tells whether the sources are live.
  const paused = run.pipeline.setState('paused');
  run.live = paused === 'live';
  if (paused === 'live') step('Pipeline is live and does not need PREROLL ...');
  if (paused === 'pending') step('Pipeline is PREROLLING ...');
  if (paused !== 'failed' && run.pipeline.setState('playing') !== 'failed') return;
  drain(run, Infinity);
  if (run.errors.length === 0) {
    run.errors.push(new LaunchError('pipeline', 'the pipeline does not start', UNEXPLAINED));
  }
  run.ending = { kind: 'failed', error: pickError(run) };
}

const UNEXPLAINED = { hint: 'run it with GST_DEBUG=3 to see why' };

function pollUntilEnded(run: Run): Promise<void> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const { signal } = run.options;
    const turn = () => {
      clearTimeout(timer);
      try {
        takeTurn(run);
      } catch (error) {
        // What onMessage throws is ours to deliver: thrown from a timer it would end the process at once.
        signal.removeEventListener('abort', turn);
        reject(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      if (run.ending === null) {
        timer = setTimeout(turn, pause(run, performance.now() - started));
      } else {
        signal.removeEventListener('abort', turn);
        resolve();
      }
    };
    signal.addEventListener('abort', turn, { once: true });
    turn();
  });
}

function pause({ toldAt }: Run, age: number): number {
  if (age < EARLY_MS) return EARLY_POLL_MS;
  return performance.now() - toldAt < REST_AFTER_MS ? POLL_MS : REST_POLL_MS;
}

function takeTurn(run: Run): void {
  if (run.ending !== null) return;
  drain(run, performance.now() + TURN_MS);
  run.pipeline.iterate();
  settle(run, performance.now());
  tellIfStuck(run, performance.now());
}

function tellIfStuck(run: Run, now: number): void {
  if (now < run.stuckDeadline || run.hasPrerolled || run.ending !== null) return;
  run.stuckDeadline = Infinity;
  const waiting = run.pipeline.waiting();
  if (waiting.length > 0) run.options.onStuck?.(waiting);
}

/**
 * Takes a pipeline that was played down to READY, where every peer is let go, and hands on what its
 * elements say of it: one step further down the bus is emptied unread. Blocks as closing does.
 */
export function takeDown(pipeline: PipelineHandle, onMessage: (message: BusMessage) => void): void {
  pipeline.setState('ready');
  for (let message = pipeline.pop(); message !== null; message = pipeline.pop()) {
    if (message.type === 'element') onMessage(message);
  }
}

function drain(run: Run, until: number): void {
  while (performance.now() < until) {
    const message = run.pipeline.pop();
    if (message === null) return;
    run.toldAt = performance.now();
    run.options.onMessage(message);
    react(run, message);
  }
}

/** What an application owes its pipeline, as gst-launch-1.0 does it. */
function react(run: Run, message: BusMessage): void {
  switch (message.type) {
    case 'error':
      run.errors.push(toLaunchError(message));
      break;
    case 'eos':
      run.ending ??= { kind: run.options.signal.aborted ? 'stopped' : 'eos' };
      break;
    case 'latency':
      run.pipeline.recalculateLatency();
      break;
    case 'clock-lost':
      run.pipeline.setState('paused');
      run.pipeline.setState('playing');
      break;
    case 'buffering':
      followBuffering(run, message.percent);
      break;
    case 'request-state':
      followRequest(run, message.state);
      break;
    case 'state':
      if (message.top) followState(run, message.current);
      break;
    case 'element':
      if (message.details.name === MISSING_PLUGIN) noteMissing(run, message.details.fields);
      break;
    case 'warning':
    case 'property':
    case 'tag':
    case 'toc':
    case 'new-clock':
    case 'progress':
    case 'other':
      break;
    default:
      message satisfies never;
  }
}

const MISSING_PLUGIN = 'missing-plugin';

function noteMissing({ missing }: Run, { type, detail }: EventFields): void {
  missing.push(...packagesFor(String(type), String(detail)));
}

/** The pipeline is on its way to playing from the start; it tells when it has come past paused. */
function followState(run: Run, state: State): void {
  if (state !== 'paused' || run.hasPrerolled) return;
  run.hasPrerolled = true;
  run.options.onStep?.('Pipeline is PREROLLED ...');
  if (run.buffering) run.options.onStep?.('Prerolled, waiting for buffering to finish...');
  else run.options.onStep?.('Setting pipeline to PLAYING ...');
}

/** An element may ask to be paused, as one does whose device went to sleep, and to be played again. */
function followRequest(run: Run, state: State): void {
  if (state === 'void-pending') return;
  run.pipeline.setState(state);
  if (state === 'null') run.ending ??= { kind: 'stopped' };
}

function followBuffering(run: Run, percent: number): void {
  const buffering = percent < 100;
  if (run.live || run.buffering === buffering) return;
  run.buffering = buffering;
  if (buffering) run.options.onStep?.('Buffering, setting pipeline to PAUSED ...');
  else run.options.onStep?.('Done buffering, setting pipeline to PLAYING ...');
  run.pipeline.setState(buffering ? 'paused' : 'playing');
}

/** Decides whether the run is over. */
function settle(run: Run, now: number): void {
  if (run.ending !== null) return;
  if (run.errors.length > 0) {
    run.errorDeadline ??= now + ERROR_LINGER_MS;
    if (now < run.errorDeadline && !run.options.signal.aborted) return;
    run.ending = { kind: 'failed', error: pickError(run) };
  } else if (run.options.signal.aborted) {
    settleAborted(run, now);
  }
}

function settleAborted(run: Run, now: number): void {
  const { eosLimitMs } = run.options;
  if (eosLimitMs === null) {
    run.ending = { kind: 'stopped' };
  } else if (run.eosDeadline === null) {
    // The end of a stream that has not begun never comes through, as a viewer's whose master is not there.
    run.eosDeadline = run.pipeline.isUntouched() ? now : now + eosLimitMs;
    run.pipeline.sendEos();
    run.options.onStopping();
  } else if (now >= run.eosDeadline) {
    run.ending = { kind: 'stopped' };
  }
}

/** One fault often makes several elements complain: the one that names a cause speaks for all. */
function pickError({ errors, missing }: Run): LaunchError {
  const named = errors.find((error) => error.code !== 'pipeline');
  const error = named ?? errors[0];
  if (error === undefined) throw new Error('there is no error to pick');
  const hint = installHint([...new Set(missing)]);
  if (named !== undefined || hint === undefined) return error;
  const { element, message } = error;
  return new LaunchError('missing-plugin', message, { element, hint });
}

/** The element's own errors are whole sentences with a remedy; others get what GStreamer knows beside them. */
function toLaunchError(message: BusMessage & { readonly type: 'error' | 'warning' }): LaunchError {
  const { details, source: element } = message;
  const code = details?.name === ERROR_DETAILS ? String(details.fields.code) : '';
  if (isErrorCode(code)) return new LaunchError(code, message.message, { element });
  const more = lastLine(message.debug);
  const text = more === '' ? message.message : `${message.message} ${more}`;
  return new LaunchError('pipeline', `${element}: ${text}`, { element });
}

/** GStreamer's debug text is where in the code, a colon, and on the next line what was found there. */
function lastLine(debug: string): string {
  const newline = debug.indexOf('\n');
  return newline === -1 ? '' : debug.slice(newline + 1).trim();
}
