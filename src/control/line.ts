/* What a line typed into a running program means. Pure. */

/** Commands, with what they take and what they do, in the order in which help shows them. */
export const COMMANDS = {
  peers: { takes: '', does: 'who is there' },
  stats: { takes: '', does: 'how each is served: rates, round trip, loss' },
  kick: { takes: 'ID', does: 'end the session of one peer' },
  mute: { takes: 'ID', does: 'send one peer no more picture and sound' },
  unmute: { takes: 'ID', does: 'send them to it again' },
  key: { takes: '', does: 'ask the encoders for a key frame' },
  bitrate: { takes: '[KBITS]', does: 'show or set the bit rate of the video, in kbit/s' },
  rotate: { takes: 'DEGREES', does: 'have the picture turned clockwise, or as it says: auto' },
  quit: { takes: '', does: 'end the program in order' },
  help: { takes: '', does: 'show this' },
} as const;

export type CommandName = keyof typeof COMMANDS;

/** `@all` stands for every peer. */
export const EVERYBODY = 'all';

export type Command =
  | { readonly name: 'peers' | 'stats' | 'key' | 'quit' | 'help' }
  | { readonly name: 'kick' | 'mute' | 'unmute'; readonly peer: string }
  | { readonly name: 'bitrate'; readonly kbps: number | null }
  /** Clockwise; null leaves it to the source's own tags. */
  | { readonly name: 'rotate'; readonly degrees: number | null }
  /** Text for one peer, or for every one when `peer` is null. */
  | { readonly name: 'send'; readonly peer: string | null; readonly text: string };

export type Parsed = Command | { readonly name: 'fault'; readonly message: string } | null;

export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/**
 * The first word decides: `@PEER` addresses what follows, the name of a command, with or without `/` before it,
 * is that command, any other line is text for everybody. Null for an empty line.
 *
 * A command with wrong arguments is a fault and never text: a slip must not be told to all viewers.
 */
export function parseLine(line: string): Parsed {
  const text = line.trim();
  if (text === '') return null;
  if (text.startsWith('@')) return parseAddressed(text.slice(1));
  const [word = '', rest = ''] = splitWord(text);
  const name = word.replace(/^\//, '');
  if (isCommandName(name)) return parseCommand(name, rest);
  if (word.startsWith('/')) return fault(`there is no command "${name}"; help shows what there is`);
  return { name: 'send', peer: null, text };
}

function parseAddressed(text: string): Parsed {
  const [peer = '', rest = ''] = splitWord(text);
  if (peer === '')
    return fault('an "@" stands before an id, or a part of it, as in: @viewer-7f hello');
  if (rest === '') return fault(`there is no text for "${peer}" on the line`);
  return { name: 'send', peer: peer === EVERYBODY ? null : peer, text: rest };
}

function parseCommand(name: CommandName, rest: string): Parsed {
  switch (name) {
    case 'kick':
    case 'mute':
    case 'unmute':
      if (rest === '') return fault(`${name} takes the id of a peer, or the beginning of it`);
      return { name, peer: rest };
    case 'bitrate':
      return parseBitrate(rest);
    case 'rotate':
      return parseRotation(rest);
    case 'peers':
    case 'stats':
    case 'key':
    case 'quit':
    case 'help':
      if (rest === '') return { name };
      return fault(
        `${name} takes nothing after it; to send this as text, write: @all ${name} ${rest}`,
      );
    default:
      return name satisfies never;
  }
}

/** As much as the element's property takes. */
const MAX_KBPS = 100_000;

function parseBitrate(rest: string): Parsed {
  if (rest === '') return { name: 'bitrate', kbps: null };
  const kbps = Number(rest);
  if (/^\d+$/.test(rest) && kbps >= 1 && kbps <= MAX_KBPS) return { name: 'bitrate', kbps };
  return fault(`bitrate takes kbit/s from 1 to ${MAX_KBPS}, not "${rest}"`);
}

const ROTATIONS: Readonly<Record<string, number | null>> = {
  auto: null,
  0: 0,
  90: 90,
  180: 180,
  270: 270,
};

function parseRotation(rest: string): Parsed {
  const degrees = Object.hasOwn(ROTATIONS, rest) ? ROTATIONS[rest] : undefined;
  if (degrees !== undefined) return { name: 'rotate', degrees };
  return fault(`rotate takes ${Object.keys(ROTATIONS).join(', ')}, not "${rest}"`);
}

function splitWord(text: string): readonly string[] {
  const space = text.search(/\s/);
  return space === -1 ? [text] : [text.slice(0, space), text.slice(space).trimStart()];
}

function fault(message: string): Parsed {
  return { name: 'fault', message };
}

/** What help shows, a line each. */
export function helpLines(): readonly string[] {
  const rows = [
    ...Object.entries(COMMANDS).map(
      ([name, { takes, does }]) => [`${name} ${takes}`.trim(), does] as const,
    ),
    ['@ID TEXT', 'send text to one peer'],
    ['@all TEXT', 'send text to every peer, also when it begins like a command'],
    ['TEXT', 'any other line is sent to every peer'],
  ] as const;
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    ...rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`),
    'ID is a full id, or as much of its beginning as is unique. Commands may have a "/" before them.',
  ];
}
