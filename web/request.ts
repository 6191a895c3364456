/** What the page's address asks for. Everything but the channel has a default. */
export interface ViewerRequest {
  readonly channel: string;
  readonly clientId: string;
  readonly video: boolean;
  readonly audio: boolean;
  /** How many of the master's cameras to ask for, 1 to 4. */
  readonly cameras: number;
  /** Offer only this video codec, such as `H264`. */
  readonly codec: string | undefined;
  /** Send the camera and the microphone too. */
  readonly send: boolean;
  /** Open a data channel. */
  readonly data: boolean;
  /** Use TURN alone. */
  readonly relay: boolean;
}

const mostCameras = 4;

function countOf(text: string | null): number {
  const count = Math.trunc(Number(text ?? 1));
  return count >= 1 ? Math.min(count, mostCameras) : 1;
}

/** Reads `?channel=demo&codec=H264&send=1&video=0&cameras=2…`. `randomId` is 8 hexadecimal digits. */
export function parseRequest(search: string, randomId: string): ViewerRequest {
  const parameters = new URLSearchParams(search);
  const isOn = (name: string, otherwise: boolean): boolean => {
    const value = parameters.get(name);
    return value === null ? otherwise : value !== '0' && value !== 'false';
  };
  return {
    channel: parameters.get('channel') ?? '',
    clientId: `viewer-${randomId}`,
    video: isOn('video', true),
    audio: isOn('audio', true),
    cameras: countOf(parameters.get('cameras')),
    codec: parameters.get('codec')?.toUpperCase() ?? undefined,
    send: isOn('send', false),
    data: isOn('data', false),
    relay: isOn('relay', false),
  };
}
