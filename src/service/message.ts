/**
 * The WebSocket messages and their spelling; no other file knows either.
 * https://docs.aws.amazon.com/kinesisvideostreams-webrtc-dg/latest/devguide/kvswebrtc-websocket-apis.html
 */
import { isFields, namePattern } from './fields.ts';

export const actions = ['SDP_OFFER', 'SDP_ANSWER', 'ICE_CANDIDATE'] as const;
export type Action = (typeof actions)[number];

/** What a client asked to be sent. */
export interface ClientMessage {
  readonly action: Action;
  /** Undefined where the client named none; a viewer's is of no meaning. */
  readonly recipient: string | undefined;
  /** Base64, unopened. */
  readonly payload: string;
  readonly correlationId: string | undefined;
}

/** Why a message was refused: a status response's fields. */
export interface Refusal {
  readonly errorType: string;
  readonly statusCode: string;
  readonly description: string;
}

export type Parsed =
  | { readonly message: ClientMessage }
  | { readonly refusal: Refusal; readonly correlationId: string | undefined };

/** Reads one text frame. Never throws: hostile input becomes a refusal. */
export function parseMessage(text: string, payloadLength: number): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refusal: badRequest('The message is not JSON.'), correlationId: undefined };
  }
  const read = readerOf(value);
  const correlationId = checkedName(read('correlationId'));
  const refuse = (description: string): Parsed => ({
    refusal: badRequest(description),
    correlationId,
  });
  const action = actions.find((known) => known === read('action'));
  if (action === undefined) return refuse('action is not one of ' + actions.join(', ') + '.');
  const payload = read('messagePayload');
  if (typeof payload !== 'string' || !isBase64(payload)) {
    return refuse('messagePayload is not base64 text.');
  }
  if (payload.length > payloadLength) {
    return refuse(`messagePayload is longer than ${payloadLength}.`);
  }
  if (isGiven(read('correlationId')) && correlationId === undefined) {
    return refuse('correlationId is not a name.');
  }
  const recipient = checkedName(read('recipientClientId'));
  if (isGiven(read('recipientClientId')) && recipient === undefined) {
    return refuse('recipientClientId is not a name.');
  }
  return { message: { action, recipient, payload, correlationId } };
}

/** A peer's message as its recipient gets it. A master has no client id to show. */
export function deliveryFrame(
  messageType: Action,
  messagePayload: string,
  senderClientId: string | undefined,
): string {
  return JSON.stringify({ messagePayload, messageType, senderClientId });
}

export function statusFrame(correlationId: string, refusal: Refusal): string {
  return JSON.stringify({
    messageType: 'STATUS_RESPONSE',
    messagePayload: '',
    statusResponse: { correlationId, ...refusal },
  });
}

export function noticeFrame(messageType: 'GO_AWAY' | 'RECONNECT_ICE_SERVER'): string {
  return JSON.stringify({ messageType, messagePayload: '' });
}

export function badRequest(description: string): Refusal {
  return { errorType: 'InvalidArgumentException', statusCode: '400', description };
}

export function tooMany(action: Action): Refusal {
  return {
    errorType: 'LimitExceededException',
    statusCode: '429',
    description: `Rate exceeded for ${action} on this connection.`,
  };
}

/** Amazon's JavaScript SDK writes `messagePayload`, its C SDK `MessagePayload`. */
function readerOf(value: unknown): (name: string) => unknown {
  if (!isFields(value)) return () => undefined;
  return (name) => {
    const capital = name.charAt(0).toUpperCase() + name.slice(1);
    if (Object.hasOwn(value, name)) return value[name];
    return Object.hasOwn(value, capital) ? value[capital] : undefined;
  };
}

/** Absent, null and '' all mean that nothing was given. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function checkedName(value: unknown): string | undefined {
  return typeof value === 'string' && namePattern.test(value) ? value : undefined;
}

function isBase64(text: string): boolean {
  return text.length > 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
