/* The control plane as commands use it: a client, and its failures in our words. */
import { KinesisVideoClient } from '@aws-sdk/client-kinesis-video';
import { LaunchError, messageOf } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';

/** Where to go and as whom; what is undefined is found as AWS tools find it. */
export interface Target {
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly endpoint: string | undefined;
}

/** Keys as the SDK takes them, which has a token or none, but not an undefined one. */
export function plainKeys({ accessKeyId, secretAccessKey, sessionToken }: GivenKeys) {
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

export interface GivenKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Of the control plane. */
export type Client = KinesisVideoClient;

export function createClient({ region, profile, endpoint }: Target): KinesisVideoClient {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return new KinesisVideoClient({
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 3,
  });
}

/** What the last answer told; nulls before there was one. */
export interface Answer {
  host: string | null;
  /** As HTTP writes it. */
  date: string | null;
}

/** Kept up to date from now on, by refusals too. */
export function noteAnswers(client: Client): Answer {
  const answer: Answer = { host: null, date: null };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { request } = args as { readonly request: { readonly hostname?: string } };
      const { response } = result as {
        readonly response: { readonly headers?: Readonly<Record<string, string>> };
      };
      answer.host = request.hostname ?? null;
      answer.date = response.headers?.date ?? null;
      return result;
    },
    // Nearest to the wire, as what reads the answer throws at a refusal.
    { step: 'deserialize', priority: 'low' },
  );
  return answer;
}

/** As docs/TROUBLESHOOTING.md has it. */
export const CLOCK_HINT = 'set the clock of this machine: timedatectl set-ntp true';

const KINDS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [
    /AccessDenied|NotAuthorized|not authorized to perform/,
    'permission',
    'allow it in the IAM policy of these keys',
  ],
  [
    /UnrecognizedClient|InvalidSignature|InvalidClientTokenId|ExpiredToken|IncompleteSignature|MissingAuthentication|CredentialsProvider|Token(Provider|Refresh)/,
    'credentials',
    'check the keys, the profile and the clock; "aws sts get-caller-identity" shows whose they are',
  ],
  [/RequestExpired|RequestTimeTooSkewed/, 'clock', CLOCK_HINT],
  [/ResourceNotFound/, 'channel', '"kvswebrtc-launch channels list" names those there are'],
  [/ResourceInUse/, 'channel', 'it is there already, or busy: try again, or choose another name'],
  [/LimitExceeded/, 'channel', 'delete channels that are not needed, or ask AWS for more'],
  [/Throttl|ClientLimit|TooManyRequests/, 'throttled', 'wait a little and try again'],
  [/InvalidArgument|Validation/, 'settings', 'correct what is named'],
  [
    /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|TimeoutError|NetworkingError/,
    'network',
    'check the network, the region and the endpoint; "curl -v https://kinesisvideo.REGION.amazonaws.com" shows how far it comes',
  ],
  [
    /CERT|SSL|TLS/,
    'tls',
    'AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS names further authorities to trust',
  ],
];

/** `what` is what was tried, on what: `channel "x" cannot be deleted`. */
export function toLaunchError(what: string, cause: unknown): LaunchError {
  if (cause instanceof LaunchError) return cause;
  const said = messageOf(cause).replace(/\.$/, '');
  if (/^Region is missing/i.test(said)) {
    return new LaunchError('region', 'no AWS region is known', {
      hint: 'set AWS_REGION, or give --region, for example --region us-west-2',
      cause,
    });
  }
  const name = cause instanceof Error ? cause.name : '';
  const system = systemCode(cause);
  const kind =
    KINDS.find(([pattern]) => pattern.test(name) || pattern.test(system)) ??
    KINDS.find(([pattern]) => pattern.test(said));
  const reason = said === '' || said === 'UnknownError' ? name : said;
  return new LaunchError(kind?.[1] ?? 'service', `${what}: ${reason}`, { hint: kind?.[2], cause });
}

/** Of a socket or a resolver, such as ENOTFOUND; fetch has it one cause further down. */
function systemCode(cause: unknown): string {
  if (!(cause instanceof Error)) return '';
  return 'code' in cause ? String(cause.code) : systemCode(cause.cause);
}
