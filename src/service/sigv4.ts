import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { ServiceError } from './errors.ts';
import type { Key } from './keys.ts';

/** A request as it came in: `path` and `query` are the received bytes, not a parser's idea of them. */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  /** What follows the `?`, or ''. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

export interface SignatureRules {
  readonly region: string;
  /** The key of that id, if there is one. */
  readonly findKey: (accessKeyId: string) => Key | undefined;
  readonly clockSkewMs: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
}

const service = 'kinesisvideo';
const algorithm = 'AWS4-HMAC-SHA256';
const longestExpirySeconds = 604_800;

/**
 * Checks the `Authorization` header form of Signature Version 4 and returns the key that signed.
 * Throws a ServiceError in AWS's words. The session token may be left out of the signature, as
 * Amazon's C SDK does.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export async function verifyHeaderForm(
  request: SignedRequest,
  rules: SignatureRules,
): Promise<Key> {
  const authorization = parseAuthorization(header(request, 'authorization'));
  const scope = parseScope(authorization.credential);
  const signed = authorization.signedHeaders.split(';');
  const date = header(request, 'x-amz-date');
  if (date === undefined || !signed.includes('x-amz-date') || !signed.includes('host')) {
    throw incomplete("'Host' and 'X-Amz-Date' must be signed headers in the AWS Authorization.");
  }
  const key = findKey(scope, header(request, 'x-amz-security-token'), rules);
  const signingDate = checkDate(date, scope, rules, rules.clockSkewMs);
  const signedHeaders = pickHeaders(request, signed);
  checkPayloadHeader(request);
  const { sessionToken, ...pair } = key;
  const signer = createSigner(
    signed.includes('x-amz-security-token') && sessionToken !== undefined ? key : pair,
    scope.region,
  );
  const expected = await signer.sign(
    {
      ...requestTarget(request),
      headers: signedHeaders,
      body: request.body,
    },
    { signingDate, signableHeaders: new Set(signed) },
  );
  compare(expected.headers.authorization?.slice(-64), authorization.signature);
  return key;
}

/**
 * Checks the query form, as WebSocket connections use it: only `host` signed, empty payload, the
 * token a part of the signed query. Returns the key and the decoded parameters.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export async function verifyQueryForm(
  request: SignedRequest,
  rules: SignatureRules,
): Promise<{ readonly key: Key; readonly parameters: ReadonlyMap<string, string> }> {
  const parameters = parseQuery(request.query);
  const signature = parameters.get('X-Amz-Signature');
  if (signature === undefined) {
    throw new ServiceError(
      'MissingAuthenticationTokenException',
      403,
      'Missing Authentication Token',
    );
  }
  const scope = parseScope(required(parameters, 'X-Amz-Credential'));
  if (required(parameters, 'X-Amz-Algorithm') !== algorithm) {
    throw incomplete(`Unsupported AWS 'algorithm'. Expected ${algorithm}.`);
  }
  if (required(parameters, 'X-Amz-SignedHeaders') !== 'host') {
    throw incomplete("'Host' must be the signed header of the query.");
  }
  const expiresIn = parseExpiry(required(parameters, 'X-Amz-Expires'));
  const key = findKey(scope, parameters.get('X-Amz-Security-Token'), rules);
  const signingDate = checkDate(required(parameters, 'X-Amz-Date'), scope, rules, expiresIn * 1000);
  const expected = await createSigner(key, scope.region).presign(
    {
      ...requestTarget(request),
      query: signedParameters(parameters),
      headers: pickHeaders(request, ['host']),
    },
    { signingDate, expiresIn },
  );
  compare(expected.query?.['X-Amz-Signature'], signature);
  return { key, parameters };
}

/** A presigned WebSocket URL for `endpoint` (`ws://host:port`), good for `expiresIn` seconds. */
export async function presignUrl(
  endpoint: string,
  parameters: Readonly<Record<string, string>>,
  { key, region, now, expiresIn }: { key: Key; region: string; now: number; expiresIn: number },
): Promise<string> {
  const { host, hostname, protocol } = new URL(endpoint);
  const signed = await createSigner(key, region).presign(
    { method: 'GET', protocol, hostname, path: '/', query: { ...parameters }, headers: { host } },
    { signingDate: new Date(now), expiresIn },
  );
  const { 'X-Amz-Signature': signature, ...rest } = signed.query ?? {};
  const query = Object.entries(rest)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .sort();
  return `${protocol}//${host}/?${[...query, `X-Amz-Signature=${String(signature)}`].join('&')}`;
}

function parseAuthorization(text: string | undefined): {
  credential: string;
  signedHeaders: string;
  signature: string;
} {
  if (text === undefined || text === '') {
    throw new ServiceError(
      'MissingAuthenticationTokenException',
      403,
      'Missing Authentication Token',
    );
  }
  if (!text.startsWith(`${algorithm} `)) {
    throw incomplete(`Unsupported AWS 'algorithm'. Expected ${algorithm}.`);
  }
  const fields = new Map(
    text
      .slice(algorithm.length)
      .split(',')
      .map((field): [string, string] => {
        const equals = field.indexOf('=');
        return [field.slice(0, equals).trim(), field.slice(equals + 1).trim()];
      }),
  );
  return {
    credential: required(fields, 'Credential'),
    signedHeaders: required(fields, 'SignedHeaders'),
    signature: required(fields, 'Signature'),
  };
}

function parseScope(credential: string): Scope {
  const [accessKeyId, date, region, scopeService, terminator, ...more] = credential.split('/');
  if (
    !accessKeyId ||
    !date ||
    !region ||
    !scopeService ||
    terminator !== 'aws4_request' ||
    more.length > 0
  ) {
    throw incomplete('Credential must have 5 slash-delimited elements ending in aws4_request.');
  }
  return { accessKeyId, date, region, service: scopeService };
}

function parseExpiry(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > longestExpirySeconds) {
    throw incomplete(`X-Amz-Expires must be between 1 and ${longestExpirySeconds} seconds.`);
  }
  return seconds;
}

function findKey(scope: Scope, token: string | undefined, rules: SignatureRules): Key {
  if (scope.region !== rules.region) {
    throw invalidSignature(
      `Credential should be scoped to a valid region, not '${printable(scope.region)}'. `,
    );
  }
  if (scope.service !== service) {
    throw invalidSignature(
      `Credential should be scoped to correct service: '${service}', not '${printable(scope.service)}'. `,
    );
  }
  const key = rules.findKey(scope.accessKeyId);
  if (key === undefined || key.sessionToken !== token) {
    throw new ServiceError(
      'UnrecognizedClientException',
      403,
      'The security token included in the request is invalid.',
    );
  }
  if (key.expiresAt !== undefined && key.expiresAt.getTime() <= rules.now) {
    throw new ServiceError(
      'ExpiredTokenException',
      403,
      'The security token included in the request is expired',
    );
  }
  return key;
}

/** `20261122T200000Z` as a Date, once it is found to be inside `ageMs` back and the skew ahead. */
function checkDate(text: string, scope: Scope, rules: SignatureRules, ageMs: number): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year, month, day, hours, minutes, seconds] = parts ?? [];
  const date = new Date(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}.000Z`);
  if (parts === null || Number.isNaN(date.getTime())) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${printable(text)}'. ` +
        'See http://en.wikipedia.org/wiki/ISO_8601',
    );
  }
  if (!text.startsWith(scope.date)) {
    throw invalidSignature(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: ` +
        `'${printable(scope.date)}' != '${text.slice(0, 8)}', from '${text}'.`,
    );
  }
  const skew = `${Math.round(ageMs / 60_000)} min.`;
  if (date.getTime() < rules.now - ageMs) {
    throw invalidSignature(
      `Signature expired: ${text} is now earlier than ${stamp(rules.now - ageMs)} ` +
        `(${stamp(rules.now)} - ${skew})`,
    );
  }
  if (date.getTime() > rules.now + rules.clockSkewMs) {
    throw invalidSignature(
      `Signature not yet current: ${text} is still later than ` +
        `${stamp(rules.now + rules.clockSkewMs)} (${stamp(rules.now)} + ` +
        `${Math.round(rules.clockSkewMs / 60_000)} min.)`,
    );
  }
  return date;
}

/** A client that states its body's hash must state the right one: the hash is what was signed. */
function checkPayloadHeader(request: SignedRequest): void {
  const claimed = header(request, 'x-amz-content-sha256');
  if (claimed === undefined) return;
  compare(createHash('sha256').update(request.body).digest('hex'), claimed);
}

function pickHeaders(request: SignedRequest, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = header(request, name);
    if (value === undefined || name === 'authorization') {
      throw invalidSignature(mismatch);
    }
    picked[name] = value;
  }
  return picked;
}

function header(request: SignedRequest, name: string): string | undefined {
  if (!Object.hasOwn(request.headers, name)) return undefined;
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}

function requestTarget(request: SignedRequest): {
  method: string;
  protocol: string;
  hostname: string;
  path: string;
  query: Record<string, string>;
} {
  return {
    method: request.method,
    protocol: 'https:',
    hostname: 'unused', // the Host header is what is signed
    path: request.path,
    query: Object.fromEntries(parseQuery(request.query)),
  };
}

/** Decodes a query, refusing what has no single meaning: bad escapes and repeated names. */
function parseQuery(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    const [rawName, rawValue] =
      equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const name = decode(rawName);
    if (parameters.has(name)) throw invalidSignature(mismatch);
    parameters.set(name, decode(rawValue));
  }
  return parameters;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidSignature(mismatch);
  }
}

/** Presigning adds these itself; given twice they would only be signed once. */
function signedParameters(parameters: ReadonlyMap<string, string>): Record<string, string> {
  const added = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-Security-Token',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ];
  return Object.fromEntries([...parameters].filter(([name]) => !added.includes(name)));
}

function required(fields: ReadonlyMap<string, string>, name: string): string {
  const value = fields.get(name);
  if (value === undefined || value === '') {
    throw incomplete(`Authorization requires '${name}' parameter.`);
  }
  return value;
}

function createSigner(key: Key, region: string): SignatureV4 {
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  return new SignatureV4({
    service,
    region,
    credentials:
      sessionToken === undefined
        ? { accessKeyId, secretAccessKey }
        : { accessKeyId, secretAccessKey, sessionToken },
    sha256: Sha256,
    applyChecksum: false,
  });
}

const mismatch =
  'The request signature we calculated does not match the signature you provided. Check your ' +
  'AWS Secret Access Key and signing method. Consult the service documentation for details.';

function compare(computed: unknown, given: string): void {
  const ours = Buffer.from(typeof computed === 'string' ? computed : '');
  const theirs = Buffer.from(given);
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) {
    throw invalidSignature(mismatch);
  }
}

function invalidSignature(message: string): ServiceError {
  return new ServiceError('InvalidSignatureException', 403, message);
}

function incomplete(message: string): ServiceError {
  return new ServiceError('IncompleteSignatureException', 403, message);
}

/** `20261122T200000Z` */
function stamp(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** What a client wrote, fit to be said back to it. */
function printable(text: string): string {
  return text.slice(0, 64).replace(/[^\w.:/-]/g, '?');
}

/** What the signer asks of a hash, over Node's own. */
class Sha256 {
  readonly #secret: string | ArrayBuffer | ArrayBufferView | undefined;
  #hash: NodeHash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret;
    this.#hash = start(secret);
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = start(this.#secret);
  }
}

type NodeHash = ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

function start(secret: string | ArrayBuffer | ArrayBufferView | undefined): NodeHash {
  if (secret === undefined) return createHash('sha256');
  if (typeof secret === 'string') return createHmac('sha256', secret);
  return createHmac(
    'sha256',
    ArrayBuffer.isView(secret)
      ? new Uint8Array(secret.buffer, secret.byteOffset, secret.byteLength)
      : new Uint8Array(secret),
  );
}
