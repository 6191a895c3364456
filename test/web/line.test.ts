import { describe, expect, it } from 'vitest';
import { linePath, niceTop } from '../../web/line.ts';

describe('the top of a scale', () => {
  it.each([
    [[], 10, 10],
    [[3, null, 9], 10, 10],
    [[11], 10, 20],
    [[20], 10, 20],
    [[21, 2], 10, 50],
    [[499], 100, 500],
    [[501], 100, 1000],
    [[0.2], 1, 1],
    [[33.3], 1, 50],
  ])('of %j is round, %s at least: %s', (readings, least, top) => {
    expect(niceTop(readings, least)).toBe(top);
  });
});

describe('a line', () => {
  it('ends at the right edge, zero at the bottom', () => {
    expect(linePath([0, 5, 10], 5, 40, 10)).toBe('M2 40L2 40L3 20L4 0');
  });

  it('has gaps where there is no reading', () => {
    expect(linePath([1, null, 1, null], 4, 10, 1)).toBe('M0 0L0 0M2 0L2 0');
    expect(linePath([null], 4, 10, 1)).toBe('');
  });

  it('stays inside', () => {
    expect(linePath([7], 1, 10, 5)).toBe('M0 0L0 0');
  });
});
