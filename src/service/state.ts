import { pageHosts, serviceAddress } from './address.ts';
import { createApi } from './api.ts';
import type { Api } from './api.ts';
import { createBuckets } from './bucket.ts';
import { createChannelStore, DEFAULT_TTL_SECONDS } from './channels.ts';
import type { ChannelStore } from './channels.ts';
import { channelNotFound } from './errors.ts';
import { iceServers } from './ice.ts';
import type { Key } from './keys.ts';
import type { ServicePlan } from './options.ts';
import { createPage } from './page.ts';
import type { Page, ViewerSession } from './page.ts';
import { presignUrl } from './sigv4.ts';
import { createSockets } from './sockets.ts';
import type { Sockets } from './sockets.ts';
import { createSwitchboard } from './switchboard.ts';
import type { Switchboard } from './switchboard.ts';

/** The rooms of the running service, each of which knows only what it was given. */
export interface State {
  /** Complete once the port is known. */
  address: URL;
  readonly keys: Map<string, Key>;
  readonly store: ChannelStore;
  readonly switchboard: Switchboard;
  readonly sockets: Sockets;
  readonly api: Api;
  readonly page: Page;
  readonly connectGates: Record<'ConnectAsMaster' | 'ConnectAsViewer', Gates>;
}

type Gates = (channelArn: string, now: number) => boolean;

export function createState(plan: ServicePlan): State {
  const { limits, clock, region, accountId, turn, onEvent } = plan;
  const { kept, keep } = plan;
  const store = createChannelStore({ region, accountId, kept, keep, ...limits });
  const known = new Set(kept.map(({ name }) => name));
  for (const name of new Set(plan.channels)) {
    if (known.has(name)) continue;
    store.create({ name, messageTtlSeconds: DEFAULT_TTL_SECONDS, tags: new Map() }, clock.now());
  }
  const switchboard = createSwitchboard(limits);
  const endpoints = (): { wss: string; https: string } => ({
    wss: state.address.origin.replace(/^http/, 'ws'),
    https: state.address.origin,
  });
  const onDeleted = ({ arn }: { readonly arn: string }): void => {
    switchboard.drop(arn);
  };
  const state: State = {
    address: serviceAddress(plan, plan.port),
    keys: new Map([plan.credentials, ...plan.keys].map((key) => [key.accessKeyId, key])),
    store,
    switchboard,
    sockets: createSockets({
      clock,
      limits,
      switchboard,
      messageTtlMs: (arn) => store.find({ arn }).messageTtlSeconds * 1000,
      onEvent,
    }),
    api: createApi({ region, accountId, limits, turn, store, endpoints, onDeleted }),
    page: createPage({
      directory: plan.web,
      endpoint: () => endpoints().wss,
      hosts: () => pageHosts(state.address),
      openSession: (channel, clientId) =>
        openSession(channel, clientId, endpoints().wss, state, plan),
    }),
    connectGates: {
      ConnectAsMaster: createBuckets(limits.connectsPerSecond),
      ConnectAsViewer: createBuckets(limits.connectsPerSecond),
    },
  };
  return state;
}

/** What the page asks for: a viewer's seat, signed with the service's own key. */
async function openSession(
  name: string,
  clientId: string,
  endpoint: string,
  { store, switchboard }: State,
  { credentials: key, region, clock, turn, limits }: ServicePlan,
): Promise<ViewerSession> {
  const now = clock.now();
  const channel = store.find({ name });
  if (store.status(channel, now) !== 'ACTIVE') throw channelNotFound();
  const parameters = { 'X-Amz-ChannelARN': channel.arn, 'X-Amz-ClientId': clientId };
  const servers = iceServers(turn, limits.iceTtlSeconds, clientId, now);
  return {
    region,
    channelArn: channel.arn,
    endpoint,
    url: await presignUrl(endpoint, parameters, { key, region, now, expiresIn: 60 }),
    iceServers: servers.map(({ Uris, Username, Password }) => ({
      urls: Uris,
      username: Username,
      credential: Password,
    })),
    hasMaster: switchboard.view(channel.arn, now).master,
  };
}
