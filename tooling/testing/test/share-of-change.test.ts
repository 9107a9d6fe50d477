import { describe, expect, it } from 'vitest';
import { allowedShare, worstDeviation } from '../src/rules/share-of-change.js';

const initial = [[1000, -2], [0.5]];
const expected = [[[1000.001, -2], [0.25]], [[1000.002, -2.001], [0.5]]];

describe('the worst deviation', () => {
  it('is none of a run from itself', () => {
    expect(worstDeviation(expected, expected, initial, 'float64')).toMatchObject({ share: 0, excess: 0 });
  });

  it('is a share of the change, which a large parameter does not hide', () => {
    const off = [expected[0] ?? [], [[1000.002 + 1e-9, -2.001], [0.5]]];
    const worst = worstDeviation(off, expected, initial, 'float64');
    expect(worst).toMatchObject({ step: 2, parameter: 0, element: 0 });
    expect(worst.share).toBeCloseTo(1e-9 / 0.002, 9);
    expect(worst.excess).toBeGreaterThan(allowedShare({ amplification: 1 }, 'float64'));
  });

  it('of a parameter that came back is a share of how far it had been', () => {
    const off = [expected[0] ?? [], [[1000.002, -2.001], [0.5 + 0.25e-6]]];
    expect(worstDeviation(off, expected, initial, 'float64').share).toBeCloseTo(1e-6, 12);
  });

  it('takes off what the parameter itself is rounded by, and no more', () => {
    const ulp = 2 ** -43;
    const next = worstDeviation([[[1000.001 + ulp, -2], [0.25]], expected[1] ?? []], expected, initial, 'float64');
    expect(next.share).toBeGreaterThan(1e-10);
    expect(next.excess).toBe(0);
    expect(worstDeviation([[[1000.001 + 8 * ulp, -2], [0.25]], expected[1] ?? []], expected, initial, 'float64').excess).toBeGreaterThan(1e-10);
  });

  it('is infinite for what should not have moved, for NaN in one alone, and for what is missing', () => {
    const still = [[[1], [2]]];
    expect(worstDeviation([[[1], [2.5]]], still, [[1], [2]], 'float64').excess).toBe(Infinity);
    expect(worstDeviation([[[1], [NaN]]], still, [[1], [2]], 'float64').excess).toBe(Infinity);
    expect(worstDeviation([[[1]]], still, [[1], [2]], 'float64').excess).toBe(Infinity);
    expect(worstDeviation([[[NaN]]], [[[NaN]]], [[1]], 'float64').excess).toBe(0);
  });
});

it('allows 1e-9, and more only where roundings are amplified beyond that', () => {
  expect(allowedShare({ amplification: 22 }, 'float64')).toBe(1e-9);
  expect(allowedShare({ amplification: 1e8 }, 'float64')).toBe(32e8 * 2 ** -53);
  expect(allowedShare({ amplification: 1 }, 'float32')).toBe(1e-5);
});
