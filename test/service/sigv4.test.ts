import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/service/keys.ts';
import { presignUrl, verifyHeaderForm, verifyQueryForm } from '../../src/service/sigv4.ts';
import type { SignatureRules, SignedRequest } from '../../src/service/sigv4.ts';

// Signatures here are made by hand from the published algorithm, so that the check is not
// measured by the library it is built on.
const key: Key = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret/with+signs' };
const now = Date.UTC(2026, 10, 22, 20, 0, 0);
const rulesFor = (known: Key, change: Partial<SignatureRules> = {}): SignatureRules => ({
  region: 'us-west-2',
  clockSkewMs: 300_000,
  now,
  findKey: (id) => (id === known.accessKeyId ? known : undefined),
  ...change,
});

const hmac = (secret: string | Buffer, text: string) =>
  createHmac('sha256', secret).update(text).digest();
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function signature(
  canonicalRequest: string,
  { date = '20261122T200000Z', region = 'us-west-2', service = 'kinesisvideo', secret = '' } = {},
): string {
  const day = date.slice(0, 8);
  const scope = `${day}/${region}/${service}/aws4_request`;
  const signingKey = [region, service, 'aws4_request'].reduce<Buffer>(
    (derived, part) => hmac(derived, part),
    hmac(`AWS4${secret || key.secretAccessKey}`, day),
  );
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha(canonicalRequest)].join('\n');
  return hmac(signingKey, toSign).toString('hex');
}

interface HeaderCase {
  readonly date?: string;
  readonly region?: string;
  readonly service?: string;
  readonly secret?: string;
  readonly accessKeyId?: string;
  readonly signed?: readonly string[];
  readonly extra?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Changes the request after it was signed. */
  readonly tamper?: (request: SignedRequest) => SignedRequest;
}

function headerRequest(made: HeaderCase = {}): SignedRequest {
  const { date = '20261122T200000Z', region = 'us-west-2', service = 'kinesisvideo' } = made;
  const body = made.body ?? '{"ChannelName":"cam"}';
  const headers: Record<string, string> = {
    host: '127.0.0.1:8080',
    'user-agent': 'AWS-SDK-KVS/1.16  gcc',
    'x-amz-date': date,
    ...made.extra,
  };
  const signed = made.signed ?? ['host', 'user-agent', 'x-amz-date'];
  const lines = signed.map((name) => `${name}:${headers[name]?.replace(/ +/g, ' ') ?? ''}\n`);
  const canonical = [
    'POST',
    '/describeSignalingChannel',
    '',
    lines.join(''),
    signed.join(';'),
    sha(body),
  ].join('\n');
  const id = made.accessKeyId ?? key.accessKeyId;
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${id}/${date.slice(0, 8)}/${region}/${service}/aws4_request, ` +
    `SignedHeaders=${signed.join(';')}, Signature=${signature(canonical, { ...made, date, region, service })}`;
  const request: SignedRequest = {
    method: 'POST',
    path: '/describeSignalingChannel',
    query: '',
    headers,
    body: Buffer.from(body),
  };
  return made.tamper?.(request) ?? request;
}

const withHeader =
  (name: string, change: (value: string) => string) =>
  (request: SignedRequest): SignedRequest => ({
    ...request,
    headers: { ...request.headers, [name]: change(String(request.headers[name])) },
  });

const withoutHeader =
  (name: string) =>
  (request: SignedRequest): SignedRequest => ({
    ...request,
    headers: { ...request.headers, [name]: undefined },
  });

describe('the header form', () => {
  it("accepts the C SDK's signature, user-agent and all", async () => {
    await expect(verifyHeaderForm(headerRequest(), rulesFor(key))).resolves.toBe(key);
  });

  it.each([true, false])('accepts a session token, signed: %s', async (isSigned) => {
    const temporary = { ...key, sessionToken: 'to/ken==' };
    const signed = ['host', 'x-amz-date', ...(isSigned ? ['x-amz-security-token'] : [])];
    const request = headerRequest({ signed, extra: { 'x-amz-security-token': 'to/ken==' } });
    await expect(verifyHeaderForm(request, rulesFor(temporary))).resolves.toBe(temporary);
  });

  const mismatch = /^The request signature we calculated does not match/;
  it.each<[string, HeaderCase, string, RegExp]>([
    ['a wrong secret', { secret: 'other' }, 'InvalidSignatureException', mismatch],
    [
      'another body',
      { tamper: (r) => ({ ...r, body: Buffer.from('{}') }) },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'another path',
      { tamper: (r) => ({ ...r, path: '/deleteSignalingChannel' }) },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a query that was added',
      { tamper: (r) => ({ ...r, query: 'a=1' }) },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'another method',
      { tamper: (r) => ({ ...r, method: 'PUT' }) },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'another host',
      { tamper: withHeader('host', () => 'evil:80') },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a signed header that is missing',
      { tamper: withoutHeader('user-agent') },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a wrong stated hash',
      {
        signed: ['host', 'x-amz-content-sha256', 'x-amz-date'],
        extra: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'a truncated signature',
      { tamper: withHeader('authorization', (v) => v.slice(0, -1)) },
      'InvalidSignatureException',
      mismatch,
    ],
    [
      'another region',
      { region: 'eu-west-1' },
      'InvalidSignatureException',
      /valid region, not 'eu-west-1'/,
    ],
    [
      'another service',
      { service: 's3' },
      'InvalidSignatureException',
      /correct service: 'kinesisvideo'/,
    ],
    [
      'an unknown key',
      { accessKeyId: 'AKIAOTHER' },
      'UnrecognizedClientException',
      /^The security token included in the request is invalid/,
    ],
    [
      'a token nobody gave',
      { extra: { 'x-amz-security-token': 'x' } },
      'UnrecognizedClientException',
      /token included/,
    ],
    [
      'an old date',
      { date: '20261122T195459Z' },
      'InvalidSignatureException',
      /^Signature expired: 20261122T195459Z is now earlier than 20261122T195500Z \(20261122T200000Z - 5 min\.\)/,
    ],
    [
      'a date to come',
      { date: '20261122T200501Z' },
      'InvalidSignatureException',
      /^Signature not yet current: 20261122T200501Z is still later than 20261122T200500Z \(20261122T200000Z \+ 5 min\.\)/,
    ],
    [
      'no date that is one',
      { date: '20261322T200000Z' },
      'IncompleteSignatureException',
      /ISO-8601/,
    ],
    ['no signed date', { signed: ['host'] }, 'IncompleteSignatureException', /signed headers/],
    [
      'no signed host',
      { signed: ['x-amz-date'] },
      'IncompleteSignatureException',
      /signed headers/,
    ],
    [
      'no authorization',
      { tamper: withoutHeader('authorization') },
      'MissingAuthenticationTokenException',
      /Missing/,
    ],
    [
      'another algorithm',
      { tamper: withHeader('authorization', (v) => v.replace('SHA256', 'SHA1')) },
      'IncompleteSignatureException',
      /algorithm/,
    ],
    [
      'no signature',
      { tamper: withHeader('authorization', (v) => v.replace(/, Signature.*/, '')) },
      'IncompleteSignatureException',
      /Signature/,
    ],
    [
      'a broken scope',
      { tamper: withHeader('authorization', (v) => v.replace('/aws4_request', '')) },
      'IncompleteSignatureException',
      /Credential/,
    ],
    [
      'a scope of another day',
      { tamper: withHeader('authorization', (v) => v.replace('/20261122/', '/20261121/')) },
      'InvalidSignatureException',
      /Credential scope/,
    ],
  ])('refuses %s', async (_, made, type, message) => {
    await expect(verifyHeaderForm(headerRequest(made), rulesFor(key))).rejects.toMatchObject({
      type,
      status: 403,
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a token that ran out', async () => {
    const expired = { ...key, sessionToken: 't', expiresAt: new Date(now) };
    const request = headerRequest({ extra: { 'x-amz-security-token': 't' } });
    await expect(verifyHeaderForm(request, rulesFor(expired))).rejects.toMatchObject({
      type: 'ExpiredTokenException',
    });
  });
});

interface QueryCase {
  readonly change?: Readonly<Record<string, string | undefined>>;
  readonly secret?: string;
  readonly tamper?: (query: string) => string;
}

function queryRequest({ change = {}, secret = '', tamper }: QueryCase = {}): SignedRequest {
  const parameters: Record<string, string | undefined> = {
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-ChannelARN': 'arn:aws:kinesisvideo:us-west-2:111122223333:channel/cam/1',
    'X-Amz-ClientId': 'viewer-1',
    'X-Amz-Credential': `${key.accessKeyId}/20261122/us-west-2/kinesisvideo/aws4_request`,
    'X-Amz-Date': '20261122T200000Z',
    'X-Amz-Expires': '299',
    'X-Amz-SignedHeaders': 'host',
    ...change,
  };
  const query = Object.entries(parameters)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = ['GET', '/', query, 'host:127.0.0.1:8080\n', 'host', sha('')].join('\n');
  const date = parameters['X-Amz-Date'] ?? '';
  const signed = `${query}&X-Amz-Signature=${signature(canonical, { secret, date })}`;
  return {
    method: 'GET',
    path: '/',
    query: tamper?.(signed) ?? signed,
    headers: { host: '127.0.0.1:8080' },
    body: new Uint8Array(),
  };
}

describe('the query form', () => {
  it('accepts a signature made from the published algorithm', async () => {
    const { key: found, parameters } = await verifyQueryForm(queryRequest(), rulesFor(key));
    expect(found).toBe(key);
    expect(parameters.get('X-Amz-ClientId')).toBe('viewer-1');
  });

  it('accepts a token in the signed query, and a week of life', async () => {
    const temporary = { ...key, sessionToken: 'to/ken==' };
    const request = queryRequest({
      change: { 'X-Amz-Security-Token': 'to/ken==', 'X-Amz-Expires': '604800' },
    });
    const later = rulesFor(temporary, { now: now + 604_800_000 });
    await expect(verifyQueryForm(request, later)).resolves.toMatchObject({ key: temporary });
  });

  it('accepts what presignUrl made, spaces and all', async () => {
    const url = await presignUrl(
      'ws://127.0.0.1:8080',
      { 'X-Amz-ChannelARN': "a:b/c d+e'(f)*", 'X-Amz-ClientId': 'v' },
      { key, region: 'us-west-2', now, expiresIn: 60 },
    );
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:8080\/\?X-Amz-Algorithm=/);
    const request = { ...queryRequest(), query: url.slice(url.indexOf('?') + 1) };
    const { parameters } = await verifyQueryForm(request, rulesFor(key));
    expect(parameters.get('X-Amz-ChannelARN')).toBe("a:b/c d+e'(f)*");
  });

  it.each<[string, QueryCase, string, RegExp]>([
    ['a wrong secret', { secret: 'other' }, 'InvalidSignatureException', /does not match/],
    [
      'another client id',
      { tamper: (q) => q.replace('viewer-1', 'viewer-2') },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a name given twice',
      { tamper: (q) => `${q}&X-Amz-ClientId=viewer-2` },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a parameter that was added',
      { tamper: (q) => `${q}&a=1` },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a bad escape',
      { tamper: (q) => `${q}&a=%zz` },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'a longer life than was signed',
      { tamper: (q) => q.replace('=299', '=300') },
      'InvalidSignatureException',
      /does not match/,
    ],
    [
      'no signature',
      { tamper: (q) => q.replace(/&X-Amz-Signature.*/, '') },
      'MissingAuthenticationTokenException',
      /Missing/,
    ],
    [
      'no life',
      { change: { 'X-Amz-Expires': undefined } },
      'IncompleteSignatureException',
      /X-Amz-Expires/,
    ],
    [
      'an endless life',
      { change: { 'X-Amz-Expires': '604801' } },
      'IncompleteSignatureException',
      /604800/,
    ],
    [
      'more signed headers',
      { change: { 'X-Amz-SignedHeaders': 'host;origin' } },
      'IncompleteSignatureException',
      /Host/,
    ],
    [
      'a life that is over',
      { change: { 'X-Amz-Date': '20261122T195500Z' } },
      'InvalidSignatureException',
      /^Signature expired/,
    ],
    [
      'a life to come',
      { change: { 'X-Amz-Date': '20261122T201000Z' } },
      'InvalidSignatureException',
      /^Signature not yet current/,
    ],
    [
      'a token nobody gave',
      { change: { 'X-Amz-Security-Token': 'x' } },
      'UnrecognizedClientException',
      /token included/,
    ],
  ])('refuses %s', async (_, made, type, message) => {
    await expect(verifyQueryForm(queryRequest(made), rulesFor(key))).rejects.toMatchObject({
      type,
      status: 403,
      message: expect.stringMatching(message) as string,
    });
  });
});
