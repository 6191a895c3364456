/* Viewers that cost next to nothing: the program `viewer`, and its signaling. */
import type { WebSocket } from 'ws';
import { open } from '../../test/service/support/socket.ts';
import type { RawClient } from '../../test/service/support/socket.ts';
import { run } from '../../test/media/program.ts';
import type { Program } from '../../test/media/program.ts';
import { peer } from './built.ts';
import { readAnswer, readCandidate, writeCandidate, writeOffer } from './sdp.ts';
import type { Candidate, Codec } from './sdp.ts';
import type { Stage } from './stage.ts';

/** Since the viewer came, or since the last reset. */
export interface LeanStats {
  readonly packets: number;
  readonly bytes: number;
  readonly frames: number;
  readonly lost: number;
  readonly longestGapMs: number;
  readonly freezes: number;
  /** Null before there was one. */
  readonly sinceFrameMs: number | null;
  readonly sincePacketMs: number | null;
}

export interface LeanViewers {
  readonly program: Program;
  /** Resolves with the first picture; `codec` is all that is offered. */
  add(channel: string, id: string, codec: Codec, hasAudio?: boolean): Promise<void>;
  stats(): Promise<ReadonlyMap<string, LeanStats>>;
  /** Counts and gaps begin anew. */
  reset(): void;
  /** It says nothing any more, and counts on. */
  silence(id: string): void;
  /** With a goodbye. */
  close(id: string): void;
  stop(): Promise<void>;
}

export function startLean(stage: Stage): LeanViewers {
  const program = run(peer('viewer'), [stage.address]);
  const sockets = new Map<string, WebSocket>();
  const word = (what: string, id: string) =>
    program.line(`${what} ${id}`, (line) => line.startsWith(`${what} ${id} `));

  async function add(channel: string, id: string, codec: Codec, hasAudio = false): Promise<void> {
    const client = await open(await stage.viewerUrl(channel, id));
    sockets.set(id, client.socket);
    program.type(`open ${id}`);
    const [, , ufrag = '', password = '', fingerprint = '', port] = (await word('offer', id)).split(
      ' ',
    );
    const local = { ufrag, password, fingerprint, address: stage.address, port: Number(port) };
    listen(client, program, id);
    send(client, 'SDP_OFFER', { type: 'offer', sdp: writeOffer(local, codec, hasAudio) });
    send(client, 'ICE_CANDIDATE', {
      candidate: writeCandidate(local),
      sdpMid: '0',
      sdpMLineIndex: 0,
    });
    await word('frame', id);
  }

  function close(id: string): void {
    program.type(`close ${id}`);
    sockets.get(id)?.close();
    sockets.delete(id);
  }

  return {
    program,
    add,
    close,
    stats: () => readStats(program),
    reset: () => {
      program.type('reset');
    },
    silence: (id) => {
      program.type(`silence ${id}`);
    },
    stop: async () => {
      for (const id of [...sockets.keys()]) close(id);
      // It may be stopped, and hear nothing.
      program.kill('SIGKILL');
      await program.exit();
    },
  };
}

function send(client: RawClient, action: string, value: object): void {
  const messagePayload = Buffer.from(JSON.stringify(value)).toString('base64');
  client.send({ action, recipientClientId: '', messagePayload });
}

/** Hands on what the master says, until its socket ends. */
function listen(client: RawClient, program: Program, id: string): void {
  const candidate = ({ address, port }: Candidate) => {
    program.type(`candidate ${id} ${address} ${port}`);
  };
  client.socket.on('message', (data: Buffer) => {
    const { messageType, messagePayload } = JSON.parse(data.toString()) as {
      readonly messageType: string;
      readonly messagePayload?: string;
    };
    const text = Buffer.from(messagePayload ?? '', 'base64').toString();
    if (messageType === 'SDP_ANSWER') {
      const answer = readAnswer((JSON.parse(text) as { readonly sdp: string }).sdp);
      program.type(`answer ${id} ${answer.ufrag} ${answer.password} ${answer.setup}`);
      answer.candidates.forEach(candidate);
    } else if (messageType === 'ICE_CANDIDATE') {
      const found = readCandidate((JSON.parse(text) as { readonly candidate: string }).candidate);
      if (found !== undefined) candidate(found);
    }
  });
}

/** Of all; the program ends its list with a word. */
async function readStats(program: Program): Promise<ReadonlyMap<string, LeanStats>> {
  const from = program.out.length;
  const isNew = (line: string) => line === 'end' && program.out.lastIndexOf('end') >= from;
  program.type('stats');
  await program.line('stats', isNew);
  return new Map(
    program.out
      .slice(from)
      .filter((line) => line.startsWith('stats '))
      .map(readLine),
  );
}

function readLine(line: string): readonly [string, LeanStats] {
  const [, id = '', ...numbers] = line.split(' ');
  const [
    packets = 0,
    bytes = 0,
    frames = 0,
    lost = 0,
    gap = 0,
    freezes = 0,
    frame = -1,
    last = -1,
  ] = numbers.map(Number);
  const since = (us: number) => (us < 0 ? null : us / 1000);
  return [
    id,
    {
      packets,
      bytes,
      frames,
      lost,
      longestGapMs: gap / 1000,
      freezes,
      sinceFrameMs: since(frame),
      sincePacketMs: since(last),
    },
  ];
}
