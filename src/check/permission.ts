/* What keys have to be allowed, and what to do where they are not. */

/** One call on one channel. */
export interface Permission {
  /** As policies write it: `kinesisvideo:ConnectAsViewer`. */
  readonly action: string;
  readonly resource: string;
}

/** `channel` is a name or an ARN. */
export function neededFor(call: string, channel: string): Permission {
  return { action: `kinesisvideo:${call}`, resource: channel };
}

export function describeRefusal({ action, resource }: Permission): {
  readonly detail: string;
  readonly hint: string;
} {
  return {
    detail: `${action} is not allowed`,
    hint: `add "${action}" on ${inPolicy(resource)} to the policy of these keys`,
  };
}

/** What a policy has for the channel: of an ARN all but the time of creation. */
function inPolicy(channel: string): string {
  if (!channel.startsWith('arn:')) return `"arn:aws:kinesisvideo:*:*:channel/${channel}/*"`;
  return `"${channel.replace(/\/\d+$/, '/*')}"`;
}
