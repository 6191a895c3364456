import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** Shows that work goes on, on a terminal only. Returns what takes it away, once or more often. */
export function spin(terminal: WriteStream, what: string): () => void {
  if (!terminal.isTTY || process.env.TERM === 'dumb') return () => undefined;
  let frame = 0;
  const draw = () => {
    cursorTo(terminal, 0);
    terminal.write(`${FRAMES[frame++ % FRAMES.length] ?? ''} ${what} ...`);
  };
  const timer = setInterval(draw, FRAME_MS);
  draw();
  let isShown = true;
  return () => {
    if (!isShown) return;
    isShown = false;
    clearInterval(timer);
    cursorTo(terminal, 0);
    clearLine(terminal, 0);
  };
}
