/* What the command line of the bench says. Pure. */

export interface Request {
  /** Figures; none are all. */
  readonly names: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly good: number;
}

const NORMAL = { rounds: 3, seconds: 2, good: 3 } as const;
const QUICK = { ...NORMAL, rounds: 2 } as const;

export const USAGE = `npm run bench -- [--quick] [--rounds=N] [--seconds=N] [--good=N] [FIGURE...]`;

/** Throws on a word that is none of these. */
export function readArguments(words: readonly string[], known: readonly string[]): Request {
  const numbers = new Map<string, number>();
  const names: string[] = [];
  for (const word of words) {
    const [, name, value] = /^--(rounds|seconds|good)=([1-9]\d*)$/.exec(word) ?? [];
    if (name !== undefined) numbers.set(name, Number(value));
    else if (known.includes(word)) names.push(word);
    else if (word !== '--quick') throw new Error(misunderstood(word, known));
  }
  const preset = words.includes('--quick') ? QUICK : NORMAL;
  const number = (name: keyof typeof NORMAL) => numbers.get(name) ?? preset[name];
  return { names, rounds: number('rounds'), seconds: number('seconds'), good: number('good') };
}

const misunderstood = (word: string, known: readonly string[]) =>
  `there is no "${word}"; ${USAGE}, a figure being ${known.join(', ')}`;
