/** mod against JavaScript's `%`, bit for bit: every pair of special values, and more than a million pairs over the whole range. */
import { describe, expect, test } from 'vitest';
import type { Lanes } from '../../src/math/index.js';
import { compile, randomBits, randomWords, spread, type Floats } from './harness.js';

const POINTS = 1 << 18;
const LANES: readonly Lanes[] = ['f32x4', 'f64x2'];

const MAGNITUDES = [
  0, 5e-324, 1e-323, 1e-315, 1e-310, 2 ** -1022 - 2 ** -1074, 2 ** -1022, 1e-200, 2 ** -149, 3 * 2 ** -149, 1e-40, 2 ** -126, 1e-10, 0.1,
  0.25, 1 / 3, 0.5, 1 - 2 ** -53, 1 - 2 ** -24, 1, 1 + 2 ** -52, 1 + 2 ** -23, 1.5, 2, 2.5, 3, 5, 7, 10, 2 ** 24 - 1, 2 ** 26, 2 ** 26 + 1,
  2 ** 28, 2 ** 28 + 1, 2 ** 53 - 1, 2 ** 53, 1e30, 2 ** 127, (2 - 2 ** -23) * 2 ** 127, 1e200, 2 ** 1023, (2 / 3) * Number.MAX_VALUE,
  Number.MAX_VALUE, Infinity,
];
const SPECIAL = [...MAGNITUDES, ...MAGNITUDES.map((x) => -x), NaN];

/** The definition, as the interpreter has it. */
function floorMod(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

function floats(lanes: Lanes, values: readonly number[]): Floats {
  return lanes === 'f32x4' ? new Float32Array(values) : new Float64Array(values);
}

/** For each number one whose exponent is at most so many greater; half of them negative. */
function upTo(exponents: number, lanes: Lanes, y: Floats, seed: number): Floats {
  const next = randomWords(seed);
  return floats(lanes, Array.from(y, (value) => value * 2 ** ((next() / 2 ** 32) * exponents) * (next() % 2 === 0 ? 1 : -1)));
}

/** Multiples of each number by integers below the limit, rounded, and the numbers next to them. */
function multiples(limit: number, lanes: Lanes, y: Floats, seed: number): Floats {
  const next = randomWords(seed);
  const epsilon = lanes === 'f32x4' ? 2 ** -23 : 2 ** -52;
  const values = Array.from(y, (value) => {
    const factor = Math.floor(limit ** (next() / 2 ** 32));
    return value * factor * (1 + ((next() % 3) - 1) * epsilon);
  });
  return floats(lanes, values);
}

test('the sign of the divisor, but that of the dividend for zero', () => {
  const apply = compile('mod', 'f64x2');
  const x = new Float64Array([5, -5, 5, -5, -0, 6, -6, 0, -1, 1, -1e-20, Infinity]);
  const y = new Float64Array([3, 3, -3, -3, 3, -3, 3, -3, Infinity, -Infinity, 1, 1]);
  expect([...apply(x, y)]).toEqual([2, 1, -1, -2, -0, 0, -0, 0, Infinity, -Infinity, 1, NaN]);
});

describe.each(LANES)('%s', (lanes) => {
  const apply = compile('mod', lanes);
  const round = lanes === 'f32x4' ? Math.fround : (x: number) => x;

  function check(x: Floats, y: Floats): void {
    const results = apply(x, y);
    const at = results.findIndex((result, k) => !Object.is(result, round(floorMod(x[k] ?? NaN, y[k] ?? NaN))));
    const wanted = round(floorMod(x[at] ?? NaN, y[at] ?? NaN));
    expect(at, `mod(${String(x[at])}, ${String(y[at])}): ${String(results[at])}, not ${String(wanted)}`).toBe(-1);
  }

  test('special values', () => {
    const pairs = SPECIAL.flatMap((x) => SPECIAL.map((y) => [x, y] as const));
    while (pairs.length % 4 !== 0) pairs.push([1, 1]);
    check(floats(lanes, pairs.map(([x]) => x)), floats(lanes, pairs.map(([, y]) => y)));
  });

  test('random bits', () => {
    check(randomBits(lanes, POINTS, 41), randomBits(lanes, POINTS, 42));
  });

  test.each([2, 20, 30, 60])('exponents at most %i apart', (exponents) => {
    const y = randomBits(lanes, POINTS, 43);
    check(upTo(exponents, lanes, y, 44), y);
  });

  test.each([4, 2 ** 10, 2 ** 30, 2 ** 60])('multiples up to %f, and next to them', (limit) => {
    const y = randomBits(lanes, POINTS, 45);
    check(multiples(limit, lanes, y, 46), y);
  });

  test('subnormal divisors', () => {
    const tiny = lanes === 'f32x4' ? 2 ** -126 : 2 ** -1022;
    const y = spread(lanes, POINTS, 47, [[-tiny, tiny], [-tiny * 2 ** -20, tiny * 2 ** -20]]);
    check(randomBits(lanes, POINTS, 48), y);
    check(upTo(40, lanes, y, 49), y);
  });

  test('ordinary numbers', () => {
    check(spread(lanes, POINTS, 50, [[-10, 10], [-1000, 1000], [-1e6, 1e6]]), spread(lanes, POINTS, 51, [[-10, 10], [-1, 1]]));
    const whole = (seed: number, limit: number) => spread(lanes, POINTS, seed, [[-limit, limit]]).map(Math.round);
    check(whole(52, 1e5), whole(53, 20));
  });
});
