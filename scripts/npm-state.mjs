// Exits with 0 when node_modules holds what package-lock.json asks for and node-gtk loads here.
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);

function packagesOf(lockfile) {
  return JSON.parse(readFileSync(new URL(lockfile, root), 'utf8')).packages;
}

// npm writes down what it installed; packages for other platforms are optional and left out.
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(
    ([path, wanted]) =>
      path === '' ||
      (installed[path] ? installed[path].version === wanted.version : wanted.optional === true),
  );
}

// Built for another Node it is installed, but of no use.
async function loads() {
  await import('node-gtk');
  return true;
}

try {
  process.exitCode = isInstalled() && (await loads()) ? 0 : 1;
} catch {
  process.exitCode = 1;
}
