/* STUN and TURN messages, as much as asking for an address and for a relay takes (RFC 8489, RFC 8656). Pure. */
import { createHash, createHmac } from 'node:crypto';

export const BINDING_REQUEST = 0x0001;
export const BINDING_SUCCESS = 0x0101;
export const ALLOCATE_REQUEST = 0x0003;
export const ALLOCATE_SUCCESS = 0x0103;
export const ALLOCATE_ERROR = 0x0113;
export const REFRESH_REQUEST = 0x0004;

export const ATTRIBUTE = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  lifetime: 0x000d,
  realm: 0x0014,
  nonce: 0x0015,
  transport: 0x0019,
} as const;

/** REQUESTED-TRANSPORT: UDP between relay and peers, whatever leads to the relay. */
export const TRANSPORT_UDP = Buffer.from([17, 0, 0, 0]);

const COOKIE = 0x2112a442;
const HEADER_BYTES = 20;

export type Attribute = readonly [type: number, value: Buffer];

export interface Message {
  readonly type: number;
  readonly transaction: Buffer;
  readonly attributes: ReadonlyMap<number, Buffer>;
}

/** With a key a MESSAGE-INTEGRITY is put at its end. `transaction` has 12 bytes. */
export function encode(
  type: number,
  transaction: Buffer,
  attributes: readonly Attribute[],
  key?: Buffer,
): Buffer {
  const body = Buffer.concat(attributes.map(([name, value]) => encodeAttribute(name, value)));
  if (key === undefined) return Buffer.concat([header(type, body.length, transaction), body]);
  // The length that is signed counts the signature itself.
  const signed = Buffer.concat([header(type, body.length + 24, transaction), body]);
  const integrity = createHmac('sha1', key).update(signed).digest();
  return Buffer.concat([signed, encodeAttribute(ATTRIBUTE.integrity, integrity)]);
}

/** Of long-term credentials. */
export function integrityKey(username: string, realm: string, password: string): Buffer {
  return createHash('md5').update(`${username}:${realm}:${password}`).digest();
}

/** The message at the start of `data` and what is after it; null when it is not all there, or is none. */
export function decode(data: Buffer): { readonly message: Message; readonly rest: Buffer } | null {
  if (data.length < HEADER_BYTES || data.readUInt32BE(4) !== COOKIE) return null;
  const end = HEADER_BYTES + data.readUInt16BE(2);
  if (data.length < end) return null;
  const attributes = new Map<number, Buffer>();
  for (let at = HEADER_BYTES; at + 4 <= end;) {
    const length = data.readUInt16BE(at + 2);
    if (at + 4 + length > end) break;
    attributes.set(data.readUInt16BE(at), data.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  const transaction = data.subarray(8, HEADER_BYTES);
  return {
    message: { type: data.readUInt16BE(0), transaction, attributes },
    rest: data.subarray(end),
  };
}

/** `401 Unauthorized`, or ''. */
export function errorOf({ attributes }: Message): string {
  const value = attributes.get(ATTRIBUTE.errorCode);
  if (value === undefined || value.length < 4) return '';
  const code = (value[2] ?? 0) * 100 + (value[3] ?? 0);
  return `${code} ${value.subarray(4).toString()}`.trim();
}

function header(type: number, length: number, transaction: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(length, 2);
  head.writeUInt32BE(COOKIE, 4);
  return Buffer.concat([head, transaction]);
}

function encodeAttribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}
