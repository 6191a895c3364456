/** The microphone, asked for when the button is pressed and not before. */
export interface Talk {
  readonly isTalking: boolean;
  /** Why there is no microphone, in a sentence; null when nothing is wrong. */
  readonly problem: string | null;
  /** Gives the microphone back. */
  readonly stop: () => void;
}

/** `onTrack` gets the microphone's track, and null when it is given back. */
export function createTalk(
  button: HTMLButtonElement,
  onTrack: (track: MediaStreamTrack | null) => void,
): Talk {
  let track: MediaStreamTrack | null = null;
  let problem: string | null = null;
  let asked = 0; // a stop in the meantime makes what comes of it void

  const tell = (next: MediaStreamTrack | null): void => {
    track = next;
    button.textContent = track === null ? 'Talk' : 'Stop talking';
    button.setAttribute('aria-pressed', String(track !== null));
    onTrack(track);
  };

  const stop = (): void => {
    asked += 1;
    track?.stop();
    if (track !== null) tell(null);
  };

  const start = async (): Promise<void> => {
    const mineAsked = ++asked;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [mine] = stream.getAudioTracks();
    if (mine === undefined) return;
    if (asked !== mineAsked) {
      mine.stop();
      return;
    }
    mine.onended = stop; // the device was taken away
    tell(mine);
  };

  button.addEventListener('click', () => {
    problem = null;
    if (track !== null) {
      stop();
      return;
    }
    button.disabled = true;
    start()
      .catch((error: unknown) => {
        problem = microphoneProblem(error);
      })
      .finally(() => {
        button.disabled = false;
      });
  });

  return {
    get isTalking() {
      return track !== null;
    },
    get problem() {
      return problem;
    },
    stop,
  };
}

function microphoneProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') return 'The browser does not let this page use the microphone.';
  if (name === 'NotFoundError') return 'There is no microphone.';
  return `The microphone cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}
