import { describe, expect, it } from 'vitest';
import { digits, fit, spread, spreadText } from '../../bench/numbers.ts';

describe('a spread', () => {
  it('has the middle one of an odd number, whatever their order', () => {
    expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
  });

  it('has the mean of the middle two of an even number', () => {
    expect(spread([10, 2, 4, 8]).median).toBe(6);
  });

  it('of nothing is no number', () => {
    expect(spread([])).toEqual({ median: NaN, min: NaN, max: NaN });
  });

  it('is written with its ends', () => {
    expect(spreadText({ median: 12.34, min: 1, max: 200 })).toBe('12.3 (1.00 to 200)');
  });
});

describe('a fit', () => {
  it('finds the line that points lie on', () => {
    const points = [1, 5, 10, 20].map((x) => [x, 3 * x + 7] as const);
    const { slope, offset } = fit(points);
    expect(slope).toBeCloseTo(3);
    expect(offset).toBeCloseTo(7);
  });

  it('lies between points that are off on both sides', () => {
    const points = [
      [0, 1],
      [0, -1],
      [2, 5],
      [2, 3],
    ] as const;
    expect(fit(points).slope).toBeCloseTo(2);
  });
});

describe('digits', () => {
  it.each([
    [1234.5, '1235'],
    [123.4, '123'],
    [12.34, '12.3'],
    [1.234, '1.23'],
    [0.01234, '0.012'],
    [0, '0'],
    [NaN, '-'],
    [Infinity, '-'],
  ])('of %d are %s', (value, text) => {
    expect(digits(value)).toBe(text);
  });
});
