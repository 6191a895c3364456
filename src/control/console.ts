/* Lines from standard input, and on a terminal a prompt that what is printed does not tear. */
import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline';
import type { Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Lines } from '../report/report.ts';
import type { Completion } from './complete.ts';

/** The process's streams, of which only some may be terminals. */
export interface Streams {
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
}

export interface ConsoleOptions {
  readonly streams: Streams;
  /** Never a prompt, whatever the streams are. */
  readonly plain: boolean;
  readonly print: (lines: Lines) => void;
  readonly onLine: (line: string) => void;
  readonly complete: (line: string) => Completion;
  /** Ctrl-C: on a terminal that is read key by key it is no signal. */
  readonly onInterrupt: () => void;
  /** Printed above the first prompt. */
  readonly greeting: Lines;
}

export interface Console {
  /** Prints above the line that is being typed. */
  readonly print: (lines: Lines) => void;
  /** Takes the prompt away and gives the terminal back. Idempotent. */
  readonly close: () => void;
}

/**
 * Reads lines until the input ends or `close`. At the end of the input the program goes on without it: a pipe
 * that has said all it had to say is no reason to stop sending.
 */
export function openConsole(options: ConsoleOptions): Console {
  const { stdin, stdout, stderr } = options.streams;
  const screen = [stdout, stderr].find((stream) => stream.isTTY);
  // A terminal that goes away ends the input, and is no fault of the program.
  stdin.on('error', () => undefined);
  return !options.plain && stdin.isTTY && screen !== undefined
    ? openTerminal(options, screen)
    : openPipe(options);
}

function openPipe({ streams, print, onLine }: ConsoleOptions): Console {
  const lines = createInterface({ input: streams.stdin, terminal: false, crlfDelay: Infinity });
  lines.on('line', onLine);
  const close = () => {
    // What has been read already is not to be acted on any more.
    lines.off('line', onLine);
    lines.close();
  };
  return { print, close };
}

function openTerminal(options: ConsoleOptions, screen: WriteStream): Console {
  const { streams, print, onLine, complete, onInterrupt, greeting } = options;
  const lines = createInterface({
    input: streams.stdin,
    output: screen,
    terminal: true,
    completer: complete,
    prompt: '> ',
  });
  let isOpen = true;
  const printAbove = (text: Lines) => {
    if (isOpen) clearPrompt(lines, screen);
    print(text);
    if (isOpen) lines.prompt(true);
  };
  lines.on('line', (line) => {
    onLine(line);
    if (isOpen) lines.prompt();
  });
  lines.on('SIGINT', onInterrupt);
  lines.on('close', () => {
    // Also by Ctrl-D, which leaves the prompt behind.
    if (isOpen) clearPrompt(lines, screen);
    isOpen = false;
  });
  printAbove(greeting);
  const close = () => {
    lines.close();
  };
  return { print: printAbove, close };
}

/** Leaves the cursor where the prompt began. */
function clearPrompt(lines: Interface, screen: WriteStream): void {
  moveCursor(screen, 0, -lines.getCursorPos().rows);
  cursorTo(screen, 0);
  clearScreenDown(screen);
  // Else the next refresh would go up by the rows of the line that is gone. It has no other way to be told.
  (lines as Interface & { prevRows: number }).prevRows = 0;
}
