/* What all figures play on: the local service over TLS, and what clients need to find it. */
import { networkInterfaces } from 'node:os';
import { startService } from '../../src/service/index.ts';
import type { Service, ServiceEvent, ServiceOptions } from '../../src/service/index.ts';
import { presignUrl } from '../../src/service/sigv4.ts';
import type { Environment } from '../../test/media/launcher.ts';
import { serviceEnvironment } from '../../test/media/launcher.ts';
import { makeCertificate } from './certificate.ts';

export interface Stage {
  readonly service: Service;
  /** For programs that shall use the service. */
  readonly env: Environment;
  /** PEM file of who signed the service's certificate. */
  readonly authority: string;
  /** IPv4 of this machine for viewers. */
  readonly address: string;
  /** The name of a channel that nobody has used. */
  newChannel(): string;
  arnOf(channel: string): string;
  /** An address that lets in one viewer, for five minutes. */
  viewerUrl(channel: string, clientId: string): Promise<string>;
  /** Resolves when the channel's next master signs in. */
  nextMaster(channel: string, ms?: number): Promise<void>;
  /** Resolves when a master of the channel goes. */
  masterLeft(channel: string, ms?: number): Promise<void>;
  close(): Promise<void>;
}

const CHANNELS = 500;
/** The bench asks for more at once than the real service grants. */
const LIMITS = {
  viewersPerChannel: 200,
  connectsPerSecond: 1000,
  describesPerSecond: 1000,
  iceConfigsPerSecond: 1000,
  callsPerSecond: 1000,
  candidatesPerSecond: 1000,
  offersPerSecond: 1000,
  answersPerSecond: 1000,
  creatingMs: 0,
  goAwayGraceMs: 3000,
} as const;

type Listener = (event: ServiceEvent) => void;

/** What Amazon's C SDK insists on: the port of https, which takes root, and a relay, which nobody uses. */
export const FOR_C_SDK = {
  port: 443,
  turn: [{ urls: ['turn:127.0.0.1:3478?transport=udp'], secret: 'unused' }],
} as const;

/** With a `host` it listens there and nowhere else. */
export async function openStage(
  wanted: Pick<ServiceOptions, 'host' | 'port' | 'turn'> = {},
): Promise<Stage> {
  const { host } = wanted;
  const certificate = makeCertificate(host === undefined ? 'DNS:localhost' : `IP:${host}`);
  process.once('exit', certificate.remove);
  const listeners = new Set<Listener>();
  const service = await startService({
    ...wanted,
    tlsCert: certificate.cert,
    tlsKey: certificate.key,
    limits: LIMITS,
    channels: Array.from({ length: CHANNELS }, (_, index) => channelName(index)),
    onEvent: (event) => {
      for (const listener of [...listeners]) listener(event);
    },
  });
  let used = 0;
  const arnOf = (channel: string) =>
    service.inspect().find(({ name }) => name === channel)?.arn ?? '';

  function until(channel: string, types: readonly string[], ms: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        listeners.delete(listener);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`no master of ${channel} was ${types.join(' or ')} in ${ms} ms`));
      }, ms);
      const listener: Listener = (event) => {
        if (!types.includes(event.type) || !('visitor' in event)) return;
        const { channelName, viewerId } = event.visitor;
        if (channelName !== channel || viewerId !== undefined) return;
        end();
        resolve();
      };
      listeners.add(listener);
    });
  }

  return {
    service,
    authority: certificate.authority,
    address: ownAddress(),
    env: {
      ...serviceEnvironment(service),
      AWS_ENDPOINT_URL: service.url,
      AWS_CA_BUNDLE: certificate.authority,
      AWS_DEFAULT_REGION: service.region,
    },
    newChannel: () => channelName(used++),
    arnOf,
    viewerUrl: (channel, clientId) =>
      presignUrl(
        service.url.replace(/^http/, 'ws'),
        { 'X-Amz-ChannelARN': arnOf(channel), 'X-Amz-ClientId': clientId },
        { key: service.credentials, region: service.region, now: Date.now(), expiresIn: 299 },
      ),
    nextMaster: (channel, ms = 30_000) => until(channel, ['connected'], ms),
    masterLeft: (channel, ms = 30_000) => until(channel, ['disconnected', 'displaced'], ms),
    close: async () => {
      await service.close();
      certificate.remove();
    },
  };
}

const channelName = (number: number) => `bench-${number}`;

/** Of a network card, as masters look for candidates there first. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
