import { exitCodeOf } from '../errors.ts';
import type { LaunchEvent } from '../events.ts';
import { describePlan } from '../plan.ts';
import { failureLine } from './report.ts';
import type { Report } from './report.ts';

/** One JSON object a line: `{"time","event","element",…}`, the event's fields beside them. */
export function createJsonReport(now: () => Date = () => new Date()): Report {
  return {
    event: (event) => ({ out: [eventLine(event)], err: [] }),
    plan: (plan) => ({ out: [JSON.stringify(describePlan(plan))], err: [] }),
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

function eventLine({ time, event, element, fields }: LaunchEvent): string {
  // The head last: a field of the network's making must not replace it.
  const head = { time: time.toISOString(), event, element };
  return JSON.stringify({ ...head, ...fields, ...head });
}
