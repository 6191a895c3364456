import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import {
  CreateSignalingChannelCommand,
  DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand,
} from '@aws-sdk/client-kinesis-video';
import type { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { GetIceServerConfigCommand } from '@aws-sdk/client-kinesis-video-signaling';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError, startService } from '../../src/service/index.ts';
import type { Service, ServiceEvent, ServiceOptions } from '../../src/service/index.ts';
import { controlClient, createChannel, signalingClient } from './support/clients.ts';
import { createFakeClock } from './support/fake-clock.ts';
import { sha256 } from './support/hash.ts';

let service: Service;
let events: ServiceEvent[];
const start = async (options: ServiceOptions = {}): Promise<void> => {
  events = [];
  service = await startService({
    web: null,
    onEvent: (event) => events.push(event),
    ...options,
    limits: { creatingMs: 0, ...options.limits },
  });
};

afterEach(() => service.close());

const describeChannel = (client: KinesisVideoClient, ChannelName = 'cam') =>
  client.send(new DescribeSignalingChannelCommand({ ChannelName }));

describe("Amazon's client is told", () => {
  it.each([
    [
      'an unknown key',
      { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' },
      'UnrecognizedClientException',
    ],
    [
      'a wrong secret',
      { accessKeyId: 'AKIATEST', secretAccessKey: 'x' },
      'InvalidSignatureException',
    ],
    [
      'a wrong token',
      { accessKeyId: 'AKIATEST', secretAccessKey: 's', sessionToken: 't' },
      'UnrecognizedClientException',
    ],
  ])('of %s', async (_, key, name) => {
    await start({ credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 's' } });
    await expect(describeChannel(controlClient(service, key))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('of a missing permission, with the user, the action and the resource', async () => {
    const weak = {
      accessKeyId: 'AKIAWEAK',
      secretAccessKey: 'w',
      user: 'cam1',
      denied: ['CreateSignalingChannel'],
    };
    await start({ keys: [weak] });
    const client = controlClient(service, weak);
    await expect(
      client.send(new CreateSignalingChannelCommand({ ChannelName: 'cam' })),
    ).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message:
        'User: arn:aws:iam::111122223333:user/cam1 is not authorized to perform: ' +
        'kinesisvideo:CreateSignalingChannel on resource: ' +
        'arn:aws:kinesisvideo:us-west-2:111122223333:channel/cam/*',
    });
    await expect(describeChannel(client)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'The requested channel is not found or not active.',
      $metadata: {
        httpStatusCode: 404,
        requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      },
    });
  });

  it('of a clock that is wrong, and the SDK corrects itself by the Date header', async () => {
    await start({ clock: createFakeClock(Date.now() + 3_600_000) });
    const client = controlClient(service);
    await expect(describeChannel(client)).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringMatching(/^Signature expired/) as string,
    });
    await expect(describeChannel(client)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('of keys that were renewed', async () => {
    await start();
    const key = { accessKeyId: 'ASIATEMP', secretAccessKey: 's', sessionToken: 't1' };
    service.addKey({ ...key, expiresAt: new Date(0) });
    await expect(describeChannel(controlClient(service, key))).rejects.toMatchObject({
      name: 'ExpiredTokenException',
    });
    service.addKey({ ...key, sessionToken: 't2' });
    await expect(
      describeChannel(controlClient(service, { ...key, sessionToken: 't2' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    service.removeKey('ASIATEMP');
    await expect(describeChannel(controlClient(service, key))).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
  });

  it('of too many calls: five descriptions and ICE configurations a second and channel', async () => {
    const clock = createFakeClock();
    await start({ clock });
    const ChannelARN = await createChannel(service); // describes once
    await createChannel(service, 'other');
    const [client, signaling] = [controlClient(service), signalingClient(service)];
    const ice = () => signaling.send(new GetIceServerConfigCommand({ ChannelARN }));
    for (let index = 0; index < 4; index += 1) await describeChannel(client);
    for (let index = 0; index < 5; index += 1) await ice();
    await expect(describeChannel(client)).rejects.toMatchObject({
      name: 'ClientLimitExceededException',
    });
    await expect(ice()).rejects.toMatchObject({ name: 'ClientLimitExceededException' });
    await describeChannel(client, 'other');
    clock.advance(200);
    await describeChannel(client);
    await ice();
  });

  it('of a channel that exists, and of one too many', async () => {
    await start({ limits: { channels: 1 } });
    const client = controlClient(service);
    const create = (ChannelName: string) =>
      client.send(new CreateSignalingChannelCommand({ ChannelName }));
    await create('cam');
    await expect(create('cam')).rejects.toMatchObject({ name: 'ResourceInUseException' });
    await expect(create('cat')).rejects.toMatchObject({
      name: 'AccountChannelLimitExceededException',
    });
  });

  it('of a fault that a test asked for, and tries again by itself', async () => {
    let faults = 2;
    const unavailable = new ServiceError('InternalFailureException', 503, 'Try again.');
    await start({ fault: () => (faults-- > 0 ? unavailable : undefined) });
    await expect(describeChannel(controlClient(service))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 503 },
    });
    faults = 0;
    await createChannel(service);
    faults = 1;
    const { KinesisVideoClient: Client } = await import('@aws-sdk/client-kinesis-video');
    const { url, region, credentials } = service;
    await describeChannel(new Client({ endpoint: url, region, credentials }));
    expect(faults).toBeLessThanOrEqual(0);
  });
});

/** Signs and sends any body to any path. */
async function call(path: string, body: string | Uint8Array): Promise<Response> {
  const signer = new SignatureV4({
    service: 'kinesisvideo',
    region: service.region,
    credentials: service.credentials,
    sha256,
  });
  const { host, hostname } = new URL(service.url);
  const { headers } = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    headers: { host },
    body,
  });
  return fetch(`${service.url}${path}`, { method: 'POST', headers, body: Buffer.from(body) });
}

const arn = 'arn:aws:kinesisvideo:us-west-2:111122223333:channel/cam/1';

describe('a field is refused', () => {
  it.each<[string, object, string]>([
    ['/createSignalingChannel', {}, 'InvalidArgumentException'],
    ['/createSignalingChannel', { ChannelName: null }, 'InvalidArgumentException'],
    ['/createSignalingChannel', { ChannelName: '' }, 'InvalidArgumentException'],
    ['/createSignalingChannel', { ChannelName: 'a b' }, 'InvalidArgumentException'],
    ['/createSignalingChannel', { ChannelName: 'a'.repeat(257) }, 'InvalidArgumentException'],
    ['/createSignalingChannel', { ChannelName: 7 }, 'SerializationException'],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', ChannelType: 'OTHER' },
      'InvalidArgumentException',
    ],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', SingleMasterConfiguration: { MessageTtlSeconds: 4 } },
      'InvalidArgumentException',
    ],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', SingleMasterConfiguration: { MessageTtlSeconds: 121 } },
      'InvalidArgumentException',
    ],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', SingleMasterConfiguration: { MessageTtlSeconds: '60' } },
      'SerializationException',
    ],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', SingleMasterConfiguration: 7 },
      'SerializationException',
    ],
    ['/createSignalingChannel', { ChannelName: 'a', Tags: {} }, 'SerializationException'],
    ['/createSignalingChannel', { ChannelName: 'a', Tags: [7] }, 'InvalidArgumentException'],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', Tags: [{ Key: '' }] },
      'InvalidArgumentException',
    ],
    [
      '/createSignalingChannel',
      { ChannelName: 'a', Tags: Array(51).fill({ Key: 'k', Value: 'v' }) },
      'TagsPerResourceExceededLimitException',
    ],
    ['/describeSignalingChannel', {}, 'InvalidArgumentException'],
    ['/describeSignalingChannel', { ChannelARN: 'arn' }, 'InvalidArgumentException'],
    ['/describeSignalingChannel', { ChannelARN: arn }, 'ResourceNotFoundException'],
    ['/describeSignalingChannel', { ChannelName: '__proto__' }, 'ResourceNotFoundException'],
    ['/listSignalingChannels', { MaxResults: 0 }, 'InvalidArgumentException'],
    ['/listSignalingChannels', { MaxResults: 1.5 }, 'SerializationException'],
    ['/deleteSignalingChannel', {}, 'InvalidArgumentException'],
    ['/updateSignalingChannel', { ChannelARN: arn }, 'ResourceNotFoundException'],
    ['/getSignalingChannelEndpoint', { ChannelARN: arn }, 'ResourceNotFoundException'],
    ['/v1/get-ice-server-config', {}, 'InvalidArgumentException'],
    ['/joinStorageSession', { channelArn: arn }, 'ResourceNotFoundException'],
    ['/joinStorageSessionAsViewer', { channelArn: arn }, 'InvalidArgumentException'],
    ['/TagResource', { ResourceARN: arn }, 'ResourceNotFoundException'],
  ])('%s %j', async (path, fields, type) => {
    await start();
    const response = await call(path, JSON.stringify(fields));
    expect(response.headers.get('x-amzn-errortype')).toBe(type);
    expect(response.status).toBe(type === 'ResourceNotFoundException' ? 404 : 400);
    expect(JSON.stringify(await response.json())).toMatch(/"[Mm]essage":"./);
  });

  it('of an endpoint or a service that is none', async () => {
    await start();
    const ChannelARN = await createChannel(service);
    const control = controlClient(service);
    for (const configuration of [
      { Protocols: [] },
      { Protocols: ['HTTP'] },
      { Role: 'GUEST' },
    ] as const) {
      await expect(
        control.send(
          new GetSignalingChannelEndpointCommand({
            ChannelARN,
            SingleMasterChannelEndpointConfiguration: configuration as never,
          }),
        ),
      ).rejects.toMatchObject({ name: 'InvalidArgumentException' });
    }
    const ice = new GetIceServerConfigCommand({ ChannelARN, Service: 'STUN' as 'TURN' });
    await expect(signalingClient(service).send(ice)).rejects.toMatchObject({
      name: 'InvalidArgumentException',
    });
  });

  it('because storage is not enabled here', async () => {
    await start();
    const channelArn = await createChannel(service);
    const response = await call('/joinStorageSession', JSON.stringify({ channelArn }));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      Message: 'Media storage is not enabled for the channel cam.',
    });
  });
});

describe('hostile input', () => {
  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['another type', '"x"'],
    ['bytes that are no text', new Uint8Array([0x7b, 0xff, 0xfe, 0x7d])],
    ['depth', '['.repeat(20_000)],
  ])('%s is answered with an error', async (_, body) => {
    await start();
    const response = await call('/createSignalingChannel', body);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe('SerializationException');
  });

  it('a huge body is not read to its end', async () => {
    await start();
    const response = await fetch(`${service.url}/createSignalingChannel`, {
      method: 'POST',
      body: 'x'.repeat(65_537),
    });
    expect(response.status).toBe(413);
    await createChannel(service);
  });

  it('a body that never ends is given up', async () => {
    await start({ limits: { requestMs: 200 } });
    const socket = connectTcp(service.port, '127.0.0.1');
    socket.write(
      'POST /createSignalingChannel HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    );
    socket.resume();
    await once(socket, 'close');
    expect(events.filter(({ type }) => type === 'failure')).toEqual([]);
  });

  it('a connection that never asks is closed without a word', async () => {
    await start({ limits: { requestMs: 200 } });
    const socket = connectTcp(service.port, '127.0.0.1');
    let heard = '';
    socket.on('data', (data) => (heard += String(data)));
    await once(socket, 'close');
    expect(heard).toBe('');
  });

  it('a client that leaves in the middle is no failure of ours', async () => {
    await start();
    const socket = connectTcp(service.port, '127.0.0.1');
    socket.write(
      'POST /createSignalingChannel HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{',
    );
    await once(socket, 'ready');
    socket.resetAndDestroy();
    await createChannel(service);
    expect(events.filter(({ type }) => type === 'failure')).toEqual([]);
  });

  it.each(['\x16\x03\x01\x02', 'GET', 'GET / HTTP/9.9\r\n\r\n', 'POST /\r\n\r\n'])(
    'bytes that are no HTTP are answered or cut: %j',
    async (bytes) => {
      await start({ limits: { requestMs: 200 } });
      const socket = connectTcp(service.port, '127.0.0.1');
      socket.write(bytes);
      socket.resume();
      await once(socket, 'close');
    },
  );

  it('unknown paths and methods are no operations', async () => {
    await start();
    for (const [method, path] of [
      ['POST', '/'],
      ['POST', '/constructor'],
      ['GET', '/describeSignalingChannel'],
      ['DELETE', '/createSignalingChannel'],
    ] as const) {
      const response = await fetch(`${service.url}${path}`, { method });
      expect(response.status).toBe(404);
      expect(response.headers.get('x-amzn-errortype')).toBe('UnknownOperationException');
    }
  });

  it("a browser's preflight is answered, and every answer may be read by it", async () => {
    await start();
    const preflight = await fetch(`${service.url}/describeSignalingChannel`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://example.com', 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.ok).toBe(true);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    const refused = await fetch(`${service.url}/describeSignalingChannel`, { method: 'POST' });
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(await refused.json()).toMatchObject({ message: 'Missing Authentication Token' });
  });
});
