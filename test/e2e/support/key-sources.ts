/* Where a device's element gets its keys, as small services and programs that hand out short-lived ones. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Service } from '../../../src/service/index.ts';
import { randomKey } from '../../../src/service/keys.ts';
import type { Environment } from '../../media/launcher.ts';
import { listen } from './turn.ts';

export interface KeySource {
  readonly env: Environment;
  /** What the element is told beside its channel. */
  readonly properties: string;
  /** How many keys were handed out. */
  issued(): number;
  /** From now on whoever asks is refused, or is not. */
  refuse(refuses: boolean): void;
  close(): Promise<void>;
}

interface Issued {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: string;
}

type Shape = (keys: Issued) => unknown;

const ofContainer: Shape = (keys) => ({
  AccessKeyId: keys.accessKeyId,
  SecretAccessKey: keys.secretAccessKey,
  Token: keys.sessionToken,
  Expiration: keys.expiration,
});

const SHAPES = {
  container: ofContainer,
  instance: (keys) => ({ Code: 'Success', Type: 'AWS-HMAC', ...(ofContainer(keys) as object) }),
  process: (keys) => ({
    Version: 1,
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    SessionToken: keys.sessionToken,
    Expiration: keys.expiration,
  }),
  iot: (keys) => ({ credentials: keys }),
} satisfies Record<string, Shape>;

export type SourceKind = keyof typeof SHAPES;

const IMDS_ROLES = '/latest/meta-data/iam/security-credentials/';
const ROLE_ALIAS = 'cameras';
const certificate = (name: string): string =>
  fileURLToPath(new URL(`../../../plugin-c/tests/kvs/${name}`, import.meta.url));

/** Keys of `kind` that the service takes for `seconds`. */
export async function startKeySource(
  kind: SourceKind,
  service: Service,
  seconds: number,
): Promise<KeySource> {
  const folder = mkdtempSync(join(tmpdir(), 'kvs-keys-'));
  let count = 0;
  let refuses = false;

  const issue = (): Issued => {
    const expiresAt = new Date(Date.now() + seconds * 1000);
    const { accessKeyId, secretAccessKey } = randomKey();
    const sessionToken = `token-${count}`;
    count += 1;
    service.addKey({ accessKeyId, secretAccessKey, sessionToken, expiresAt });
    return { accessKeyId, secretAccessKey, sessionToken, expiration: expiresAt.toISOString() };
  };

  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    // A token first (IMDSv2), then the role's name, then its keys.
    if (path === '/latest/api/token') response.end('metadata-token');
    else if (path === IMDS_ROLES) response.end('cameras');
    else if (refuses) response.writeHead(503).end();
    else response.end(JSON.stringify(SHAPES[kind](issue())));
  };

  const server: Server =
    kind === 'iot'
      ? createTlsServer(
          {
            cert: readFileSync(certificate('tls-service.pem')),
            key: readFileSync(certificate('tls-service.pem')),
            ca: readFileSync(certificate('tls-device.pem')),
            requestCert: true,
            rejectUnauthorized: true,
          },
          answer,
        )
      : createServer(answer);
  const port = await listen(server, '127.0.0.1');
  const url = `${kind === 'iot' ? 'https' : 'http'}://127.0.0.1:${port}`;

  const config = join(folder, 'config');
  const script = `fetch('${url}/keys').then((answer) => answer.text()).then(console.log)`;
  const command = `credential_process = ${process.execPath} -e "${script}"`;
  writeFileSync(config, kind === 'process' ? `[default]\n${command}\n` : '');

  return {
    env: {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_SESSION_TOKEN: undefined,
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
      ...(kind === 'container' ? { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/keys` } : {}),
      ...(kind === 'instance'
        ? { AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: 'false' }
        : { AWS_EC2_METADATA_DISABLED: 'true' }),
    },
    properties:
      kind === 'iot'
        ? `iot-certificate=iot-certificate,endpoint=${url},cert-path=${certificate('tls-device.pem')},` +
          `key-path=${certificate('tls-device-key.pem')},ca-path=${certificate('tls-ca.pem')},` +
          `role-aliases=${ROLE_ALIAS}`
        : '',
    issued: () => count,
    refuse: (now) => {
      refuses = now;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          rmSync(folder, { recursive: true });
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
