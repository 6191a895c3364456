/* What --help shows. The only importer of yargs, as it takes long to load. */
import type { HelpRequest } from './request.ts';

const WIDTH = 92;
/** yargs ends each option with its type, which users need not know: it is taken off again. */
const TYPE_TAG = ' [boolean]';

export async function helpText({ table, usage, examples }: HelpRequest): Promise<string> {
  const { default: yargs } = await import('yargs');
  const options = await yargs([])
    .scriptName('kvswebrtc-launch')
    .help(false)
    .version(false)
    .options(table)
    .wrap(WIDTH + TYPE_TAG.length)
    .getHelp();
  const untyped = options.replace(/\s*\[(string|array|boolean)\]/g, '').trim();
  return `${usage}\n\n${untyped}\n\n${examples}`.replaceAll('$0', 'kvswebrtc-launch');
}
