// Writes sigv4.json: requests and the signatures AWS's own signer makes of them, which the C signer must match.
// Run by hand after changing the cases: node test/vectors/make-sigv4.mjs
import { createHash, createHmac } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { SignatureV4 } from '@smithy/signature-v4';

class Sha256 {
  #hash;
  constructor(secret) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
}

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const token =
  'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJGMEQCIHoK+/=abc&def ghi~tail-_.AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd';
const temporary = { ...keys, sessionToken: token };
const arn = 'arn:aws:kinesisvideo:eu-west-1:123456789012:channel/cam1/1700000000000';
const oddArn = 'arn:aws-cn:kinesisvideo:cn-north-1:123456789012:channel/Cam_1.front-door/1/2';
const time = 1440938160; // 2015-08-30T12:36:00Z

const kvs = { region: 'eu-west-1', service: 'kinesisvideo', time };
const control = 'kinesisvideo.eu-west-1.amazonaws.com';
const json = { 'content-type': 'application/json' };

const rest = (name, path, body, extra = {}) => ({
  name,
  form: 'header',
  ...kvs,
  method: 'POST',
  host: control,
  path,
  params: {},
  headers: json,
  body,
  credentials: keys,
  ...extra,
});

const socket = (name, params, extra = {}) => ({
  name,
  form: 'query',
  ...kvs,
  method: 'GET',
  host: 'm-1234abcd.kinesisvideo.eu-west-1.amazonaws.com',
  path: '/',
  params,
  headers: {},
  body: '',
  credentials: keys,
  expires: 299,
  ...extra,
});

const viewer = (name, clientId, extra) =>
  socket(name, { 'X-Amz-ChannelARN': arn, 'X-Amz-ClientId': clientId }, extra);

const generated = [
  rest('describe by name', '/describeSignalingChannel', '{"ChannelName":"cam1"}'),
  rest('describe by ARN, with a token', '/describeSignalingChannel', `{"ChannelARN":"${arn}"}`, {
    credentials: temporary,
  }),
  rest(
    'create, port in the host',
    '/createSignalingChannel',
    '{"ChannelName":"cam1","ChannelType":"SINGLE_MASTER","SingleMasterConfiguration":{"MessageTtlSeconds":60}}',
    { host: '127.0.0.1:8443' },
  ),
  rest('ICE configuration', '/v1/get-ice-server-config', `{"ChannelARN":"${arn}","ClientId":"me","Service":"TURN"}`, {
    host: 'r-1234abcd.kinesisvideo.eu-west-1.amazonaws.com',
  }),
  rest('empty body', '/describeSignalingChannel', ''),
  rest('body beyond ASCII', '/describeSignalingChannel', '{"ChannelName":"カメラ-é"}'),
  rest('another region and time', '/describeSignalingChannel', '{"ChannelName":"cam1"}', {
    region: 'cn-northwest-1',
    host: 'kinesisvideo.cn-northwest-1.amazonaws.com.cn',
    time: 4102444799,
  }),
  rest('headers to be trimmed', '/describeSignalingChannel', '{}', {
    headers: { ...json, 'X-Amz-Meta': '  several   spaces  inside ', 'A-Header': 'first' },
  }),
  rest('query and body', '/createSignalingChannel', '{}', { params: { b: 'two words', a: '1/2:3', 'c d': '' } }),
  socket('master', { 'X-Amz-ChannelARN': arn }),
  socket('master with a token', { 'X-Amz-ChannelARN': arn }, { credentials: temporary }),
  socket('master, ARN of another partition', { 'X-Amz-ChannelARN': oddArn }, { region: 'cn-north-1' }),
  socket('master on a port', { 'X-Amz-ChannelARN': arn }, { host: '127.0.0.1:4443', expires: 60 }),
  viewer('viewer', 'viewer-1'),
  viewer('viewer with a token', 'viewer-1', { credentials: temporary }),
  viewer('viewer id with reserved characters', "a b/c:d?e&f=g+h'(i)*!@#$,;[j]"),
  viewer('viewer id beyond ASCII', 'Zürich-カメラ-🎥'),
  viewer('viewer id of percent signs', '100%25%2F%zz'),
  viewer('viewer id of unreserved characters', 'AZaz09-._~'),
];

async function sign(vector) {
  const signer = new SignatureV4({
    credentials: vector.credentials,
    region: vector.region,
    service: vector.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const request = {
    protocol: 'https:',
    method: vector.method,
    hostname: vector.host,
    path: vector.path,
    query: vector.params,
    headers: { host: vector.host, ...vector.headers },
    body: vector.body,
  };
  const signingDate = new Date(vector.time * 1000);
  if (vector.form === 'header') {
    const { headers } = await signer.sign(request, { signingDate });
    return headers.authorization;
  }
  const { query } = await signer.presign(request, { signingDate, expiresIn: vector.expires });
  const { 'X-Amz-Signature': signature, ...rest_ } = query;
  return `${encodeQuery(rest_)}&X-Amz-Signature=${signature}`;
}

function encodeQuery(query) {
  return Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

// AWS's published examples: the Signature Version 4 test suite and the IAM walk-through of its documentation.
const suite = (name, signature, signedHeaders, extra = {}) => ({
  name: `AWS: ${name}`,
  form: 'header',
  region: 'us-east-1',
  service: 'service',
  time,
  method: 'GET',
  host: 'example.amazonaws.com',
  path: '/',
  params: {},
  headers: {},
  body: '',
  credentials: keys,
  ...extra,
  expected:
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${extra.service ?? 'service'}/aws4_request, ` +
    `SignedHeaders=${signedHeaders}, Signature=${signature}`,
});

const published = [
  suite('get-vanilla', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31', 'host;x-amz-date'),
  suite('post-vanilla', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b', 'host;x-amz-date', {
    method: 'POST',
  }),
  suite(
    'get-vanilla-query-order-key-case',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    'host;x-amz-date',
    { params: { Param2: 'value2', Param1: 'value1' } },
  ),
  suite(
    'get-vanilla-utf8-query',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    'host;x-amz-date',
    { params: { ሴ: 'bar' } },
  ),
  suite(
    'get-header-value-trim',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    'host;my-header1;my-header2;x-amz-date',
    { headers: { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' } },
  ),
  suite(
    'IAM ListUsers',
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    'content-type;host;x-amz-date',
    {
      service: 'iam',
      host: 'iam.amazonaws.com',
      params: { Action: 'ListUsers', Version: '2010-05-08' },
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
    },
  ),
];

const vectors = [...published];
for (const vector of generated) vectors.push({ ...vector, expected: await sign(vector) });
writeFileSync(new URL('sigv4.json', import.meta.url), `${JSON.stringify(vectors, null, 2)}\n`);
console.error(`${vectors.length} vectors`);
