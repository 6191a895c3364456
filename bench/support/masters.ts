/* Those who are compared: each plays the master of a channel of the local service. */
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gstLaunch } from '../../test/media/launcher.ts';
import { run } from '../../test/media/program.ts';
import type { Program } from '../../test/media/program.ts';
import { connect } from '../../test/service/support/socket.ts';
import type { RawClient } from '../../test/service/support/socket.ts';
import { BUILD, peer } from './built.ts';
import type { Codec } from './sdp.ts';
import type { Source } from './sources.ts';
import type { Stage } from './stage.ts';

export interface Master {
  readonly name: string;
  /** Why it is not measured, where it is not installed. */
  readonly absence?: string;
  /** Of its own, whatever the source is. */
  readonly ownCodec?: Codec;
  /** Whether it takes only offers of picture and sound. */
  readonly wantsAudio?: boolean;
  /** Viewers it lets in, and what it can encode for on a small machine. */
  readonly most: number;
  readonly mostOfRaw: number;
  /** Resolves when it is signed in. */
  start(stage: Stage, source: Source, channel: string): Promise<RunningMaster>;
}

export interface RunningMaster {
  readonly program: Program;
  stop(): Promise<void>;
}

const ENOUGH = 200;

async function signedIn(
  stage: Stage,
  channel: string,
  start: () => Program,
): Promise<RunningMaster> {
  const there = stage.nextMaster(channel);
  const program = start();
  const ended = program.exit(3_600_000).then(({ code, signal }) => {
    const story = [...program.out, ...program.err].slice(-10).join('\n');
    throw new Error(`a master ended (${code ?? signal ?? ''}) before it signed in\n${story}`);
  });
  await Promise.race([there, ended]);
  ended.catch(() => undefined);
  return { program, stop: () => end(program) };
}

async function end(program: Program): Promise<void> {
  program.kill('SIGINT');
  await program.exit(10_000).catch(() => undefined);
}

export const element: Master = {
  name: 'kinesiswebrtcbin',
  most: ENOUGH,
  mostOfRaw: ENOUGH,
  start: (stage, source, channel) =>
    signedIn(stage, channel, () =>
      gstLaunch(
        `-m ${source.text()} ! kinesiswebrtcbin channel=${channel} max-peers=${ENOUGH} bitrate=${source.kbps}`,
        { ...stage.env, ...pluginPath() },
      ),
    ),
};

/** The element's, and the clock's. */
export function pluginPath(): Readonly<Record<string, string>> {
  const own = fileURLToPath(new URL('../../plugin-c/build', import.meta.url));
  return { GST_PLUGIN_PATH: `${own}:${BUILD}` };
}

const RUST =
  process.env.BENCH_WEBRTCSINK ??
  fileURLToPath(new URL('../peers/rust/target/release/webrtcsink-peer', import.meta.url));

const rustMaster = (name: string, bitrates: (kbps: number) => string): Master => ({
  name,
  ...absent(RUST, 'cargo build --release in bench/peers/rust'),
  most: ENOUGH,
  mostOfRaw: 6,
  start: (stage, source, channel) => {
    const words = [
      source.text(),
      `! awskvswebrtcsink signaller::channel-name=${channel} signaller::cafile=${stage.authority}`,
      bitrates(source.kbps),
      `video-caps=video/x-${source.codec.toLowerCase()}`,
    ].join(' ');
    const env = { ...stage.env, SSL_CERT_FILE: stage.authority, ...pluginPath() };
    return signedIn(stage, channel, () => run(RUST, words.split(' '), env));
  },
});

/** Its estimator is off, so that it sends what the others send. */
export const awskvswebrtcsink: Master = rustMaster(
  'awskvswebrtcsink',
  (kbps) => `congestion-control=disabled start-bitrate=${kbps * 1000} max-bitrate=${kbps * 1000}`,
);

/** As it comes, with Google Congestion Control. */
export const adaptingWebrtcsink: Master = rustMaster(
  'awskvswebrtcsink, adapting',
  (kbps) =>
    `congestion-control=gcc start-bitrate=${kbps * 1000} max-bitrate=${kbps * 1000} min-bitrate=100000`,
);

/** As the element sets up VP8's encoder. */
export const vp8Encoder = (kbps: number): string =>
  `vp8enc deadline=1 cpu-used=8 threads=1 end-usage=cbr lag-in-frames=0 keyframe-max-dist=9000 target-bitrate=${kbps * 1000}`;

const PAYLOADERS = {
  VP8: ['rtpvp8pay pt=96 mtu=1200', 'VP8', '96'],
  H264: [
    'rtph264pay pt=102 mtu=1200 config-interval=-1 aggregate-mode=zero-latency',
    'H264',
    '102',
  ],
} as const;

export const plainWebrtcbin: Master = {
  name: 'webrtcbin by hand',
  most: ENOUGH,
  mostOfRaw: ENOUGH,
  start: async (stage, source, channel) => {
    const encoded = source.isRaw
      ? `${source.text()} ! ${vp8Encoder(source.kbps)}`
      : `${source.text()} ! video/x-h264,stream-format=byte-stream`;
    const program = run(peer('webrtcbin'), [...PAYLOADERS[source.codec], encoded], pluginPath());
    await program.line('playing', (line) => line === 'playing');
    const client = await connect(stage.service, stage.arnOf(channel));
    bridge(client, program);
    return {
      program,
      stop: async () => {
        client.socket.close();
        await end(program);
      },
    };
  },
};

/** Between the service and a program that knows no signaling. */
function bridge(client: RawClient, program: Program): void {
  client.socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as {
      readonly messageType: string;
      readonly messagePayload?: string;
      readonly senderClientId?: string;
    };
    const id = message.senderClientId ?? '';
    const text = Buffer.from(message.messagePayload ?? '', 'base64').toString();
    if (message.messageType === 'SDP_OFFER') {
      const { sdp } = JSON.parse(text) as { readonly sdp: string };
      program.type(`offer ${id} ${Buffer.from(sdp).toString('base64')}`);
    } else if (message.messageType === 'ICE_CANDIDATE') {
      const { candidate, sdpMLineIndex } = JSON.parse(text) as RTCIceCandidateLike;
      program.type(`candidate ${id} ${sdpMLineIndex} ${Buffer.from(candidate).toString('base64')}`);
    }
  });
  const send = (action: string, recipientClientId: string, value: object) => {
    const messagePayload = Buffer.from(JSON.stringify(value)).toString('base64');
    client.send({ action, recipientClientId, messagePayload });
  };
  program.onLine((line) => {
    const [what, id = '', ...rest] = line.split(' ');
    const decoded = Buffer.from(rest.at(-1) ?? '', 'base64').toString();
    if (what === 'answer') send('SDP_ANSWER', id, { type: 'answer', sdp: decoded });
    else if (what === 'candidate') {
      const sdpMLineIndex = Number(rest[0]);
      send('ICE_CANDIDATE', id, { candidate: decoded, sdpMid: `${sdpMLineIndex}`, sdpMLineIndex });
    }
  });
}

interface RTCIceCandidateLike {
  readonly candidate: string;
  readonly sdpMLineIndex: number;
}

const C_SDK = process.env.BENCH_C_SDK ?? '';
const C_SDK_MASTER = join(C_SDK, 'kvsWebrtcClientMaster');

/** Its sample sends files of its own: H264 of about 209 packets a second, and Opus. */
export const cSdk: Master = {
  name: "Amazon's C SDK",
  ...absent(C_SDK === '' ? '' : C_SDK_MASTER, 'BENCH_C_SDK, the folder of its built samples'),
  ownCodec: 'H264',
  wantsAudio: true,
  most: 10,
  mostOfRaw: 10,
  start: async (stage, _source, channel) => {
    const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-bench-'));
    for (const name of readdirSync(C_SDK).filter((one) => /Frames$|H264$/.test(one))) {
      symlinkSync(join(C_SDK, name), join(directory, name));
    }
    const env = {
      ...stage.env,
      CONTROL_PLANE_URI: stage.service.url,
      AWS_KVS_CACERT_PATH: stage.authority,
      AWS_KVS_LOG_LEVEL: '5',
    };
    const master = await signedIn(stage, channel, () =>
      run('env', ['-C', directory, C_SDK_MASTER, channel], env),
    );
    return {
      ...master,
      stop: async () => {
        master.program.kill('SIGKILL');
        await master.program.exit().catch(() => undefined);
        rmSync(directory, { recursive: true, force: true });
      },
    };
  },
};

function absent(file: string, remedy: string): Pick<Master, 'absence'> {
  return existsSync(file) ? {} : { absence: `not installed: ${remedy}` };
}

export const masters: readonly Master[] = [element, awskvswebrtcsink, plainWebrtcbin, cSdk];
