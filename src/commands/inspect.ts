/* The element's properties, each with an example. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { InspectRequest } from '../request.ts';
import { LaunchError, messageOf } from '../errors.ts';
import { FACTORY, loadRuntime } from '../gst/plugin.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../report/report.ts';
import type { Lines } from '../report/report.ts';

export interface Property {
  readonly name: string;
  readonly what: string;
  /** `String`, `Unsigned Integer`, `Boolean`, `Enum`, … */
  readonly type: string;
  /** As GStreamer writes it; null where there is none to tell. */
  readonly default: string | null;
  /** Of an enumeration. */
  readonly values: readonly string[];
  readonly readable: boolean;
  readonly writable: boolean;
  /** Whether it may be set while the pipeline plays. */
  readonly live: boolean;
}

/** How each is used. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'access-key': 'access-key=AKIA… secret-key=…',
  'audio-codecs': 'audio-codecs=PCMU,OPUS',
  bitrate: 'bitrate=800',
  'bitrate-policy': 'bitrate-policy=median',
  'ca-file': 'ca-file=/etc/ssl/own-ca.pem',
  channel: 'channel=cam1',
  'client-id': 'role=viewer client-id=recorder-1',
  'create-channel': 'create-channel=false',
  'dual-stack': 'dual-stack=true',
  endpoint: 'endpoint=http://127.0.0.1:8080',
  fips: 'fips=true region=us-east-1',
  'ice-transport-policy': 'ice-transport-policy=relay',
  'iot-certificate':
    'iot-certificate="iot-certificate,endpoint=x.credentials.iot.eu-west-1.amazonaws.com,cert-path=c.pem,key-path=k.pem,ca-path=ca.pem,role-aliases=cam"',
  'iot-thing-name': 'iot-thing-name=cam1',
  layers: 'layers=2',
  'max-bitrate': 'max-bitrate=4000',
  'max-peers': 'max-peers=50',
  'min-bitrate': 'min-bitrate=200',
  profile: 'profile=work',
  region: 'region=eu-west-1',
  role: 'role=viewer',
  rotation: 'rotation=90',
  'secret-key': 'access-key=AKIA… secret-key=…',
  'session-token': 'access-key=ASIA… secret-key=… session-token=…',
  'stats-interval': 'stats-interval=1000',
  'stun-server': 'stun-server=stun:stun.example.com:3478',
  transcode: 'transcode=true',
  'video-codecs': 'video-codecs=H264,VP8',
};

/** What every bin of GStreamer has. */
const INHERITED: ReadonlySet<string> = new Set([
  'async-handling',
  'message-forward',
  'name',
  'parent',
]);

/** Prints all properties, or the one that is asked for. Rejects with LaunchError. */
export async function runInspect(
  { property, output }: InspectRequest,
  { print }: { readonly print: (lines: Lines) => void },
): Promise<void> {
  // For its words where GStreamer or the plugin is missing, and for the place of the plugin.
  await loadRuntime();
  const all = parseProperties(await askGStreamer());
  const found = property === null ? all : all.filter(({ name }) => name === property);
  if (property !== null && found.length === 0) {
    const names = all.map(({ name }) => name);
    throw new LaunchError('usage', `${FACTORY} has no property "${property}"`, {
      hint: didYouMean(property, names) ?? `it has ${names.join(', ')}`,
    });
  }
  const out = output.json
    ? found.map((each) => JSON.stringify({ ...each, example: EXAMPLES[each.name] ?? null }))
    : found.flatMap(lines);
  print({ out: out.map(printable), err: [] });
}

async function askGStreamer(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('gst-inspect-1.0', ['--no-colors', FACTORY], {
      // In its own words, which are read here.
      env: { ...process.env, LC_ALL: 'C', LANGUAGE: '' },
    });
    return stdout;
  } catch (cause) {
    throw new LaunchError('missing-plugin', `gst-inspect-1.0 does not run: ${messageOf(cause)}`, {
      hint: 'apt-get install gstreamer1.0-tools',
      cause,
    });
  }
}

/** Reads what gst-inspect-1.0 writes of an element. Pure. */
export function parseProperties(text: string): readonly Property[] {
  const [, after = ''] = text.split('\nElement Properties:\n');
  const [section = ''] = after.split(/\n\n(?=\S)/);
  const parts = section.split(/^ {2}(?=[a-z][\w-]* *: )/m).slice(1);
  return parts.map(parseProperty).filter(({ name }) => !INHERITED.has(name));
}

function parseProperty(part: string): Property {
  const [, name = '', what = ''] = /^([\w-]+) *: (.*)$/m.exec(part) ?? [];
  const [, flags = ''] = /^ +flags: (.*)$/m.exec(part) ?? [];
  const [, kind = ''] = /^ +flags: .*\n +(.*)$/m.exec(part) ?? [];
  const [, type = ''] = /^([A-Z][a-z]+(?: [A-Z][a-z]+)?)/.exec(kind) ?? [];
  const [, known] = /Default: (?:-?\d+, )?(.*?) *(?:Write only)?$/.exec(kind) ?? [];
  return {
    name,
    what,
    type: type === 'Boxed' ? 'Structure' : type,
    default: known === undefined || known === 'null' ? null : known.replaceAll('"', ''),
    values: [...part.matchAll(/^ +\(-?\d+\): (\S+)/gm)].map(([, nick = '']) => nick),
    readable: flags.includes('readable'),
    writable: flags.includes('writable'),
    live: flags.includes('PLAYING'),
  };
}

function lines({ name, what, type, values, live, writable, ...more }: Property): readonly string[] {
  const kind = values.length > 0 ? values.join('|') : type;
  const about = [
    kind,
    more.default === null ? '' : `default ${more.default}`,
    !writable ? 'read only' : live ? 'also while playing' : '',
    more.readable ? '' : 'never shown',
  ].filter((word) => word !== '');
  const example = EXAMPLES[name];
  return [
    `${name}  (${about.join(', ')})`,
    `    ${what}`,
    ...(example === undefined ? [] : [`    ${FACTORY} ${example}`]),
  ];
}
