/** pow against Math.pow: every pair of special values exactly, and a million pairs over the whole range. */
import { describe, expect, test } from 'vitest';
import type { Lanes } from '../../src/math/index.js';
import { compile, randomBits, randomWords, spread, ulps, worst, type Floats } from './harness.js';

const BOUNDS: Record<Lanes, number> = { f32x4: 4, f64x2: 8 };
const POINTS = 1 << 18;
const LANES: readonly Lanes[] = ['f32x4', 'f64x2'];

const MAGNITUDES = [
  0, 5e-324, 1e-310, 2 ** -1022, 2 ** -149, 1e-40, 2 ** -126, 0.25, 1 / 3, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.5, 2, 2.5, 3, 4, 5, 10, 37,
  38, 127, 128, 149, 150, 1023, 1024, 1074, 1075, 2 ** 23, 2 ** 24 - 1, 2 ** 24, 2 ** 52 + 1, 2 ** 53 - 1, 2 ** 53, 1e30, 2 ** 127, 1e300,
  Number.MAX_VALUE, Infinity,
];
const SPECIAL = [...MAGNITUDES, ...MAGNITUDES.map((x) => -x), NaN];

function like(x: Floats, values: readonly number[]): Floats {
  return x instanceof Float32Array ? new Float32Array(values) : new Float64Array(values);
}

/**
 * For each x an exponent that brings |x|^y anywhere between the smallest subnormal and just beyond the largest number.
 * Below 2^31: above, V8's Math.pow is off by hundreds of units for bases near 1. Those are in decimal.test.ts.
 */
function reachingExponents(x: Floats, lanes: Lanes, seed: number): Floats {
  const next = randomWords(seed);
  const range = lanes === 'f32x4' ? 200 : 1500;
  const values = Array.from(x, (value) => {
    const binaryLogarithm = Math.log2(Math.abs(value));
    const result = (next() / 2 ** 31 - 1) * range * 0.75;
    const reaching = Number.isFinite(binaryLogarithm) && binaryLogarithm !== 0 ? result / binaryLogarithm : result;
    return Math.abs(reaching) < 2 ** 31 ? reaching : result;
  });
  return like(x, values);
}

describe.each(LANES)('%s', (lanes) => {
  const apply = compile('pow', lanes);

  function check(x: Floats, y: Floats): void {
    const found = worst(
      lanes,
      apply(x, y),
      (k) => Math.pow(x[k] ?? NaN, y[k] ?? NaN),
      (k) => `pow(${String(x[k])}, ${String(y[k])})`,
    );
    expect(found.ulps, found.at).toBeLessThanOrEqual(BOUNDS[lanes]);
  }

  test('special values', () => {
    const pairs = SPECIAL.flatMap((x) => SPECIAL.map((y) => [x, y] as const));
    while (pairs.length % 4 !== 0) pairs.push([1, 1]);
    const type = randomBits(lanes, 1, 1);
    check(like(type, pairs.map(([x]) => x)), like(type, pairs.map(([, y]) => y)));
  });

  test('what Math.pow says differs from IEEE 754', () => {
    const type = randomBits(lanes, 1, 1);
    const results = apply(like(type, [1, -1, 1, NaN]), like(type, [Infinity, -Infinity, NaN, 0]));
    expect([...results]).toEqual([NaN, NaN, NaN, 1]);
  });

  test('random bits', () => {
    check(randomBits(lanes, POINTS, 21), randomBits(lanes, POINTS, 22));
  });

  test('every base, with a result in range', () => {
    const x = randomBits(lanes, POINTS, 23).map((value) => Math.abs(value));
    check(x, reachingExponents(x, lanes, 24));
  });

  test('bases around 1, with a result in range', () => {
    const x = spread(lanes, POINTS, 25, [[0.5, 2], [0.999, 1.001], [0.7, 0.71], [1.41, 1.42]]);
    check(x, reachingExponents(x, lanes, 26));
  });

  test('integer exponents', () => {
    const x = spread(lanes, POINTS, 27, [[-10, 10], [-1, 1], [-1000, 1000]]);
    check(x, spread(lanes, POINTS, 28, [[-40, 40]]).map(Math.round));
  });

  test('ulps tells a wrong sign of zero and a missing NaN', () => {
    expect([ulps(lanes, 0, -0), ulps(lanes, 1, NaN), ulps(lanes, 1 + 2 ** -23, 1) > 0]).toEqual([Infinity, Infinity, true]);
  });
});
