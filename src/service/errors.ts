/**
 * An error a client of the service is shown, in AWS's shape.
 * https://docs.aws.amazon.com/kinesisvideostreams/latest/dg/CommonErrors.html
 */
export class ServiceError extends Error {
  readonly type: string;
  readonly status: number;

  constructor(type: string, status: number, message: string) {
    super(message);
    this.name = 'ServiceError';
    this.type = type;
    this.status = status;
  }
}

/** Errors of the signature layer write `message`, those of the service itself `Message`. */
const frontEndTypes: ReadonlySet<string> = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'UnknownOperationException',
  'SerializationException',
]);

/** The JSON body AWS sends with `error`. */
export function errorBody(error: ServiceError): string {
  const key = frontEndTypes.has(error.type) ? 'message' : 'Message';
  return JSON.stringify({ __type: error.type, [key]: error.message });
}

export function invalidArgument(message: string): ServiceError {
  return new ServiceError('InvalidArgumentException', 400, message);
}

export function channelNotFound(): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    404,
    'The requested channel is not found or not active.',
  );
}

export function throttled(what: string): ServiceError {
  return new ServiceError('ClientLimitExceededException', 400, `Rate exceeded for ${what}.`);
}

export function accessDenied(user: string, action: string, resource: string): ServiceError {
  return new ServiceError(
    'AccessDeniedException',
    403,
    `User: ${user} is not authorized to perform: kinesisvideo:${action} on resource: ${resource}`,
  );
}

/** What a client is told of a mistake of our own: nothing of its inside. */
export function internalFailure(): ServiceError {
  return new ServiceError('InternalFailureException', 500, 'Internal failure');
}
