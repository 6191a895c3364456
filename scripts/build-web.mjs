// Bundles the viewer page into dist/web: one script, one style sheet, nothing fetched from afar.
import { copyFile, mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const from = new URL('../web/', import.meta.url);
const to = new URL('../dist/web/', import.meta.url);

await mkdir(to, { recursive: true });
await Promise.all(
  ['index.html', 'style.css', 'icon.svg'].map((name) =>
    copyFile(new URL(name, from), new URL(name, to)),
  ),
);
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', from))],
  outfile: fileURLToPath(new URL('main.js', to)),
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'eof',
  alias: { 'isomorphic-webcrypto': fileURLToPath(new URL('webcrypto.ts', from)) },
  define: { 'process.env.PACKAGE_VERSION': 'undefined' },
});
