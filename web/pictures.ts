/** The master's cameras, each in a video element of its own; sound comes with the first. */
export interface Pictures {
  /** Adds what has come to where it belongs; `camera` counts from 0, null for sound. */
  readonly show: (track: MediaStreamTrack, camera: number | null) => void;
  /** Takes every track away, and the elements of all cameras but the first. */
  readonly clear: () => void;
  /** How many cameras have come. */
  readonly count: number;
  readonly hasPicture: boolean;
}

/** `first` is in the page from the start; the others stand behind it, in the cameras' order. */
export function createPictures(
  first: HTMLVideoElement,
  play: (video: HTMLVideoElement) => void,
): Pictures {
  const frame = first.parentElement ?? document.body;
  const main = new MediaStream();
  const others = new Map<number, HTMLVideoElement>();

  const arrange = (): void => {
    frame.dataset.cameras = String(others.size + 1);
    frame.append(...[...others].sort(([a], [b]) => a - b).map(([, video]) => video));
  };

  const another = (camera: number): HTMLVideoElement => {
    const video = first.cloneNode(false) as HTMLVideoElement;
    video.id = `video-${camera}`;
    video.muted = true; // the sound is the first one's
    others.set(camera, video);
    arrange();
    return video;
  };

  return {
    show: (track, camera) => {
      if (camera === null || camera === 0) {
        main.addTrack(track);
        first.srcObject = main;
        play(first);
        return;
      }
      const video = others.get(camera) ?? another(camera);
      video.srcObject = new MediaStream([track]);
      play(video);
    },
    clear: () => {
      for (const track of main.getTracks()) main.removeTrack(track);
      for (const video of others.values()) video.remove();
      others.clear();
      arrange();
    },
    get count() {
      return main.getVideoTracks().length + others.size;
    },
    get hasPicture() {
      return main.getVideoTracks().length > 0;
    },
  };
}
