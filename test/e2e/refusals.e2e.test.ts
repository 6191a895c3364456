import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../../src/service/index.ts';
import type { Service } from '../../src/service/index.ts';
import { is, launch, runLauncher, serviceEnvironment } from '../media/launcher.ts';
import type { Environment } from '../media/launcher.ts';
import { killAll } from '../media/program.ts';

const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const pipeline = (channel: string, more = '') =>
  `videotestsrc is-live=true ! kinesiswebrtcbin channel=${channel} ${more}`.trim();

describe('what the service refuses ends the run with one line and exit code 3', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({
      keys: [
        {
          accessKeyId: 'AKIANOTALLOWED',
          secretAccessKey: SECRET,
          denied: ['CreateSignalingChannel'],
        },
        { accessKeyId: 'AKIANOMASTER', secretAccessKey: SECRET, denied: ['ConnectAsMaster'] },
      ],
    });
  });

  afterEach(killAll);
  afterAll(() => service.close());

  /** The one line of stderr; no stack trace and no secret is in it. */
  async function refusal(text: string, env: Environment): Promise<string> {
    const program = runLauncher(['--no-color', text], env);
    expect(await program.exit(60_000)).toEqual({ code: 3, signal: null });
    const said = program.err.filter((line) => line !== 'playing; Ctrl-C ends it');
    expect(said).toHaveLength(1);
    expect([...program.out, ...said].join('\n')).not.toContain(SECRET);
    return said[0]!;
  }

  it('a wrong secret', async () => {
    const { accessKeyId } = service.credentials;
    const env = serviceEnvironment(service, { accessKeyId, secretAccessKey: SECRET });
    const line = await refusal(pipeline('cam1'), env);
    expect(line).toMatch(/secret|signature|key/i);
    expect(line).toContain('cam1');
  });

  it('a key without the permission to create the channel', async () => {
    const key = { accessKeyId: 'AKIANOTALLOWED', secretAccessKey: SECRET };
    const line = await refusal(pipeline('cam2'), serviceEnvironment(service, key));
    expect(line).toContain('CreateSignalingChannel');
    expect(line).toContain('cam2');
  });

  it('a key without the permission to be master', async () => {
    const key = { accessKeyId: 'AKIANOMASTER', secretAccessKey: SECRET };
    const line = await refusal(pipeline('cam3'), serviceEnvironment(service, key));
    expect(line).toMatch(/ConnectAsMaster|permission/);
    expect(line).toContain('cam3');
  });

  it('a channel that is not there and may not be made', async () => {
    const line = await refusal(
      pipeline('missing', 'create-channel=false'),
      serviceEnvironment(service),
    );
    expect(line).toContain('missing');
    expect(line).toContain('create-channel');
  });

  it('a service that cannot be reached', async () => {
    const gone = await startService();
    await gone.close();
    const line = await refusal(pipeline('cam1'), serviceEnvironment(gone));
    expect(line).toContain(`127.0.0.1:${gone.port}`);
  });

  it('a second master takes the channel of the first, which says so', async () => {
    const first = launch([pipeline('cam4')], serviceEnvironment(service));
    await first.event('signed in', is('signaling', { state: 'connected' }));
    const second = launch([pipeline('cam4')], serviceEnvironment(service));
    await second.event('signed in', is('signaling', { state: 'connected' }));

    expect(await first.exit(30_000)).toEqual({ code: 3, signal: null });
    const [error] = first.events(is('error'));
    expect(error).toMatchObject({ code: 'displaced', exitCode: 3 });
    expect(error?.message).toContain('cam4');
    expect(first.err).toHaveLength(1);

    second.kill('SIGINT');
    expect(await second.exit()).toEqual({ code: 0, signal: null });
  });
});

describe('a service over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kvswebrtc-tls-'));
  const cert = join(folder, 'cert.pem');
  const key = join(folder, 'key.pem');
  let service: Service;

  beforeAll(async () => {
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-days',
          '2',
          '-subj',
          '/CN=localhost',
        ],
        ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', cert],
      ],
      { stdio: 'ignore' },
    );
    service = await startService({ tlsCert: cert, tlsKey: key });
  });

  afterEach(killAll);
  afterAll(() => service.close());

  it('is refused while its certificate is not trusted', async () => {
    const program = runLauncher(['--no-color', pipeline('cam1')], serviceEnvironment(service));
    expect(await program.exit(60_000)).toEqual({ code: 3, signal: null });
    const said = program.err.filter((line) => line !== 'playing; Ctrl-C ends it');
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/certificate/i);
    expect(said[0]).toMatch(/AWS_CA_BUNDLE|ca-file/);
  });

  it('is used when AWS_CA_BUNDLE names it', async () => {
    const env = { ...serviceEnvironment(service), AWS_CA_BUNDLE: cert };
    const launcher = launch([pipeline('cam1')], env);
    await launcher.event('signed in', is('signaling', { state: 'connected' }));
    launcher.kill('SIGINT');
    expect(await launcher.exit()).toEqual({ code: 0, signal: null });
    expect(launcher.err).toEqual([]);
  });
});
