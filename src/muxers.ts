/* What of a pipeline's text is taken for something else by GStreamer's parser, without an error. */

/** What a muxer's pad is for that a queue is given, by the muxer: measured, 1.22. */
const FIRST_PAD = {
  matroskamux: 'video',
  webmmux: 'video',
  mp4mux: 'audio',
  qtmux: 'audio',
} as const;

const MUXER = /\b(matroskamux|webmmux|mp4mux|qtmux)\b[^!]*?\sname=([\w-]+)/g;
/** A source pad through a queue alone to a pad without a name. */
const QUEUED = /\.(video|audio)_src_\d+\s*!\s*queue2?\b[^!]*!\s*([\w-]+)\.(?=\s|$)/g;

/**
 * One line for people, or null where nothing is wrong. A queue takes anything, so the parser links it
 * to some pad of the muxer before it is known what will come; what that pad is not for never gets there.
 */
export function queuedPadHint(pipeline: string): string | null {
  const firstPads = new Map(
    Array.from(pipeline.matchAll(MUXER), ([, muxer, name]) => [
      name,
      FIRST_PAD[muxer as keyof typeof FIRST_PAD],
    ]),
  );
  for (const [, media, muxer] of pipeline.matchAll(QUEUED)) {
    const pad = firstPads.get(muxer);
    if (pad !== undefined && pad !== media)
      return (
        `the queue before ${muxer}. takes a pad for ${pad}, and the ${media} is not recorded; ` +
        `name the pads, as in queue ! ${muxer}.${media}_0, or leave out the queue`
      );
  }
  return null;
}
