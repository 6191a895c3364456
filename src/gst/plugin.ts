import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LaunchError, messageOf } from '../errors.ts';
import { HOME } from '../home.ts';
import type { GstRuntime } from './runtime.ts';

export const FACTORY = 'kinesiswebrtcbin';

const LIBRARY = 'libgstkinesiswebrtc.so';

/** Where the package builds its plugin: just there, as GStreamer looks at every file below at each start. */
const PLUGIN_DIRECTORY = join(HOME, 'plugin-c/build/gst');

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
  const built = existsSync(join(PLUGIN_DIRECTORY, LIBRARY));
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
