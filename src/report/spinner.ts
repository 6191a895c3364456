import { clearLine, cursorTo } from 'node:readline';
import type { WriteStream } from 'node:tty';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

/** How the spinner looks at that time, in milliseconds from wherever one likes. */
export function frameAt(time: number): string {
  return FRAMES[Math.floor(time / FRAME_MS) % FRAMES.length] ?? '';
}

/** Shows that work goes on, on a terminal only. Returns what takes it away, once or more often. */
export function spin(terminal: WriteStream, what: string): () => void {
  if (!terminal.isTTY || process.env.TERM === 'dumb') return () => undefined;
  const draw = () => {
    cursorTo(terminal, 0);
    terminal.write(`${frameAt(performance.now())} ${what} ...`);
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
