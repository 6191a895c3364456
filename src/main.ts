/* The edge: signals, streams, exit codes, and the one place where an error is shown. */
import { writeSync } from 'node:fs';
import { parseCommandLine } from './cli.ts';
import type { LaunchRequest, OutputOptions, Request, TargetOptions } from './request.ts';
import { EXIT_DONE, exitCodeOf, LaunchError } from './errors.ts';
import { failureLine } from './report/report.ts';
import type { Lines, Report } from './report/report.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

interface Stopper {
  readonly signal: AbortSignal;
  readonly stop: () => void;
  /** Gives signals back to the system, once one was seen: the next one ends the process whatever it does. */
  readonly release: () => void;
}

/**
 * The first signal stops in order. The second one forces, by the signal itself, which a shell counts as 130 or
 * 143: exit() would take OpenSSL down under GStreamer's threads, which crash then.
 */
function stopOnSignals(): Stopper {
  const controller = new AbortController();
  const stop = () => {
    controller.abort();
  };
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      if (controller.signal.aborted) {
        release();
        // Behind the position or the terminal's own ^C, the next prompt would stand on their line.
        if (process.stdout.isTTY) writeSync(process.stdout.fd, '\n');
        process.kill(process.pid, name);
      }
      stop();
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const release = () => {
    if (controller.signal.aborted) handlers.forEach((remove) => remove());
  };
  return { signal: controller.signal, stop, release };
}

/** A reader that has gone away, as in `… | head`, is no fault: the run ends in order and says no more. */
function endWithReader(stop: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // EIO: the terminal itself has gone.
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      if (stream === process.stdout) stop();
    });
  }
}

function print({ out, err }: Lines): void {
  for (const line of out) process.stdout.write(`${line}\n`);
  for (const line of err) process.stderr.write(`${line}\n`);
}

async function main(argv: readonly string[]): Promise<number> {
  const stopper = stopOnSignals();
  endWithReader(stopper.stop);
  let fail = (error: LaunchError): Lines => ({ out: [], err: [failureLine(error)] });
  try {
    const request = parseCommandLine(argv);
    if ('output' in request) {
      const report = await createReport(request.output);
      fail = report.failure;
      await perform(request, report, stopper);
    } else {
      await inform(request);
    }
    return EXIT_DONE;
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    print(fail(error));
    return exitCodeOf(error.code);
  }
}

async function inform(
  request: Exclude<Request, { readonly output: OutputOptions }>,
): Promise<void> {
  if (request.kind === 'help') {
    const { helpText } = await import('./help.ts');
    print({ out: [await helpText(request)], err: [] });
    return;
  }
  if (request.kind === 'text') {
    print({ out: [request.text.trimEnd()], err: [] });
    return;
  }
  if (request.kind === 'completion') {
    const { completionScript } = await import('./commands/completion.ts');
    print({ out: [completionScript(request.shell)], err: [] });
    return;
  }
  const { versionLines } = await import('./version.ts');
  print({ out: await versionLines(request.gstOptions), err: [] });
}

async function perform(
  request: Extract<Request, { readonly output: OutputOptions }>,
  report: Report,
  stopper: Stopper,
): Promise<void> {
  const { signal } = stopper;
  if (request.kind === 'launch') {
    await performLaunch(request, report, stopper);
  } else if (request.kind === 'check') {
    const { runCheck } = await import('./commands/check.ts');
    await runCheck(await resolve(request, request.channel ?? ''), {
      signal,
      print,
      streams: process,
    });
  } else if (request.kind === 'channels') {
    const { runChannels } = await import('./commands/channels.ts');
    await runChannels(await resolve(request, request.name), { signal, print, streams: process });
  } else if (request.kind === 'watch') {
    const { runWatch } = await import('./commands/watch.ts');
    await runWatch(await resolve(request, request.channel), { signal, print, streams: process });
  } else if (request.kind === 'inspect') {
    const { runInspect } = await import('./commands/inspect.ts');
    await runInspect(request, { print });
  } else {
    const { runLocal } = await import('./commands/local.ts');
    await runLocal(request, { env: process.env, signal, print });
  }
}

async function resolve<Request extends TargetOptions>(
  request: Request,
  channel: string,
): Promise<Request> {
  const { readConfig, resolveTarget } = await import('./config.ts');
  const config = readConfig(request.config, process.env);
  return resolveTarget(request, channel, process.env, config);
}

async function performLaunch(
  request: LaunchRequest,
  report: Report,
  { signal, stop, release }: Stopper,
): Promise<void> {
  const { launch } = await import('./launch.ts');
  const loadRuntime = async (options: readonly string[], needsPlugin: boolean) =>
    (await import('./gst/plugin.ts')).loadRuntime(options, needsPlugin);
  const { env } = process;
  const beforeBlocking = release;
  await launch(request, {
    env,
    report,
    print,
    signal,
    stop,
    // Each is opened when it is asked for.
    streams: process,
    loadRuntime,
    hear,
    beforeBlocking,
  });
}

function hear(name: 'SIGHUP' | 'SIGUSR1', handler: () => void): () => void {
  process.on(name, handler);
  return () => process.off(name, handler);
}

async function createReport({ json, color, quiet }: OutputOptions): Promise<Report> {
  if (json) return (await import('./report/json.ts')).createJsonReport();
  const [{ createHumanReport }, { loadColors, PLAIN }] = await Promise.all([
    import('./report/human.ts'),
    import('./report/paint.ts'),
  ]);
  return createHumanReport({ paint: color && wantsColor() ? await loadColors() : PLAIN, quiet });
}

function wantsColor(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}

// Not by running dry: idle connections to AWS would keep the process for a while.
void main(process.argv.slice(2)).then((code) => process.exit(code));
