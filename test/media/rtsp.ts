/* A camera: the RTSP server of plugin-c/tests/tools. */
import { fileURLToPath } from 'node:url';
import { run } from './program.ts';

const CAMERA = fileURLToPath(
  new URL('../../plugin-c/build/tests/tools/rtsp-camera', import.meta.url),
);

export interface Camera {
  readonly url: string;
  /** A checksum of the slices of each picture sent so far. */
  pictures(): ReadonlySet<string>;
  stop(): void;
}

export async function startCamera(gop = 60): Promise<Camera> {
  const program = run(CAMERA, [`--gop=${gop}`]);
  return {
    url: await program.line('address', (line) => line.startsWith('rtsp://')),
    pictures: () =>
      new Set(
        program.out
          .filter((line) => line.startsWith('slices '))
          .map((line) => line.slice('slices '.length)),
      ),
    stop() {
      program.kill('SIGTERM');
    },
  };
}
