/* ARNs of channels. Pure. */

export const CHANNEL_ARN =
  /^arn:[\w-]+:kinesisvideo:([a-z0-9-]+):\d{12}:channel\/[a-zA-Z0-9_.-]{1,256}\/\d+$/;

/** The region in it; undefined where the text is a name. */
export function regionOfArn(channel: string): string | undefined {
  return CHANNEL_ARN.exec(channel)?.[1];
}
