import { describe, expect, it } from 'vitest';
import { createBucket, createBuckets } from '../../src/service/bucket.ts';

describe('a token bucket', () => {
  it('lets a burst pass, then as many as time refills', () => {
    const isAdmitted = createBucket(5);
    const at = (now: number, tries: number) =>
      Array.from({ length: tries }, () => isAdmitted(now)).filter(Boolean).length;
    expect(at(0, 8)).toBe(5);
    expect(at(199, 1)).toBe(0);
    expect(at(200, 2)).toBe(1);
    expect(at(600, 5)).toBe(2);
    expect(at(60_000, 9)).toBe(5);
  });

  it('gives nothing for a clock that goes back', () => {
    const isAdmitted = createBucket(1);
    expect(isAdmitted(10_000)).toBe(true);
    expect(isAdmitted(0)).toBe(false);
    expect(isAdmitted(10_500)).toBe(false);
    expect(isAdmitted(11_000)).toBe(true);
  });

  it('is kept by key', () => {
    const isAdmitted = createBuckets(1);
    expect(isAdmitted('a', 0)).toBe(true);
    expect(isAdmitted('b', 0)).toBe(true);
    expect(isAdmitted('a', 900)).toBe(false);
    expect(isAdmitted('a', 2000)).toBe(true);
  });
});
