// Prints the man page, made from the same tables as --help: npm run man writes it to man/.
import { readFileSync } from 'node:fs';
import * as tables from '../src/options.ts';

const PROGRAM = 'kvswebrtc-launch';
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Every command has a usage of its own there. */
const COMMANDS = Object.keys(tables)
  .flatMap((name) => /^(?!LAUNCH)(.+)_USAGE$/.exec(name)?.[1] ?? [])
  .map((name) => name.toLowerCase());

/** As roff reads it: no escape, no hyphen that breaks when copied, no request by accident. */
function escape(text) {
  return text
    .replaceAll('$0', PROGRAM)
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1');
}

function section(title, lines) {
  return [`.SH ${title}`, ...lines];
}

function verbatim(text) {
  return ['.nf', escape(text), '.fi'];
}

function option([name, { alias, describe }]) {
  const flag = alias === undefined ? `--${name}` : `-${alias}, --${name}`;
  return ['.TP', `.B ${escape(flag)}`, escape(describe)];
}

const options = (table) => Object.entries(table).flatMap(option);

/** The lines after the usage proper: what the command is for. */
function purpose(usage) {
  return usage.split('\n\n').slice(1).join(' ').replaceAll('\n', ' ');
}

function synopsis(usage) {
  return usage
    .split('\n\n')[0]
    .replace(/^Usage: /, '')
    .replace(/^ +/gm, '');
}

function command(name) {
  const key = name.toUpperCase();
  return [
    `.SS ${PROGRAM} ${name}`,
    escape(purpose(tables[`${key}_USAGE`])),
    ...options(tables[`${key}_OPTIONS`]),
    '.PP',
    ...verbatim(tables[`${key}_EXAMPLES`]),
  ];
}

const [examples, codes] = tables.LAUNCH_EXAMPLES.split('\n\nExit codes:\n');

process.stdout.write(
  [
    `.\\" Made by npm run man from src/options.ts.`,
    `.TH KVSWEBRTC\\-LAUNCH 1 "" "${PROGRAM} ${version}"`,
    ...section('NAME', [
      `${escape(PROGRAM)} \\- send and receive Amazon Kinesis Video Streams WebRTC with GStreamer pipelines`,
    ]),
    ...section('SYNOPSIS', verbatim(synopsis(tables.LAUNCH_USAGE))),
    ...section('DESCRIPTION', [escape(purpose(tables.LAUNCH_USAGE))]),
    ...section('OPTIONS', options(tables.LAUNCH_OPTIONS)),
    ...section('COMMANDS', COMMANDS.flatMap(command)),
    ...section('EXAMPLES', verbatim(examples.replace(/^Examples:\n/, ''))),
    ...section('EXIT STATUS', verbatim(codes)),
    ...section('SEE ALSO', ['.BR gst\\-launch\\-1.0 (1)']),
  ].join('\n') + '\n',
);
