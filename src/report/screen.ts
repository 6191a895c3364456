/* The foot of a terminal: lines that change in place, below what is printed for good. */
import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { WriteStream } from 'node:tty';
import type { Lines } from './report.ts';

export interface Screen {
  /** Prints above the foot. */
  readonly print: (lines: Lines) => void;
  /** How many characters of a line are shown. */
  readonly width: () => number;
  /** Shows these lines in place of those before; none takes them away. */
  readonly show: (lines: readonly string[]) => void;
}

/** Every line of the foot is cut to the terminal's width, so that what is drawn can be taken back. */
export function createScreen(terminal: WriteStream, print: (lines: Lines) => void): Screen {
  let foot: readonly string[] = [];
  // With room for the ^C that the terminal itself writes behind the last line.
  const width = () => Math.max(1, (terminal.columns || 80) - 3);
  const clear = () => {
    if (foot.length === 0) return;
    moveCursor(terminal, 0, 1 - foot.length);
    cursorTo(terminal, 0);
    clearScreenDown(terminal);
  };
  const draw = () => {
    if (foot.length > 0) terminal.write(foot.join('\n'));
  };
  return {
    print: (lines) => {
      clear();
      print(lines);
      draw();
    },
    width,
    show: (lines) => {
      clear();
      const most = Math.max(1, (terminal.rows || 24) - 1);
      foot = lines.slice(0, most).map((line) => line.slice(0, width()));
      draw();
    },
  };
}
