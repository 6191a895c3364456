// Bundles the launcher into dist/main.cjs: looking up and reading seventy modules takes Node longer than
// GStreamer needs to play. Packages stay outside, but for the two that a launch itself uses.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

// V8 knows whose it is by the length of the source only.
rmSync(path('../dist/main.cjs.cache'), { force: true });

await build({
  entryPoints: [path('../src/main.ts')],
  outfile: path('../dist/main.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Of CommonJS, as Node's loader of the other kind takes longer to get ready.
  format: 'cjs',
  external: ['@aws-sdk/*', '@smithy/*', 'node-gtk', 'prom-client', 'ws', 'yargs'],
  // Node has no import() in what it starts from V8's cache; require() loads the same.
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'eof',
});

execFileSync(process.execPath, [path('compile-program.mjs')], { stdio: 'inherit' });
