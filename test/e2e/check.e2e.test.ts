/* The doctor, against the local service with relays by UDP and by TLS. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { randomKey } from '../../src/service/keys.ts';
import { run } from '../helpers/run.ts';
import type { Finished } from '../helpers/run.ts';
import { serviceEnvironment } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import { makeCertificate } from '../service/support/tls.ts';
import { startTlsFront, startTurn, TURN_SECRET } from './support/turn.ts';
import type { TestTurn, TlsFront } from './support/turn.ts';

const STAGES = ['credentials', 'region', 'channel', 'endpoints', 'clock', 'websocket', 'ice'];

describe('check', () => {
  const certificate = makeCertificate();
  let turn: TestTurn;
  let front: TlsFront;
  let service: Service;

  const keys = [
    { ...randomKey(), denied: ['ConnectAsViewer', 'GetIceServerConfig', 'ListSignalingChannels'] },
    { ...randomKey(), denied: ['CreateSignalingChannel', 'DescribeSignalingChannel'] },
  ] as const;
  const [restless, blind] = keys.map(({ accessKeyId, secretAccessKey }) => ({
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  }));

  const serve = (secret: string): Promise<Service> =>
    startService({
      channels: ['cam1'],
      keys,
      limits: { creatingMs: 0 },
      turn: [
        {
          urls: [
            `turn:127.0.0.1:${turn.port}?transport=udp`,
            `turns:localhost:${front.port}?transport=tcp`,
          ],
          secret,
        },
      ],
    });

  const check = (of: Service, words: readonly string[], env: Environment = {}): Promise<Finished> =>
    run(['check', ...words], {
      ...serviceEnvironment(of),
      NODE_EXTRA_CA_CERTS: certificate.cert,
      ...env,
    });

  beforeAll(async () => {
    turn = await startTurn();
    front = await startTlsFront(turn, certificate);
    service = await serve(TURN_SECRET);
  });

  afterAll(async () => {
    await service.close();
    await front.close();
    await turn.stop();
    certificate.remove();
  });

  it('goes through every stage, with relays by UDP and by TLS', async () => {
    const { code, stdout, stderr } = await check(service, ['cam1']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const stage of ['gstreamer', 'encoders', 'camera', ...STAGES, 'turn udp', 'turn tls']) {
      expect(stdout).toMatch(new RegExp(`^✓ ${stage} +\\d`, 'm'));
    }
    const { accessKeyId, secretAccessKey } = service.credentials;
    expect(stdout).not.toContain(accessKeyId);
    expect(stdout).not.toContain(secretAccessKey);
  });

  it('tells programs the same', async () => {
    const { code, stdout } = await check(service, ['--json', 'cam1']);
    expect(code).toBe(0);
    execFileSync('jq', ['-es', 'length == 12 and all(.ok and .ms >= 0)'], { input: stdout });
  });

  it('names the stage that fails, and goes no further', async () => {
    const { code, stdout, stderr } = await check(service, ['nosuch']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^✓ region /m);
    expect(stdout).toMatch(/^✗ channel .*channels list/m);
    expect(stdout).not.toMatch(/endpoints/);
    expect(stderr).toMatch(/^kvswebrtc-launch: error: channel failed: [^\n]+\n$/);
  });

  it('names each permission, and what to add to the policy where one is missing', async () => {
    const { code, stdout, stderr } = await check(service, ['cam1'], restless);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^✓ channel .*\(kinesisvideo:DescribeSignalingChannel\)$/m);
    expect(stdout).toMatch(/^✓ endpoints .*\(kinesisvideo:GetSignalingChannelEndpoint\)$/m);
    const arn = 'arn:aws:kinesisvideo:[a-z0-9-]+:\\d+:channel/cam1/\\*';
    for (const [stage, call] of [
      ['websocket', 'ConnectAsViewer'],
      ['ice', 'GetIceServerConfig'],
    ] as const) {
      const action = `kinesisvideo:${call}`;
      const line = `^✗ ${stage} .*${action} is not allowed; add "${action}" on "${arn}" to the policy`;
      expect(stdout).toMatch(new RegExp(line, 'm'));
    }
    expect(stderr).toMatch(/error: websocket and 1 more failed: kinesisvideo:ConnectAsViewer/);
  });

  it('goes on with an ARN whose channel may not be described', async () => {
    const { stdout } = await check(service, ['cam1'], blind);
    const named =
      /add "kinesisvideo:DescribeSignalingChannel" on "arn:aws:kinesisvideo:\*:\*:channel\/cam1\/\*"/;
    expect(stdout).toMatch(named);
    expect(stdout).not.toMatch(/endpoints/);
    const known = await check(service, ['--json', 'cam1']);
    const arn = /arn:aws:kinesisvideo:[^ "]+/.exec(known.stdout)?.[0] ?? '';
    const more = await check(service, [arn], blind);
    expect(more.code).toBe(3);
    expect(more.stdout).toMatch(/^✗ channel /m);
    expect(more.stdout).toMatch(/^✓ websocket .*\(kinesisvideo:ConnectAsViewer\)$/m);
  });

  it('signs in as master when asked, and tells whether one may create channels', async () => {
    const may = await check(service, ['cam1', '--role', 'master']);
    expect(may.code).toBe(0);
    expect(may.stdout).toMatch(/^✓ creating .*kinesisvideo:CreateSignalingChannel is allowed$/m);
    expect(may.stdout).toMatch(/^✓ websocket .* as master \(kinesisvideo:ConnectAsMaster\)$/m);
    const poor = { ...randomKey(), denied: ['CreateSignalingChannel'] };
    const other = await startService({
      channels: ['cam1'],
      keys: [poor],
      limits: { creatingMs: 0 },
    });
    try {
      const env = {
        AWS_ACCESS_KEY_ID: poor.accessKeyId,
        AWS_SECRET_ACCESS_KEY: poor.secretAccessKey,
      };
      const not = await check(other, ['cam1', '--role=master'], env);
      expect(not.code).toBe(0);
      expect(not.stdout).toMatch(/^✓ creating .*is not allowed, and not needed/m);
    } finally {
      await other.close();
    }
  });

  it('does without a channel what needs none', async () => {
    const { code, stdout, stderr } = await check(service, []);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ service .*there is one channel$/m);
    expect(stdout).toMatch(/^✓ clock /m);
    expect(stdout).not.toMatch(/^. (channel|endpoints|websocket|ice) /m);
    expect(stderr).toMatch(/^kvswebrtc-launch: hint: with the name of a channel [^\n]+\n$/);
    const denied = await check(service, [], restless);
    expect(denied.code).toBe(0);
    expect(denied.stdout).toMatch(/^✓ service .*ListSignalingChannels is not allowed/m);
    const wrong = await check(service, ['--json'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(wrong.code).toBe(3);
    const program = '.[-1].code == "credentials" and any(.check == "service" and (.ok | not))';
    execFileSync('jq', ['-es', program], { input: wrong.stdout });
  });

  it('says whose keys they are, where there is somebody to ask', async () => {
    const arn = 'arn:aws:iam::111122223333:user/cam1';
    const sts = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/xml' }).end(
        `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
          <Arn>${arn}</Arn><UserId>AIDA</UserId><Account>111122223333</Account>
        </GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    }).listen(0, '127.0.0.1');
    await once(sts, 'listening');
    const { port } = sts.address() as AddressInfo;
    const { code, stdout } = await check(service, ['cam1'], {
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}`,
    });
    sts.close();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^✓ credentials .* from the environment$/m);
    expect(stdout).toMatch(new RegExp(`^✓ identity .*${arn}$`, 'm'));
  });

  it('tells of keys that are refused', async () => {
    const { code, stdout } = await check(service, ['cam1'], { AWS_SECRET_ACCESS_KEY: 'wrong' });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^✗ channel .*check the keys/m);
  });

  it('tells of relays that refuse', async () => {
    const other = await serve('another secret');
    try {
      const { code, stdout } = await check(other, ['cam1']);
      expect(code).toBe(3);
      expect(stdout).toMatch(/^✗ turn udp .*401/m);
      expect(stdout).toMatch(/^✗ turn tls .*401/m);
    } finally {
      await other.close();
    }
  });
});
