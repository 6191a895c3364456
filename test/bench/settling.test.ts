import { describe, expect, it } from 'vitest';
import { recoveredAfter, settledAfter } from '../../bench/support/settling.ts';

describe('a picture', () => {
  it('has settled after the last second that had too few', () => {
    expect(settledAfter([30, 2, 0, 8, 12, 15])).toBe(3);
  });

  it('that never stood still has settled at once', () => {
    expect(settledAfter([30, 30, 30])).toBe(0);
  });

  it('that stands still at the end has not settled', () => {
    expect(settledAfter([30, 30, 0])).toBeUndefined();
    expect(settledAfter([0, 0, 30])).toBeUndefined();
  });

  it('has recovered when it keeps its full rate', () => {
    expect(recoveredAfter([9, 12, 26, 30, 30])).toBe(2);
    expect(recoveredAfter([9, 12, 26, 30, 14])).toBeUndefined();
  });
});
