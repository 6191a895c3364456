/* What the commands of a running program do. */
import { camelFields } from '../events.ts';
import type { ElementHandle } from '../gst/runtime.ts';
import type { Command, CommandName } from './line.ts';
import { helpLines } from './line.ts';
import { findPeer, NO_RATES, RateMeter } from './peers.ts';
import type { PeerStats } from './peers.ts';

/** What a command is answered; reports turn it into lines. Text in it may come from the network. */
export type Answer = { readonly command: CommandName | 'send' | null } & (
  | {
      readonly kind: 'peers' | 'stats';
      readonly elements: readonly string[];
      readonly peers: readonly PeerStats[];
    }
  | { readonly kind: 'help'; readonly lines: readonly string[] }
  | { readonly kind: 'done' | 'fault'; readonly message: string }
);

export interface Control {
  /** Does it, and says what there is to say of it. */
  readonly perform: (command: Command) => Answer;
  readonly peerIds: () => readonly string[];
}

/** `quit` ends the run in order; `now` is a steady clock in milliseconds. */
export function createControl(
  elements: readonly ElementHandle[],
  quit: () => void,
  now: () => number = () => performance.now(),
): Control {
  const meter = new RateMeter();
  const context: Context = { elements, quit, measure: (peers) => meter.measure(peers, now()) };
  return {
    perform: (command) => perform(command, context),
    peerIds: () => readPeers(elements).map(({ peerId }) => peerId),
  };
}

interface Context {
  readonly elements: readonly ElementHandle[];
  readonly quit: () => void;
  readonly measure: RateMeter['measure'] extends (peers: infer Peers, now: number) => infer Measured
    ? (peers: Peers) => Measured
    : never;
}

function perform(command: Command, context: Context): Answer {
  const { name } = command;
  switch (name) {
    case 'peers':
    case 'stats': {
      const peers = readPeers(context.elements);
      const elements = context.elements.map((element) => element.name);
      // Only stats shows rates, and only its own looks count for them.
      const measured = name === 'stats' ? context.measure(peers) : peers.map(unmeasured);
      return { command: name, kind: name, elements, peers: measured };
    }
    case 'kick':
      return toPeer(name, command.peer, context, 'is let go', (element, id) => {
        element.emit('disconnect-peer', id);
      });
    case 'mute':
    case 'unmute':
      return toPeer(name, command.peer, context, MUTED[name], (element, id) => {
        element.emit('mute-peer', id, name === 'mute');
      });
    case 'send':
      return command.peer === null
        ? sendToAll(command.text, context.elements)
        : sendToOne(command.peer, command.text, context);
    case 'key':
      for (const element of context.elements) element.emit('force-key-frame');
      return done(name, 'a key frame is asked for');
    case 'bitrate':
      return bitrate(command.kbps, context.elements);
    case 'rotate':
      return rotate(command.degrees, context.elements);
    case 'quit':
      context.quit();
      return done(name, 'ending');
    case 'help':
      return { command: name, kind: 'help', lines: helpLines() };
    default:
      return name satisfies never;
  }
}

const MUTED = {
  mute: 'is sent no more picture and sound',
  unmute: 'is sent picture and sound again',
} as const;

type PeerOfElement = Pick<PeerStats, 'element' | 'peerId' | 'fields'> & {
  readonly handle: ElementHandle;
};

function readPeers(elements: readonly ElementHandle[]): readonly PeerOfElement[] {
  return elements.flatMap((handle) =>
    handle.readPeers().map((raw) => {
      const { peerId, ...fields } = camelFields(raw);
      return { element: handle.name, peerId: String(peerId), fields, handle };
    }),
  );
}

function unmeasured({ element, peerId, fields }: PeerOfElement): PeerStats {
  return { element, peerId, fields, ...NO_RATES };
}

function toPeer(
  command: 'kick' | 'mute' | 'unmute',
  target: string,
  { elements }: Context,
  what: string,
  act: (element: ElementHandle, id: string) => void,
): Answer {
  const found = findPeer(target, readPeers(elements));
  if (found.peer === null) return fault(command, found.fault);
  const { handle, peerId } = found.peer;
  act(handle, peerId);
  return done(command, `${peerId} ${what}`);
}

function sendToOne(target: string, text: string, { elements }: Context): Answer {
  const found = findPeer(target, readPeers(elements));
  if (found.peer === null) return fault('send', found.fault);
  const { handle, peerId, fields } = found.peer;
  if (!isListening(fields.dataChannels)) {
    return fault('send', `${peerId} has no data channel open`);
  }
  handle.emit('send-data', peerId, text);
  return done('send', `sent to ${peerId}`);
}

function sendToAll(text: string, elements: readonly ElementHandle[]): Answer {
  const peers = readPeers(elements);
  const reached = peers.filter(({ fields }) => isListening(fields.dataChannels)).length;
  if (peers.length === 0) return fault('send', 'nobody is there to send it to');
  if (reached === 0) return fault('send', `nobody of ${peers.length} has a data channel open`);
  for (const element of elements) element.emit('send-data', '', text);
  const count = reached === 1 ? '1 peer' : `${reached} peers`;
  return done('send', `sent to ${count}${reached < peers.length ? ` of ${peers.length}` : ''}`);
}

function isListening(dataChannels: unknown): boolean {
  return typeof dataChannels === 'number' && dataChannels > 0;
}

function bitrate(kbps: number | null, elements: readonly ElementHandle[]): Answer {
  const said = elements.map((element) => {
    if (kbps !== null) element.setNumber('bitrate', kbps);
    const where = elements.length > 1 ? ` of ${element.name}` : '';
    return `the bit rate${where} is ${effectiveRate(element)}`;
  });
  return done('bitrate', said.join(', '));
}

function effectiveRate(element: ElementHandle): string {
  const [rate, least, most] = ['bitrate', 'min-bitrate', 'max-bitrate'].map((property) =>
    element.getNumber(property),
  ) as [number, number, number];
  if (rate < least) return `${least} kbit/s, the least that min-bitrate allows`;
  if (rate > most) return `${most} kbit/s, the most that max-bitrate allows`;
  return `${rate} kbit/s`;
}

/** What the element's property calls the tags' choice. */
const AUTO = -1;

function rotate(degrees: number | null, elements: readonly ElementHandle[]): Answer {
  for (const element of elements) element.setNumber('rotation', degrees ?? AUTO);
  return done(
    'rotate',
    degrees === null
      ? 'the picture is turned as its source says'
      : `the picture is turned by ${degrees} degrees`,
  );
}

function done(command: Answer['command'], message: string): Answer {
  return { command, kind: 'done', message };
}

function fault(command: Answer['command'], message: string): Answer {
  return { command, kind: 'fault', message };
}
