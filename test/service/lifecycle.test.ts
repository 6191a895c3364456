import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect as connectTcp } from 'node:net';
import type { SignalingClient } from 'amazon-kinesis-video-streams-webrtc';
import { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CreateSignalingChannelCommand,
  GetSignalingChannelEndpointCommand,
  KinesisVideoClient,
} from '@aws-sdk/client-kinesis-video';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { createChannel } from './support/clients.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { connect, sdkClient } from './support/socket.ts';
import { makeCertificate } from './support/tls.ts';
import type { TestCertificate } from './support/tls.ts';

describe('the service', () => {
  it('takes a free port and fresh keys each time', async () => {
    const [first, second] = await Promise.all([startService(), startService()]);
    expect(first.port).not.toBe(second.port);
    expect(first.url).toBe(`http://127.0.0.1:${first.port}`);
    expect(first.credentials.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(first.credentials.secretAccessKey).not.toBe(second.credentials.secretAccessKey);
    await Promise.all([first.close(), second.close()]);
  });

  it('says why it cannot start', async () => {
    const service = await startService();
    await expect(startService({ port: service.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
    await service.close();
    await expect(startService({ tlsCert: 'cert.pem' })).rejects.toThrow(TypeError);
    await expect(
      startService({ tlsCert: '/none/cert.pem', tlsKey: '/none/key.pem' }),
    ).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('leaves no socket and no timer when it is closed', async () => {
    const clock = createFakeClock();
    const service = await startService({ clock, limits: { creatingMs: 0 } });
    const arn = await createChannel(service);
    const clients = [
      await connect(service, arn, { now: clock.now() }),
      await connect(service, arn, { now: clock.now(), viewer: 'v1' }),
    ];
    const halfOpen = connectTcp(service.port, '127.0.0.1');
    halfOpen.on('error', () => undefined);
    await once(halfOpen, 'connect');
    halfOpen.write('POST / HTTP/1.1\r\n');
    expect(clock.pending).toBeGreaterThan(0);
    expect(service.connections()).toBe(2);

    await service.close();
    expect(clock.pending).toBe(0);
    expect(service.connections()).toBe(0);
    for (const { closed } of clients) expect((await closed).code).toBe(1001);
    if (!halfOpen.destroyed) await once(halfOpen, 'close');
    const again = connectTcp(service.port, '127.0.0.1');
    const [error] = (await once(again, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
    await service.close(); // a second time is no harm
  });
});

describe('with TLS', () => {
  let certificate: TestCertificate;
  let service: Service;
  const globals = globalThis as { WebSocket?: unknown };
  const before = globals.WebSocket;

  beforeAll(async () => {
    certificate = makeCertificate();
    const ca = readFileSync(certificate.cert);
    // what a browser has, and trusts
    globals.WebSocket = class extends WebSocket {
      constructor(url: string) {
        super(url, { ca });
      }
    };
    service = await startService({
      tlsCert: certificate.cert,
      tlsKey: certificate.key,
      limits: { creatingMs: 0 },
    });
  });

  afterAll(async () => {
    globals.WebSocket = before;
    await service.close();
    certificate.remove();
  });

  it("carries Amazon's clients unchanged: REST, then WebSocket", async () => {
    const client = new KinesisVideoClient({
      endpoint: service.url,
      region: service.region,
      credentials: service.credentials,
      requestHandler: { httpsAgent: { ca: readFileSync(certificate.cert) } },
    });
    const { ChannelARN = '' } = await client.send(
      new CreateSignalingChannelCommand({ ChannelName: 'cam' }),
    );
    const { ResourceEndpointList } = await client.send(
      new GetSignalingChannelEndpointCommand({
        ChannelARN,
        SingleMasterChannelEndpointConfiguration: { Protocols: ['WSS'], Role: 'MASTER' },
      }),
    );
    expect(ResourceEndpointList).toEqual([
      { Protocol: 'WSS', ResourceEndpoint: `wss://localhost:${service.port}` },
    ]);
    client.destroy();

    const [master, viewer] = [sdkClient(service, ChannelARN), sdkClient(service, ChannelARN, 'v1')];
    await Promise.all([opened(master), opened(viewer)]);
    const offered = heard(master, 'sdpOffer');
    viewer.sendSdpOffer({ type: 'offer', sdp: 'v=0' });
    expect(await offered).toEqual([{ type: 'offer', sdp: 'v=0' }, 'v1']);
    const answered = heard(viewer, 'sdpAnswer');
    master.sendSdpAnswer({ type: 'answer', sdp: 'v=0' }, 'v1');
    expect(await answered).toEqual([{ type: 'answer', sdp: 'v=0' }, undefined]);
    const status = heard(master, 'statusResponse');
    master.sendSdpAnswer({ type: 'answer' }, undefined, 'c1');
    expect(await status).toMatchObject([{ correlationId: 'c1', statusCode: '400' }]);
    const closes = [heard(master, 'close'), heard(viewer, 'close')];
    master.close();
    viewer.close();
    await Promise.all(closes);
  });

  it('refuses plain HTTP', async () => {
    const socket = connectTcp(service.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'close');
    const call = request(`${service.url}/`, { ca: readFileSync(certificate.cert) }).end();
    const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    expect(response.statusCode).toBe(200);
    call.destroy();
  });
});

interface Emitter {
  once(event: string, listener: (...values: unknown[]) => void): void;
}

function heard(client: SignalingClient, event: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    (client as unknown as Emitter).once(event, (...values) => {
      resolve(values);
    });
  });
}

async function opened(client: SignalingClient): Promise<void> {
  const open = heard(client, 'open');
  client.open();
  await open;
}
