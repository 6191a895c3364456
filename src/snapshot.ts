import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Environment } from './config.ts';

/**
 * Writes a pipeline's graph to a new file where GStreamer's own go, GST_DEBUG_DUMP_DOT_DIR, or else to the current
 * directory. Resolves to its path.
 */
export async function writeGraph(graph: string, env: Environment, time: Date): Promise<string> {
  const stamp = time.toISOString().replace(/[:.]/g, '-');
  const file = resolve(join(env.GST_DEBUG_DUMP_DOT_DIR ?? '', `kvswebrtc-launch.${stamp}.dot`));
  await writeFile(file, graph);
  return file;
}
