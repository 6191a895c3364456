import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { rules, signedRequest } from './answer.ts';
import { unknownOperation } from './api.ts';
import { channelNotFound, invalidArgument, ServiceError, throttled } from './errors.ts';
import { namePattern } from './fields.ts';
import { errorReply, refuseUpgrade } from './http.ts';
import type { Key } from './keys.ts';
import type { ServicePlan } from './options.ts';
import { verifyQueryForm } from './sigv4.ts';
import type { Visitor } from './sockets.ts';
import type { State } from './state.ts';

/** Decides on one WebSocket connection, and takes it in or refuses it. Never throws. */
export async function admit(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  plan: ServicePlan,
  state: State,
): Promise<void> {
  const { clock, onEvent } = plan;
  const onError = (): void => {
    socket.destroy();
  };
  socket.on('error', onError);
  try {
    const signed = signedRequest(request, new Uint8Array());
    if (signed.path !== '/') throw unknownOperation();
    const { key, parameters } = await verifyQueryForm(signed, rules(plan, state));
    const { visitor, action } = identify(parameters, key, plan, state);
    if (socket.destroyed) return;
    onEvent({ type: 'request', action, status: 101 });
    socket.off('error', onError);
    state.sockets.accept(request, socket, head, visitor);
  } catch (error) {
    if (!(error instanceof ServiceError)) onEvent({ type: 'failure', error });
    const { status, headers, body } = errorReply(error, clock.now());
    const errorType = headers['x-amzn-ErrorType'] ?? '';
    onEvent({ type: 'request', action: 'Connect', status, errorType });
    refuseUpgrade(socket, { status, headers, body });
  }
}

/** Who connects, once it is known that they may. Throws a ServiceError where they may not. */
function identify(
  parameters: ReadonlyMap<string, string>,
  key: Key,
  { clock, fault, limits }: ServicePlan,
  { api, store, switchboard, connectGates }: State,
): { readonly visitor: Visitor; readonly action: string } {
  const now = clock.now();
  const viewerId = parameters.get('X-Amz-ClientId');
  const action = viewerId === undefined ? 'ConnectAsMaster' : 'ConnectAsViewer';
  const injected = fault(action);
  if (injected !== undefined) throw injected;
  const arn = parameters.get('X-Amz-ChannelARN');
  if (arn === undefined) throw invalidArgument('X-Amz-ChannelARN must be specified.');
  if (viewerId !== undefined && (!namePattern.test(viewerId) || viewerId.startsWith('AWS_'))) {
    throw invalidArgument('X-Amz-ClientId is not a client id.');
  }
  const channel = store.find({ arn });
  api.authorize(key, action, { arn });
  if (store.status(channel, now) !== 'ACTIVE') throw channelNotFound();
  if (!connectGates[action](arn, now)) throw throttled(action);
  if (!switchboard.hasRoom(arn, viewerId)) {
    throw new ServiceError(
      'ClientLimitExceededException',
      400,
      `The channel has its ${limits.viewersPerChannel} viewers.`,
    );
  }
  return { visitor: { channelArn: arn, channelName: channel.name, viewerId }, action };
}
