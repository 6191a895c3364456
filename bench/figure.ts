/* What the bench measures: one figure a file. */

/** A table of the report, its cells in Markdown; the first row is the heading. */
export interface Result {
  readonly title: string;
  /** A sentence or two on what was done. */
  readonly about: string;
  readonly rows: readonly (readonly string[])[];
  /** What to draw below it. */
  readonly plot?: Plot;
}

export interface Plot {
  /** File name, without folder. */
  readonly file: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface Figure {
  /** As on the command line. */
  readonly name: string;
  readonly run: (options: Options) => Promise<readonly Result[]>;
}

export interface Options {
  /** Runs of what is quick, seconds of what is steady. */
  readonly rounds: number;
  /** Tells of progress, on stderr. */
  readonly say: (words: string) => void;
}
