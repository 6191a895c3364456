import { invalidArgument, ServiceError } from './errors.ts';

/** A request body, still to be believed. */
export type Fields = Readonly<Record<string, unknown>>;

export const namePattern = /^[a-zA-Z0-9_.-]{1,256}$/;
const arnPattern = /^arn:[a-z\d-]+:kinesisvideo:[a-z0-9-]+:[0-9]+:[a-z]+\/[a-zA-Z0-9_.-]+\/[0-9]+$/;

/** Parses a body: an object, or nothing at all, which stands for an empty one. */
export function parseBody(body: Uint8Array): Fields {
  if (body.byteLength === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw serialization('The request body is not JSON.');
  }
  if (!isFields(value)) throw serialization('The request body is not a JSON object.');
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field of that name, or undefined where it is absent or null. */
function read(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? (fields[name] ?? undefined) : undefined;
}

export function optionalString(fields: Fields, name: string): string | undefined {
  const value = read(fields, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw serialization(`'${name}' is not a string.`);
  return value;
}

/** An absent field, or one of `pattern`. */
export function optionalMatch(fields: Fields, name: string, pattern: RegExp): string | undefined {
  const value = optionalString(fields, name);
  if (value !== undefined && !pattern.test(value)) {
    throw constraint(name, `must satisfy regular expression pattern: ${pattern.source}`);
  }
  return value;
}

export function optionalName(fields: Fields, name: string): string | undefined {
  return optionalMatch(fields, name, namePattern);
}

export function optionalArn(fields: Fields, name: string): string | undefined {
  const value = optionalMatch(fields, name, arnPattern);
  if (value !== undefined && value.length > 1024) {
    throw constraint(name, 'must have length less than or equal to 1024');
  }
  return value;
}

export function optionalInteger(
  fields: Fields,
  name: string,
  [least, most]: readonly [number, number],
): number | undefined {
  const value = read(fields, name);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw serialization(`'${name}' is not an integer.`);
  }
  if (value < least || value > most) {
    throw constraint(name, `must be between ${least} and ${most}`);
  }
  return value;
}

export function optionalChoice<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = optionalString(fields, name);
  if (value === undefined) return undefined;
  const choice = choices.find((known) => known === value);
  if (choice === undefined) {
    throw constraint(name, `must satisfy enum value set: [${choices.join(', ')}]`);
  }
  return choice;
}

export function optionalFields(fields: Fields, name: string): Fields | undefined {
  const value = read(fields, name);
  if (value === undefined) return undefined;
  if (!isFields(value)) throw serialization(`'${name}' is not a structure.`);
  return value;
}

export function optionalList(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = read(fields, name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) throw serialization(`'${name}' is not a list.`);
  return value as readonly unknown[];
}

/** The value, or AWS's complaint that it is missing. */
export function need<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw constraint(name, 'must not be null');
  return value;
}

function constraint(name: string, rule: string): ServiceError {
  return invalidArgument(
    `1 validation error detected: Value at '${camelCase(name)}' failed to satisfy constraint: ` +
      `Member ${rule}`,
  );
}

function camelCase(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function serialization(message: string): ServiceError {
  return new ServiceError('SerializationException', 400, message);
}
