/* Mistyped words: what may have been meant. Pure. */

/** The known word closest to `word`, or null where none is close enough to be a slip of the keyboard. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const limit = word.length <= 4 ? 1 : word.length <= 8 ? 2 : 3;
  let best: string | null = null;
  let least = limit + 1;
  for (const candidate of known) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return best;
}

/** `; did you mean "x"?`-style clause, or undefined. */
export function didYouMean(word: string, known: Iterable<string>, prefix = ''): string | undefined {
  const found = nearest(word, known);
  return found === null ? undefined : `did you mean ${prefix}${found}?`;
}

/** Of letters left out, put in, changed, and of two neighbours exchanged; at least `limit` where it is not less. */
function distanceOf(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(at(row, j) + 1, at(next, j - 1) + 1, at(row, j - 1) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, at(last, j - 2) + 1);
      }
      next.push(cost);
    }
    last = row;
    row = next;
  }
  return at(row, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
