import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LaunchError, messageOf } from '../errors.ts';
import type { GstRuntime } from './runtime.ts';

export const FACTORY = 'kinesiswebrtcbin';

const LIBRARY = 'libgstkinesiswebrtc.so';

/** Where the package builds its plugin. */
const PLUGIN_DIRECTORY = fileURLToPath(new URL('../../plugin-c/build', import.meta.url));

/**
 * Starts GStreamer with this package's own plugin before any other of that name.
 * Rejects with LaunchError `missing-plugin` when GStreamer or the plugin is not there.
 */
export async function loadRuntime(
  options: readonly string[] = [],
  needsPlugin = true,
): Promise<GstRuntime> {
  const runtime = await startGStreamer(options);
  if (!needsPlugin || runtime.hasElement(FACTORY)) return runtime;
  const built = ['', 'gst'].some((place) => existsSync(join(PLUGIN_DIRECTORY, place, LIBRARY)));
  throw new LaunchError(
    'missing-plugin',
    built
      ? 'the plugin of kinesiswebrtcbin is built but cannot be loaded'
      : 'the plugin of kinesiswebrtcbin is not built',
    {
      hint: built
        ? 'GST_DEBUG=GST_PLUGIN_LOADING:4 gst-inspect-1.0 kinesiswebrtcbin says why; scripts/bootstrap builds it anew'
        : 'run scripts/bootstrap once',
    },
  );
}

/** GStreamer as it is, whether or not the plugin is there. */
export async function startGStreamer(options: readonly string[] = []): Promise<GstRuntime> {
  process.env.GST_PLUGIN_PATH = [PLUGIN_DIRECTORY, process.env.GST_PLUGIN_PATH]
    .filter((path) => path !== undefined && path !== '')
    .join(delimiter);
  try {
    const { createRuntime } = await import('./node-gtk.ts');
    return createRuntime(options);
  } catch (cause) {
    throw new LaunchError(
      'missing-plugin',
      `GStreamer cannot be used from Node (${messageOf(cause)})`,
      { hint: 'scripts/bootstrap installs and builds what it takes', cause },
    );
  }
}
