import { randomBytes, randomInt } from 'node:crypto';

/** An access key, and what a test may want to be wrong with it. */
export interface Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** With one, requests must carry exactly this token. */
  readonly sessionToken?: string;
  /** Name shown in AccessDenied errors. `launch`. */
  readonly user?: string;
  /** Actions the key has no permission for, such as `CreateSignalingChannel`, `ConnectAsMaster`. */
  readonly denied?: readonly string[];
  /** From this moment on the session token is expired. */
  readonly expiresAt?: Date;
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A fresh random key in the form of a long-lived AWS one. */
export function randomKey(): Key {
  const id = Array.from({ length: 16 }, () => letters.charAt(randomInt(letters.length)));
  return {
    accessKeyId: `AKIA${id.join('')}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  };
}
