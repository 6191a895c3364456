/* A camera that sends VP8 by RTP over UDP: its size and colours change when another one sends to the same port. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { run } from './program.ts';
import type { Program } from './program.ts';

/** What receives it, as raw pictures. */
export const receiveUdp = (port: number): string =>
  `udpsrc address=127.0.0.1 port=${port} caps=application/x-rtp,media=video,encoding-name=VP8,` +
  'clock-rate=90000,payload=96 ! rtpvp8depay ! vp8dec';

/** Ten pictures a second, one of them a key frame, until it is killed. */
export function sendUdp(port: number, width: number, height: number): Program {
  const pipeline =
    `videotestsrc is-live=true ! video/x-raw,width=${width},height=${height},framerate=10/1` +
    ' ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=10 ! rtpvp8pay' +
    ` ! udpsink host=127.0.0.1 port=${port}`;
  return run('gst-launch-1.0', pipeline.split(' '));
}

/** One that nobody listens on now. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}
