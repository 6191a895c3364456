/* Scripts that let shells complete the command line, made from the same tables as --help. */
import { CHANNEL_VERBS, SHELLS } from '../request.ts';
import type { Shell } from '../request.ts';
import {
  CHANNELS_OPTIONS,
  CHECK_OPTIONS,
  INSPECT_OPTIONS,
  LAUNCH_OPTIONS,
  LOCAL_OPTIONS,
  WATCH_OPTIONS,
} from '../options.ts';
import type { OptionSpec, OptionTable } from '../options.ts';

const PROGRAM = 'kvswebrtc-launch';

interface Command {
  readonly name: string;
  readonly what: string;
  readonly options: OptionTable;
  /** What may stand after it. */
  readonly words: readonly string[];
}

const COMMANDS: readonly Command[] = [
  {
    name: 'channels',
    what: 'List, create, describe and delete channels',
    options: CHANNELS_OPTIONS,
    words: CHANNEL_VERBS,
  },
  { name: 'check', what: 'Find what is wrong', options: CHECK_OPTIONS, words: [] },
  { name: 'completion', what: 'Print a script for a shell', options: {}, words: SHELLS },
  { name: 'inspect', what: 'Show the properties', options: INSPECT_OPTIONS, words: [] },
  { name: 'local', what: 'Run the local service', options: LOCAL_OPTIONS, words: [] },
  { name: 'watch', what: 'Serve a page that plays a channel', options: WATCH_OPTIONS, words: [] },
];

/** The script for that shell, to be sourced or put where the shell looks. */
export function completionScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return bash();
    case 'zsh':
      return zsh();
    case 'fish':
      return fish();
    default:
      return shell satisfies never;
  }
}

function optionWords(table: OptionTable): readonly string[] {
  return Object.entries(table).flatMap(([name, { alias }]) => [
    `--${name}`,
    ...(alias === undefined ? [] : [`-${alias}`]),
  ]);
}

/** Those that take one of some words. */
function choices(): readonly (readonly [string, readonly string[]])[] {
  return Object.entries<OptionSpec>(LAUNCH_OPTIONS).flatMap(([name, { values }]) =>
    values === undefined ? [] : [[name, values] as const],
  );
}

/** Those that take a file. */
const FILES: readonly string[] = ['config', 'tls-cert', 'tls-key', 'persist', 'turn-secret-file'];

function bash(): string {
  const cases = COMMANDS.map(
    ({ name, options, words }) =>
      `    ${name}) words="${[...words, ...optionWords(options)].join(' ')}" ;;`,
  );
  const values = choices().map(
    ([name, words]) =>
      `    --${name}) COMPREPLY=($(compgen -W "${words.join(' ')}" -- "$word")); return ;;`,
  );
  const names = COMMANDS.map(({ name }) => name);
  return `# bash completion of ${PROGRAM}
_kvswebrtc_launch() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD - 1]}" words
  case "$before" in
${values.join('\n')}
    ${FILES.map((name) => `--${name}`).join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words="${optionWords(LAUNCH_OPTIONS).join(' ')}"
       [ "$COMP_CWORD" -eq 1 ] && words="${names.join(' ')} $words" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -F _kvswebrtc_launch ${PROGRAM}`;
}

/** For a description in single quotes within a word of zsh's. */
function plain(text: string): string {
  return text.replaceAll("'", '').replaceAll('[', '(').replaceAll(']', ')').replaceAll(':', ' -');
}

function zshOptions(table: OptionTable): string {
  return Object.entries<OptionSpec>(table)
    .flatMap(([name, spec]) => {
      const takes = spec.nargs === 1;
      const action = spec.values
        ? `(${spec.values.join(' ')})`
        : FILES.includes(name)
          ? '_files'
          : ' ';
      const rest = `[${plain(spec.describe)}]${takes ? `:value:${action}` : ''}`;
      const long = `'*--${name}${takes ? '=' : ''}${rest}'`;
      return spec.alias === undefined ? [long] : [long, `'*-${spec.alias}${rest}'`];
    })
    .join(' \\\n        ');
}

function zsh(): string {
  const described = COMMANDS.map(({ name, what }) => `'${name}:${plain(what)}'`).join(' ');
  const cases = COMMANDS.map(({ name, options, words }) => {
    const list = words.length === 0 ? '' : ` '1:word:(${words.join(' ')})'`;
    const own = zshOptions(options);
    return `    ${name})
      shift words; (( CURRENT-- ))
      _arguments${list}${own === '' ? '' : ` \\\n        ${own}`} ;;`;
  });
  return `#compdef ${PROGRAM}
# zsh completion of ${PROGRAM}
_kvswebrtc_launch() {
  case "$words[2]" in
${cases.join('\n')}
    *)
      if (( CURRENT == 2 )); then
        local -a commands=(${described})
        _describe command commands
      fi
      _arguments \\
        ${zshOptions(LAUNCH_OPTIONS)} ;;
  esac
}
if [ "$funcstack[1]" = _kvswebrtc_launch ]; then
  _kvswebrtc_launch "$@"
else
  compdef _kvswebrtc_launch ${PROGRAM}
fi`;
}

function fishOptions(table: OptionTable, condition: string): readonly string[] {
  return Object.entries<OptionSpec>(table).map(([name, spec]) =>
    [
      `complete -c ${PROGRAM} -n '${condition}' -l ${name}`,
      spec.alias === undefined ? '' : ` -s ${spec.alias}`,
      spec.nargs === 1 ? (FILES.includes(name) ? ' -r -F' : ' -x') : '',
      spec.values === undefined ? '' : ` -a '${spec.values.join(' ')}'`,
      ` -d '${spec.describe.replaceAll("'", '')}'`,
    ].join(''),
  );
}

function fish(): string {
  const names = COMMANDS.map(({ name }) => name).join(' ');
  const of = (name: string) => `__fish_seen_subcommand_from ${name}`;
  return [
    `# fish completion of ${PROGRAM}`,
    ...COMMANDS.flatMap(({ name, what, options, words }) => [
      `complete -c ${PROGRAM} -n __fish_use_subcommand -a ${name} -d '${what}'`,
      ...words.map((word) => `complete -c ${PROGRAM} -f -n '${of(name)}' -a ${word}`),
      ...fishOptions(options, of(name)),
    ]),
    ...fishOptions(LAUNCH_OPTIONS, `not ${of(names)}`),
  ].join('\n');
}
