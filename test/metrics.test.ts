/* --metrics, as Prometheus would ask for them. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../src/cli.ts';
import { run, start } from './helpers/run.ts';

const PLUGIN = new URL('../plugin-c/build/gst/libgstkinesiswebrtc.so', import.meta.url);
const VIEWER =
  'kinesiswebrtcbin name=v role=viewer channel=demo client-id=look ! fakesink async=false';
const TEXT = `videotestsrc is-live=true ! kinesiswebrtcbin name=k ${VIEWER}`;

describe('--metrics', () => {
  it.each([
    ['9400', { host: '127.0.0.1', port: 9400 }],
    ['0.0.0.0:9400', { host: '0.0.0.0', port: 9400 }],
    ['[::]:9400', { host: '::', port: 9400 }],
    ['camera.local:0', { host: 'camera.local', port: 0 }],
  ])('may have its host: %s', (text, metrics) => {
    expect(parseCommandLine([`--metrics=${text}`, 'a ! b'])).toMatchObject({ metrics });
  });

  it.each(['', 'x', '::1:9400', '1:2:3', '70000', 'a b:1'])('takes no "%s"', (text) => {
    expect(() => parseCommandLine([`--metrics=${text}`, 'a ! b'])).toThrow(/--metrics/);
  });
});

describe.skipIf(!existsSync(PLUGIN))('metrics', { timeout: 60_000 }, () => {
  it('tell of peers that are there and of those that came', async () => {
    const program = start(['--json', '--metrics', '0', '--local', TEXT]);
    const { url } = JSON.parse(await program.line(/"event":"metrics"/)) as { url: string };
    await program.line(/"event":"first-frame","element":"v"/);
    await program.line(/"event":"peer-connected","element":"k"/);
    const answer = await fetch(url);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const labels = 'element="k",channel="demo"';
    expect(text).toContain(`kvswebrtc_peers{${labels}} 1\n`);
    expect(text).toContain(`kvswebrtc_signaling_connected{${labels}} 1\n`);
    expect(text).toContain(`kvswebrtc_peers_connected_total{${labels}} 1\n`);
    expect(text).toContain(`kvswebrtc_peers_refused_total{${labels}} 0\n`);
    expect(text).toMatch(
      new RegExp(`^kvswebrtc_peer_sent_bytes\\{${labels},peer="look"\\} [1-9]\\d*$`, 'm'),
    );
    expect(text).toMatch(
      new RegExp(`^kvswebrtc_peer_sent_frames\\{${labels},peer="look",camera="0"\\} [1-9]`, 'm'),
    );
    expect(text).toContain(`kvswebrtc_peer_received_frames{${labels},peer="look"} 0\n`);
    const ofViewer = 'element="v",channel="demo",peer="master"';
    expect(text).toMatch(new RegExp(`^kvswebrtc_peer_received_frames\\{${ofViewer}\\} [1-9]`, 'm'));
    expect((await fetch(new URL('/', url))).status).toBe(404);
    program.child.kill('SIGINT');
    expect((await program.finished).code).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
  });

  it('say so when their port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, stderr } = await run(['--metrics', String(port), '--local', TEXT]);
    other.close();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^kvswebrtc-launch: error: metrics cannot be served: .*EADDRINUSE[^\n]*$/m,
    );
  });
});
