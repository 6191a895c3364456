/* A certificate authority of the bench's own, and a certificate of it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM files. */
export interface Certificate {
  readonly authority: string;
  readonly cert: string;
  readonly key: string;
  readonly remove: () => void;
}

/** `names` as openssl writes a subjectAltName. Two, as rustls takes no authority's own certificate from a server. */
export function makeCertificate(names: string): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'kvswebrtc-bench-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'ignore' });
  const [authority, cert, key] = [file('ca.pem'), file('cert.pem'), file('key.pem')];
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  writeFileSync(file('names'), `basicConstraints=CA:FALSE\nsubjectAltName=${names}\n`);
  openssl(
    ...['req', '-x509', ...fresh, '-days', '2', '-subj', '/CN=bench authority'],
    ...['-keyout', file('ca.key'), '-out', authority],
  );
  openssl('req', ...fresh, '-subj', '/CN=localhost', '-keyout', key, '-out', file('request'));
  openssl(
    ...['x509', '-req', '-in', file('request'), '-CA', authority, '-CAkey', file('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-extfile', file('names'), '-out', cert],
  );
  return {
    authority,
    cert,
    key,
    remove: () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
