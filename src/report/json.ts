import type { Answer } from '../control/control.ts';
import { exitCodeOf } from '../errors.ts';
import type { LaunchEvent } from '../events.ts';
import { describePlan } from '../plan.ts';
import { failureLine, NO_LINES, printableJson } from './report.ts';
import type { Report } from './report.ts';

/** One JSON object a line: `{"time","event","element",…}`, the event's fields beside them. */
export function createJsonReport(now: () => Date = () => new Date()): Report {
  return {
    // The steps are told by states and other events.
    event: (event) => (event.event === 'step' ? NO_LINES : { out: [eventLine(event)], err: [] }),
    answer: (answer) => ({ out: answerLines(answer, now()), err: [] }),
    plan: (plan) => ({ out: [printableJson(describePlan(plan))], err: [] }),
    failure: (error) => {
      const { code, message, hint, element = '' } = error;
      const fields = { code, message, ...(hint === undefined ? {} : { hint }) };
      const event = { time: now(), event: 'error', element, fields } as const;
      return {
        out: [eventLine({ ...event, fields: { ...fields, exitCode: exitCodeOf(code) } })],
        err: [failureLine(error)],
      };
    },
  };
}

/** `stats` as the bus has them, an event for each peer; `peers` one for each element. */
function answerLines(answer: Answer, date: Date): readonly string[] {
  const time = date.toISOString();
  switch (answer.kind) {
    case 'peers':
      return answer.elements.map((element) => {
        const peers = answer.peers
          .filter((peer) => peer.element === element)
          .map(({ peerId, fields }) => ({ ...fields, peerId }));
        return printableJson({ time, event: 'peers', element, peers });
      });
    case 'stats':
      // Something is to come after every command.
      if (answer.peers.length === 0) return [answerLine('stats', true, 'nobody is there')];
      return answer.peers.map(({ element, peerId, fields, ...measured }) => {
        const { fpsSent, ...rates } = measured;
        const ofCameras = Object.fromEntries(
          fpsSent.map((fps, camera) => [`fpsSent${camera === 0 ? '' : camera}`, fps]),
        );
        return printableJson({
          time,
          event: 'stats',
          element,
          peerId,
          ...fields,
          ...rates,
          ...ofCameras,
        });
      });
    case 'help':
      return [answerLine(answer.command, true, answer.lines.join('\n'))];
    case 'done':
    case 'fault':
      return [answerLine(answer.command, answer.kind === 'done', answer.message)];
    default:
      return answer satisfies never;
  }

  function answerLine(command: string | null, ok: boolean, message: string): string {
    return printableJson({ time, event: 'answer', element: '', command, ok, message });
  }
}

function eventLine({ time, event, element, fields }: LaunchEvent): string {
  // The head last: a field of the network's making must not replace it.
  const head = { time: time.toISOString(), event, element };
  return printableJson({ ...head, ...fields, ...head });
}
