/* Options apart from the words around them, and what each was given. The only importer of yargs-parser. */
import parse from 'yargs-parser';
import { LaunchError } from './errors.ts';
import { didYouMean } from './nearest.ts';
import type { OptionSpec, OptionTable } from './options.ts';

/** What the options of a table were given; those that were not are absent, unless they have a default. */
export type Arguments<Table extends OptionTable> = {
  readonly [Name in keyof Table]:
    Value<Table[Name]> | (Table[Name] extends { readonly default: string } ? never : undefined);
};

type Value<Spec extends OptionSpec> = Spec extends { readonly type: 'boolean' }
  ? boolean
  : Spec extends { readonly array: true }
    ? readonly string[]
    : string;

/**
 * Reads options that were parted from all other words. Throws LaunchError `usage`.
 *
 * yargs itself reads them with the same parser, but is some 70 ms in loading: it is left to --help.
 */
export function parseOptions<Table extends OptionTable>(
  options: readonly string[],
  table: Table,
): Arguments<Table> {
  const { argv, error } = parse.detailed([...options], parserOptions(table));
  const { _: words, ...given } = argv;
  const unknown = words[0] ?? Object.keys(given).find((name) => !(name in table));
  if (unknown !== undefined) throw unknownOption(`-${String(unknown).replace(/^-/, '')}`, []);
  const empty = Object.keys(given).find(
    (name) => table[name]?.nargs === 1 && !hasValue(given[name]),
  );
  const missing = empty ?? /following: (.+)/.exec(error?.message ?? '')?.[1];
  if (missing !== undefined)
    throw usageError(
      `${missing.length === 1 ? longName(`-${missing}`, table) : `--${missing}`} needs a value`,
    );
  if (error !== null) throw usageError(error.message);
  return given as Arguments<Table>;
}

function hasValue(given: unknown): boolean {
  return given !== '' && !(Array.isArray(given) && given.some((value) => value === ''));
}

function parserOptions(table: OptionTable): parse.Options {
  const named = Object.entries(table);
  const namesOf = (is: (spec: OptionSpec) => boolean) =>
    named.flatMap(([name, spec]) => (is(spec) ? [name] : []));
  const valuesOf = <Key extends keyof OptionSpec>(key: Key) =>
    Object.fromEntries(
      named.flatMap(([name, { [key]: value }]) => (value === undefined ? [] : [[name, value]])),
    ) as Record<string, NonNullable<OptionSpec[Key]>>;
  return {
    array: namesOf(({ array }) => array === true),
    boolean: namesOf(({ type }) => type === 'boolean'),
    string: namesOf(({ type }) => type === 'string'),
    alias: valuesOf('alias'),
    coerce: valuesOf('coerce'),
    default: valuesOf('default'),
    narg: valuesOf('nargs'),
    configuration: {
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'strip-aliased': true,
    },
  };
}

/** Of a command, whose options may stand before and after its words. */
export function splitAnywhere(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const options: string[] = [];
  const words: string[] = [];
  for (let rest = argv; rest.length > 0;) {
    const part = splitOptions(rest, table);
    options.push(...part.options);
    words.push(...part.words.slice(0, 1));
    rest = part.words.slice(1);
  }
  return { options, words };
}

interface SplitCommandLine {
  readonly options: readonly string[];
  readonly words: readonly string[];
}

export function splitCommandLine(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const split = splitOptions(argv, table);
  const late = argv.includes('--')
    ? undefined
    : split.words.find((word) => isKnownOption(word, table));
  if (late !== undefined)
    throw usageError(`"${late}" stands after the pipeline; options come before it`);
  return split;
}

/** Parts options and their values from the words after them, without judging either. */
function splitOptions(argv: readonly string[], table: OptionTable): SplitCommandLine {
  const options: string[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (word === '--') return { options, words: argv.slice(at + 1) };
    if (!isOption(word)) break;
    checkKnown(word, table);
    const next = argv[at + 1];
    if (word === '--local' || word === '--stats') {
      // Its number is optional, and a pipeline never starts with one.
      const number = next !== undefined && /^\d+(\.\d+)?$/.test(next) ? next : '';
      options.push(`${word}=${number}`);
      if (number !== '') at++;
    } else if (takesNext(word, table) && next !== undefined) {
      // Joined, so that a value that starts with "-" stays a value.
      options.push(`${longName(word, table)}=${next}`);
      at++;
    } else if (takesNext(word.slice(0, 2), table) && !word.startsWith('--')) {
      options.push(`${longName(word.slice(0, 2), table)}=${word.slice(2)}`);
    } else {
      options.push(word);
    }
  }
  return { options, words: argv.slice(at) };
}

export function isOption(word: string): boolean {
  return word.length > 1 && word.startsWith('-');
}

/** Whether that option, long or a single letter, takes the next word for its value. */
export function takesNext(word: string, table: OptionTable): boolean {
  return table[longName(word, table).slice(2)]?.nargs === 1;
}

/** `-X` → `--exclude`; anything else as it is. */
function longName(word: string, table: OptionTable): string {
  const letter = /^-([A-Za-z])$/.exec(word)?.[1];
  const found = Object.entries(table).find(
    ([, { alias }]) => letter !== undefined && alias === letter,
  );
  return found === undefined ? word : `--${found[0]}`;
}

/** That there is such an option, and that it may stand like this. */
function checkKnown(word: string, table: OptionTable): void {
  const name = /^--([^=]+)/.exec(word)?.[1];
  if (name === undefined) return;
  if (!(name in table)) {
    throw unknownOption(
      `--${name}`,
      Object.keys(table).map((known) => `--${known}`),
    );
  }
  if (table[name]?.type === 'boolean' && !/^[^=]+(=(true|false))?$/.test(word))
    throw usageError(`--${name} takes no value`);
}

export function unknownOption(option: string, known: readonly string[]): LaunchError {
  const meant = didYouMean(option, known);
  const error = usageError(`there is no option "${option}"`);
  return meant === undefined
    ? error
    : new LaunchError('usage', error.message, { hint: `${meant} --help shows what there is` });
}

function isKnownOption(word: string, table: OptionTable): boolean {
  const name = /^--?([a-z][a-z-]*)(=.*)?$/s.exec(word)?.[1];
  if (name === undefined) return false;
  const aliases = Object.values(table).flatMap((option) => option.alias ?? []);
  return name in table || aliases.includes(name);
}

export function usageError(message: string): LaunchError {
  return new LaunchError('usage', message, { hint: 'kvswebrtc-launch --help shows what there is' });
}
