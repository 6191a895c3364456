import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  remove(): void;
}

/** A self-signed certificate, as PEM files; `names` as openssl writes a subjectAltName. */
export function makeCertificate(names = 'DNS:localhost'): TestCertificate {
  const directory = mkdtempSync(join(tmpdir(), 'kvs-tls-'));
  const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-days', '2', '-subj', '/CN=localhost', '-addext', `subjectAltName=${names}`],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  );
  return {
    cert,
    key,
    remove: () => {
      rmSync(directory, { recursive: true });
    },
  };
}
