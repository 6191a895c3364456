/* A page of a test's own: one script of web/testing, bundled as it is now. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface TestPage {
  readonly url: string;
  close(): Promise<void>;
}

/** Cameras and signing want a secure context, which loopback over http is. */
export async function serveScript(name: string): Promise<TestPage> {
  const script = await bundle(name);
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.writeHead(200, { 'Content-Type': isScript ? 'text/javascript' : 'text/html' });
    response.end(isScript ? script : '<!doctype html><body><script src="script.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function bundle(name: string): Promise<string> {
  const from = (path: string): string =>
    fileURLToPath(new URL(`../../../web/${path}`, import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [from(`testing/${name}.ts`)],
    bundle: true,
    write: false,
    format: 'iife',
    alias: { 'isomorphic-webcrypto': from('webcrypto.ts') },
    define: { 'process.env.PACKAGE_VERSION': 'undefined' },
  });
  return outputFiles[0]?.text ?? '';
}
