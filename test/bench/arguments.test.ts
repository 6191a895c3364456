import { describe, expect, it } from 'vitest';
import { readArguments } from '../../bench/arguments.ts';

const KNOWN = ['startup', 'viewers'];

describe("the bench's command line", () => {
  it('is all figures where it names none', () => {
    expect(readArguments([], KNOWN).names).toEqual([]);
  });

  it('takes figures by name', () => {
    expect(readArguments(['viewers'], KNOWN).names).toEqual(['viewers']);
  });

  it('measures less with --quick, unless it is told how much', () => {
    const [normal, quick] = [readArguments([], KNOWN), readArguments(['--quick'], KNOWN)];
    expect(quick.rounds * quick.seconds).toBeLessThan(normal.rounds * normal.seconds);
    expect(readArguments(['--quick', '--rounds=9'], KNOWN).rounds).toBe(9);
    expect(readArguments(['--rounds=9', '--quick'], KNOWN).seconds).toBe(quick.seconds);
  });

  it.each(['viewer', '--rounds=0', '--rounds', '--rounds=1.5', '--slow'])('refuses %s', (word) => {
    expect(() => readArguments([word], KNOWN)).toThrow(`"${word}"`);
  });
});
