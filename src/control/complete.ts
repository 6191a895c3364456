/* Tab: what a line may go on with. Pure. */
import { printable } from '../report/report.ts';
import { COMMANDS, EVERYBODY, isCommandName } from './line.ts';

/** What fits, and the end of the line that it replaces: the form node:readline wants. */
export type Completion = [string[], string];

export function complete(line: string, peerIds: readonly string[]): Completion {
  const typed = line.trimStart();
  if (typed.startsWith('@')) {
    if (/\s/.test(typed)) return [[], ''];
    const ids = [...safe(peerIds).filter((id) => !/\s/.test(id)), EVERYBODY];
    return fitting(
      ids.map((id) => `@${id} `),
      typed,
    );
  }
  const command = /^(\/?)(\S+)\s+(.*)$/s.exec(typed);
  if (command === null) return completeName(typed);
  const [, , name = '', rest = ''] = command;
  return isCommandName(name) && COMMANDS[name].takes === 'ID'
    ? fitting(safe(peerIds), rest)
    : [[], ''];
}

function completeName(typed: string): Completion {
  const slash = typed.startsWith('/') ? '/' : '';
  const names = Object.entries(COMMANDS).map(
    ([name, { takes }]) => `${slash}${name}${takes === '' ? '' : ' '}`,
  );
  return fitting(names, typed);
}

/** An id is a remote's: one that would have to be escaped is not put on the terminal as typed. */
function safe(ids: readonly string[]): readonly string[] {
  return [...new Set(ids)].filter((id) => id !== '' && printable(id) === id);
}

function fitting(all: readonly string[], typed: string): Completion {
  return [all.filter((one) => one.startsWith(typed)), typed];
}
