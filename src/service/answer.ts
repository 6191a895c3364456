import type { IncomingMessage, ServerResponse } from 'node:http';
import { unknownOperation } from './api.ts';
import { ServiceError } from './errors.ts';
import { parseBody } from './fields.ts';
import {
  apiHeaders,
  errorReply,
  preflightReply,
  readBody,
  sendReply,
  splitTarget,
  textReply,
} from './http.ts';
import type { Reply } from './http.ts';
import type { ServicePlan } from './options.ts';
import { verifyHeaderForm } from './sigv4.ts';
import type { SignatureRules, SignedRequest } from './sigv4.ts';
import type { State } from './state.ts';

/** Answers one HTTP request: a call, a browser's preflight, or the page. Never throws. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  plan: ServicePlan,
  state: State,
): Promise<void> {
  try {
    sendReply(request, response, await replyTo(request, plan, state));
  } catch (error) {
    if (request.destroyed && !request.complete) return; // the client left in the middle
    plan.onEvent({ type: 'failure', error });
    sendReply(request, response, errorReply(error, plan.clock.now()));
  }
}

function replyTo(request: IncomingMessage, plan: ServicePlan, state: State): Promise<Reply> {
  const { path } = splitTarget(request.url ?? '/');
  if (path.startsWith('/watch/')) return state.page.handle(request);
  if (request.method === 'OPTIONS') return Promise.resolve(preflightReply(plan.clock.now()));
  if (request.method === 'GET' && path === '/') {
    return Promise.resolve(textReply(200, 'kvswebrtc-launch: a local signaling service'));
  }
  return callReply(request, path, plan, state);
}

/** One call of the REST API, from bytes to bytes. */
async function callReply(
  request: IncomingMessage,
  path: string,
  plan: ServicePlan,
  state: State,
): Promise<Reply> {
  const { clock, limits, onEvent } = plan;
  const action = request.method === 'POST' ? state.api.actionOf(path) : undefined;
  try {
    if (action === undefined) throw unknownOperation();
    const fault = plan.fault(action);
    if (fault !== undefined) throw fault;
    const body = await readBody(request, limits.bodyBytes);
    const key = await verifyHeaderForm(signedRequest(request, body), rules(plan, state));
    const answered = state.api.call(path, parseBody(body), key, clock.now());
    onEvent({ type: 'request', action, status: 200 });
    return { status: 200, headers: apiHeaders(clock.now()), body: JSON.stringify(answered) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { status, type: errorType } = error;
    onEvent({ type: 'request', action: action ?? 'Unknown', status, errorType });
    return errorReply(error, clock.now());
  }
}

/** What a signature is measured by, now. */
export function rules({ region, limits, clock }: ServicePlan, { keys }: State): SignatureRules {
  return {
    region,
    clockSkewMs: limits.clockSkewMs,
    now: clock.now(),
    findKey: (id) => keys.get(id),
  };
}

/** The request as it was signed: nothing of its target is decoded. */
export function signedRequest(request: IncomingMessage, body: Uint8Array): SignedRequest {
  const { method = '', headers } = request;
  return { method, headers, body, ...splitTarget(request.url ?? '/') };
}
