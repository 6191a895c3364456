/* Where keys come from, and whose they are. */
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { plainKeys } from './client.ts';
import type { GivenKeys } from './client.ts';

/** The SDK's marks on keys that it found, the last step of the way first. */
const SOURCES: readonly (readonly [string, string])[] = [
  ['CREDENTIALS_STS_ASSUME_ROLE_WEB_ID', 'a role by web identity'],
  ['CREDENTIALS_STS_ASSUME_ROLE', 'a role that was assumed'],
  ['CREDENTIALS_SSO', 'SSO'],
  ['CREDENTIALS_SSO_LEGACY', 'SSO'],
  ['CREDENTIALS_LOGIN', 'a login'],
  ['CREDENTIALS_PROCESS', 'credential_process'],
  ['CREDENTIALS_HTTP', "the container's endpoint"],
  ['CREDENTIALS_IMDS', "the instance's metadata"],
  ['CREDENTIALS_ENV_VARS', 'the environment'],
  ['CREDENTIALS_PROFILE', 'a profile'],
];

/** In words; null where the SDK does not say. */
export function sourceOf(keys: object): string | null {
  const marks = '$source' in keys && typeof keys.$source === 'object' ? (keys.$source ?? {}) : {};
  return SOURCES.find(([mark]) => mark in marks)?.[1] ?? null;
}

export interface Caller {
  readonly region: string;
  readonly keys: GivenKeys;
}

/** Where only Kinesis Video may be reached, nobody should wait long for this. */
const HANDLER = { connectionTimeout: 3000, requestTimeout: 5000 };

/** The ARN of the user or role, which needs no permission to ask for. Rejects as the SDK does. */
export async function findIdentity({ region, keys }: Caller): Promise<string> {
  const credentials = plainKeys(keys);
  const client = new STSClient({ region, credentials, maxAttempts: 1, requestHandler: HANDLER });
  try {
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    return Arn ?? 'the service does not say';
  } finally {
    client.destroy();
  }
}
