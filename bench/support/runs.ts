/* How masters are measured: one after the other, in turn, and none stops the others. */
import type { Options, Result } from '../figure.ts';
import { messageOf } from '../../src/errors.ts';
import type { LeanViewers } from './lean.ts';
import { startLean } from './lean.ts';
import type { Master, RunningMaster } from './masters.ts';
import type { Codec } from './sdp.ts';
import type { Source } from './sources.ts';
import type { Stage } from './stage.ts';

/** What came of one master's rounds: values, or why there are none. */
export interface Outcome<T> {
  readonly master: Master;
  readonly values: readonly T[];
  readonly problem?: string;
}

/** In turn, so that what else the machine does is everybody's. One that fails is measured no more. */
export async function interleave<T>(
  subjects: readonly Master[],
  { rounds, say }: Pick<Options, 'rounds' | 'say'>,
  measure: (master: Master, round: number) => Promise<T>,
): Promise<readonly Outcome<T>[]> {
  const values = new Map<Master, T[]>(subjects.map((master) => [master, []]));
  const problems = new Map<Master, string>();
  for (const master of subjects) {
    if (master.absence !== undefined) problems.set(master, master.absence);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const master of subjects.filter((one) => !problems.has(one))) {
      say(`${master.name}, round ${round + 1} of ${rounds}`);
      try {
        values.get(master)?.push(await measure(master, round));
      } catch (error) {
        const [first = ''] = messageOf(error).split('\n');
        say(`${master.name}: ${messageOf(error)}`);
        problems.set(master, `failed: ${first}`);
      }
    }
  }
  return subjects.map((master) => {
    const problem = problems.get(master);
    return { master, values: values.get(master) ?? [], ...(problem !== undefined && { problem }) };
  });
}

/** A master with its channel, and a way to get viewers. */
export interface Show {
  readonly stage: Stage;
  readonly channel: string;
  readonly codec: Codec;
  readonly running: RunningMaster;
  /** A process for viewers; ended with the show. */
  readonly newViewers: () => LeanViewers;
  readonly join: (viewers: LeanViewers, id: string) => Promise<void>;
}

/** Runs a master for as long as `use` takes. */
export async function withMaster<T>(
  options: Options,
  master: Master,
  source: Source,
  use: (show: Show) => Promise<T>,
): Promise<T> {
  const stage = options.stageOf(master);
  const channel = stage.newChannel();
  const running = await master.start(stage, source, channel);
  const processes: LeanViewers[] = [];
  const codec = master.ownCodec ?? source.codec;
  try {
    return await use({
      stage,
      channel,
      codec,
      running,
      newViewers: () => {
        const viewers = startLean(stage);
        processes.push(viewers);
        return viewers;
      },
      join: (viewers, id) => viewers.add(channel, id, codec, master.wantsAudio),
    });
  } finally {
    for (const viewers of processes) await viewers.stop();
    await running.stop();
  }
}

/** A row of a table for one that was not measured. */
export const missingRow = (name: string, problem: string, columns: number): readonly string[] => [
  name,
  problem,
  ...Array.from({ length: columns - 2 }, () => ''),
];

/** A figure that failed as a whole. */
export const failedResult = (name: string, error: unknown): Result => ({
  title: name,
  about: `It failed: ${messageOf(error).split('\n')[0] ?? ''}`,
  rows: [],
});
