import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchError } from './errors.ts';
import { HOME } from './home.ts';

/** This program's version, and that of the GStreamer it would run on. */
export async function versionLines(gstOptions: readonly string[] = []): Promise<readonly string[]> {
  return [`kvswebrtc-launch version ${await ownVersion()}`, await gstreamerVersion(gstOptions)];
}

async function ownVersion(): Promise<string> {
  const text = await readFile(join(HOME, 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

/** A version is asked for when something is wrong: without GStreamer it says so instead of failing. */
async function gstreamerVersion(options: readonly string[]): Promise<string> {
  try {
    const { startGStreamer } = await import('./gst/plugin.ts');
    return (await startGStreamer(options)).version;
  } catch (error) {
    if (error instanceof LaunchError) return `no GStreamer: ${error.message}; ${error.hint ?? ''}`;
    throw error;
  }
}
