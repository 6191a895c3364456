import { afterEach, describe, expect, it } from 'vitest';
import { ServiceError, startService } from '../../src/service/index.ts';
import type { Service, ServiceEvent, ServiceOptions } from '../../src/service/index.ts';
import { createChannel } from './support/clients.ts';
import { createFakeClock } from './support/fake-clock.ts';
import type { FakeClock } from './support/fake-clock.ts';
import { connect, open, payload, settle } from './support/socket.ts';
import type { RawClient } from './support/socket.ts';

let service: Service;
let arn: string;
let clock: FakeClock;
let events: ServiceEvent[];

const start = async (options: ServiceOptions = {}): Promise<void> => {
  clock = createFakeClock();
  events = [];
  service = await startService({
    web: null,
    clock,
    onEvent: (event) => events.push(event),
    ...options,
    limits: { creatingMs: 0, connectsPerSecond: 1000, ...options.limits },
  });
  arn = await createChannel(service);
};
const join = (viewer?: string): Promise<RawClient> =>
  connect(service, arn, { now: clock.now(), ...(viewer !== undefined && { viewer }) });
const offer = (text = 'o', more: object = {}) => ({
  action: 'SDP_OFFER',
  messagePayload: payload(text),
  ...more,
});

afterEach(() => service.close());

describe('a connection', () => {
  it('carries offers, answers and candidates with their sender', async () => {
    await start();
    const [master, viewer] = [await join(), await join('v1')];
    viewer.send(offer());
    expect(await master.next()).toEqual({
      messageType: 'SDP_OFFER',
      messagePayload: payload('o'),
      senderClientId: 'v1',
    });
    master.send({
      Action: 'SDP_ANSWER',
      action: 'SDP_ANSWER',
      RecipientClientId: 'v1',
      MessagePayload: payload('a'),
    });
    expect(await viewer.next()).toEqual({
      messageType: 'SDP_ANSWER',
      messagePayload: payload('a'),
    });
    master.send({ action: 'ICE_CANDIDATE', recipientClientId: 'v1', messagePayload: payload('c') });
    expect((await viewer.next()).messageType).toBe('ICE_CANDIDATE');
  });

  it('tells of an error where there is a correlation id, and only there', async () => {
    await start();
    const master = await join();
    master.send(offer('lost'));
    master.send(offer('x', { correlationId: 'c1' }));
    expect(await master.next()).toMatchObject({
      messageType: 'STATUS_RESPONSE',
      statusResponse: { correlationId: 'c1', statusCode: '400' },
    });
    master.send('{');
    master.send('');
    master.socket.send(Buffer.from([0, 1, 2]));
    await settle(master);
    expect(master.frames).toHaveLength(1);
    expect(master.socket.readyState).toBe(master.socket.OPEN);
  });

  it('is refused more than its messages a second, by kind', async () => {
    await start();
    const [master, viewer] = [await join(), await join('v1')];
    for (let index = 1; index <= 6; index += 1) {
      viewer.send(offer(`o${index}`, { correlationId: `o${index}` }));
    }
    for (let index = 1; index <= 21; index += 1) {
      viewer.send({ ...offer(), action: 'ICE_CANDIDATE', correlationId: `c${index}` });
    }
    await settle(viewer);
    expect(viewer.frames.map(({ statusResponse }) => statusResponse)).toMatchObject([
      { correlationId: 'o6', statusCode: '429', errorType: 'LimitExceededException' },
      { correlationId: 'c21', statusCode: '429' },
    ]);
    clock.advance(1000);
    viewer.send(offer('later'));
    await settle(viewer);
    await settle(master);
    expect(master.frames).toHaveLength(26);
  });

  it('ends by 1009 with a frame beyond all bounds', async () => {
    await start();
    const viewer = await join('v1');
    viewer.send('x'.repeat(128 * 1024 + 1));
    expect((await viewer.closed).code).toBe(1009);
  });

  it('is displaced by a newer one of the same client', async () => {
    await start();
    const first = await join();
    const second = await join();
    expect(await first.closed).toEqual({
      code: 1008,
      reason: 'A newer connection of this client took over.',
    });
    const viewer = await join('v1');
    viewer.send(offer());
    expect((await second.next()).senderClientId).toBe('v1');
    await join('v1');
    expect((await viewer.closed).code).toBe(1008);
    expect(service.inspect()).toMatchObject([{ master: true, viewers: ['v1'] }]);
  });

  it("gets what waited for it, in the channel's time", async () => {
    await start();
    const viewer = await join('v1');
    viewer.send(offer('old'));
    viewer.send(offer('new'));
    await settle(viewer);
    expect(service.inspect()[0]?.held).toBe(1);
    clock.advance(59_000);
    const master = await join();
    expect((await master.next()).messagePayload).toBe(payload('new'));
    master.send({ action: 'SDP_ANSWER', recipientClientId: 'v2', messagePayload: payload('a') });
    await settle(master);
    clock.advance(60_000);
    expect(service.inspect()[0]?.held).toBe(0);
  });

  it('ends when nothing was sent for ten minutes, a ping being something', async () => {
    await start({ limits: { pingMs: 10_000_000 } });
    const [idle, alive] = [await join('v1'), await join('v2')];
    clock.advance(599_000);
    await settle(alive);
    clock.advance(1000);
    expect(await idle.closed).toEqual({ code: 1001, reason: 'Idle time-out.' });
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  });

  it('is told to go a minute before its hour is over', async () => {
    await start({ limits: { socketIdleMs: 10_000_000, pingMs: 10_000_000 } });
    const master = await join();
    clock.advance(3_540_000);
    expect(await master.next()).toEqual({ messageType: 'GO_AWAY', messagePayload: '' });
    clock.advance(59_999);
    await settle(master);
    clock.advance(1);
    expect((await master.closed).code).toBe(1001);
  });

  it('is told to go, or to fetch its ICE servers again, on demand', async () => {
    await start({ limits: { goAwayGraceMs: 500 } });
    const master = await join();
    service.reconnectIceServers('cam');
    service.goAway('cam');
    expect((await master.next()).messageType).toBe('RECONNECT_ICE_SERVER');
    expect((await master.next()).messageType).toBe('GO_AWAY');
    clock.advance(500);
    expect((await master.closed).code).toBe(1001);
  });

  it('ends when the other side is silently gone', async () => {
    await start({ limits: { pingMs: 30_000 } });
    const viewer = await join('v1');
    viewer.socket.pause(); // reads nothing: no pong goes back
    clock.advance(30_000);
    clock.advance(30_000);
    viewer.socket.resume();
    expect((await viewer.closed).code).toBe(1006);
  });

  it("tolerates the C SDK's subprotocol", async () => {
    await start();
    const master = await connect(service, arn, { protocols: ['wss'], now: clock.now() });
    expect(master.socket.protocol).toBe('wss');
  });

  it('ends with its channel', async () => {
    await start();
    const master = await join();
    const { DeleteSignalingChannelCommand } = await import('@aws-sdk/client-kinesis-video');
    const { controlClient } = await import('./support/clients.ts');
    const client = controlClient(service);
    await client.send(new DeleteSignalingChannelCommand({ ChannelARN: arn }));
    client.destroy();
    expect((await master.closed).reason).toBe('The channel was deleted.');
  });

  it('is told of by events that hold no payload', async () => {
    await start();
    const [master, viewer] = [await join(), await join('v1')];
    viewer.send(offer('secret'));
    await master.next();
    viewer.socket.close();
    await viewer.closed;
    await expect
      .poll(() => events.map(({ type }) => type))
      .toEqual([
        'request',
        'request',
        'request',
        'connected',
        'request',
        'connected',
        'message',
        'disconnected',
      ]);
    expect(JSON.stringify(events)).not.toContain(payload('secret'));
  });
});

describe('a connection is refused', () => {
  const other = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' };
  const weak = { accessKeyId: 'AKIAWEAK', secretAccessKey: 'y', denied: ['ConnectAsMaster'] };

  it('to an unknown key, a wrong secret, and a key without permission', async () => {
    await start({ keys: [weak] });
    const at = { now: clock.now() };
    const wrong = { ...service.credentials, secretAccessKey: 'z' };
    await expect(connect(service, arn, { ...at, key: other })).rejects.toThrow(
      /^refused 403: .*UnrecognizedClientException.*security token/,
    );
    await expect(connect(service, arn, { ...at, key: wrong })).rejects.toThrow(
      /^refused 403: .*InvalidSignatureException.*does not match/,
    );
    await expect(connect(service, arn, { ...at, key: weak })).rejects.toThrow(
      /^refused 403: .*user\/launch is not authorized to perform: kinesisvideo:ConnectAsMaster on resource: arn:/,
    );
    await connect(service, arn, { ...at, key: weak, viewer: 'v1' });
  });

  it('on another channel, another path, with a bad client id', async () => {
    await start();
    const at = { now: clock.now() };
    await expect(connect(service, arn.replace('cam', 'cat'), at)).rejects.toThrow(
      /^refused 404: .*ResourceNotFoundException/,
    );
    await expect(open(`${service.url.replace('http', 'ws')}/other`)).rejects.toThrow(/refused 404/);
    await expect(open(service.url.replace('http', 'ws'))).rejects.toThrow(
      /^refused 403: .*Missing Authentication Token/,
    );
    for (const viewer of ['AWS_x', 'a b', '']) {
      await expect(connect(service, arn, { ...at, viewer })).rejects.toThrow(/^refused 400/);
    }
  });

  it('beyond the viewers of a channel and the connects a second', async () => {
    await start({ limits: { connectsPerSecond: 3 } });
    for (let index = 0; index < 10; index += 1) {
      await join(`v${index}`);
      clock.advance(400);
    }
    await expect(join('v10')).rejects.toThrow(/^refused 400: .*ClientLimitExceededException/);
    clock.advance(1000);
    await join('v9');
    await join('v9');
    await join('v9');
    await expect(join('v9')).rejects.toThrow(/Rate exceeded for ConnectAsViewer/);
    await join(); // a master has a rate of its own
  });

  it('by a fault that a test asked for', async () => {
    const unavailable = new ServiceError('InternalFailureException', 503, 'Try again.');
    await start({ fault: (action) => (action === 'ConnectAsMaster' ? unavailable : undefined) });
    await expect(join()).rejects.toThrow(/^refused 503/);
  });
});
