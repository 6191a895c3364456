/* What the bench measures: one figure a file, in figures/. */
import type { Master } from './support/masters.ts';
import type { Stage } from './support/stage.ts';

/** A table of the report, its cells in Markdown; the first row is the heading. */
export interface Result {
  readonly title: string;
  /** A sentence or two on what was done. */
  readonly about: string;
  readonly rows: readonly (readonly string[])[];
  /** What to draw below it. */
  readonly plot?: Plot;
  /** What was aimed at, of what is in the table. */
  readonly marks?: readonly Mark[];
}

/** One target beside what was measured. */
export interface Mark {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly isMet: boolean;
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
  /** The local service that this master can use. */
  readonly stageOf: (master: Master) => Stage;
  /** Runs of each figure, interleaved between those that are compared. */
  readonly rounds: number;
  /** Seconds over which what is steady is measured. */
  readonly seconds: number;
  /** Good viewers beside the troubled ones in `fair`. */
  readonly good: number;
  /** Tells of progress, on stderr. */
  readonly say: (words: string) => void;
}
