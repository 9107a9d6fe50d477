/**
 * The elementary functions that core composes of others, as they are compiled: over their whole ranges against JavaScript's own, and at zeros,
 * infinities and NaN against what C99 says (annex F).
 */
import * as core from '@pappus/core';
import type { Expr } from '@pappus/core';
import { THOROUGH } from '@pappus/testing/thorough';
import type { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import { cpu } from '../../src/index.js';
import { Exact, exact, largest } from './exact.js';
import { type Floats, randomBits, spread, ulps, worst } from './harness.js';

/** In units in the last place. */
const BOUNDS = { float32: 4, float64: 8 } as const;
const LANES = { float32: 'f32x4', float64: 'f64x2' } as const;
const POINTS = THOROUGH ? 1 << 19 : 1 << 14;

type FloatDType = keyof typeof BOUNDS;
type Interval = readonly [number, number];

interface Row {
  readonly f: (x: Expr) => Expr;
  readonly oracle: (x: number) => number;
  /** Where the function is interesting. */
  readonly intervals: readonly Interval[];
}

const UNARY: Readonly<Record<string, Row>> = {
  asin: { f: core.asin, oracle: Math.asin, intervals: [[-1, 1], [-1e-3, 1e-3], [0.99, 1], [-1, -0.999], [0.36, 0.4], [0.9, 0.95]] },
  acos: { f: core.acos, oracle: Math.acos, intervals: [[-1, 1], [-1e-3, 1e-3], [0.99, 1], [-1, -0.999], [0.68, 0.73], [-0.73, -0.68]] },
  atan: { f: core.atan, oracle: Math.atan, intervals: [[-1, 1], [-1e-3, 1e-3], [-10, 10], [0.4, 0.43], [2.3, 2.5], [0, 1e30]] },
  sinh: { f: core.sinh, oracle: Math.sinh, intervals: [[-1, 1], [-1e-3, 1e-3], [-10, 10], [-90, 90], [-711, 711], [39, 41], [88, 90], [709, 711]] },
  cosh: { f: core.cosh, oracle: Math.cosh, intervals: [[-1, 1], [-10, 10], [-90, 90], [-711, 711], [39, 41], [88, 90], [709, 711]] },
  asinh: { f: core.asinh, oracle: Math.asinh, intervals: [[-1, 1], [-1e-3, 1e-3], [-10, 10], [0, 1e10], [1e18, 2e18], [0, 1e38]] },
  acosh: { f: core.acosh, oracle: Math.acosh, intervals: [[1, 2], [1, 1.001], [0, 10], [0, 1e10], [1e18, 2e18], [0, 1e38]] },
  atanh: { f: core.atanh, oracle: Math.atanh, intervals: [[-1, 1], [-1e-3, 1e-3], [0.99, 1], [-1, -0.999], [0.3, 0.7]] },
  cbrt: { f: core.cbrt, oracle: Math.cbrt, intervals: [[-1, 1], [-10, 10], [-1e-38, 1e-38], [0, 1e-308], [0, 1e38], [0.99, 1.01]] },
  exp2: { f: core.exp2, oracle: (x) => 2 ** x, intervals: [[-1, 1], [-150, 128], [-1075, 1024], [-150, -125], [-1075, -1021], [127, 129]] },
  trunc: { f: core.trunc, oracle: Math.trunc, intervals: [[-3, 3], [-1, 0], [0, 1e16]] },
};

interface PairRow {
  readonly f: (a: Expr, b: Expr) => Expr;
  readonly oracle: (a: number, b: number) => number;
  /** What errors are measured by where the result is smaller. */
  readonly by?: (a: number, b: number) => number;
}

const PAIRS: Readonly<Record<string, PairRow>> = {
  atan2: { f: core.atan2, oracle: Math.atan2 },
  hypot: { f: core.hypot, oracle: Math.hypot },
  logAddExp: { f: core.logAddExp, oracle: logAddExp, by: (a, b) => Math.max(Math.abs(a), Math.abs(b)) },
  fmax: { f: core.fmax, oracle: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)) },
  fmin: { f: core.fmin, oracle: (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)) },
};

function logAddExp(a: number, b: number): number {
  return a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}

const AROUND: readonly Interval[] = [[-10, 10], [-1, 1], [-1000, 1000], [0, 1e30], [0, 1e-30], [0.3, 0.5]];

const SPECIAL = [
  0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, -0.5, 2, -2, 8, -27, 5e-324, -5e-324, 2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 2 ** -1022, 1e-320,
  -1e-320, 1e-42, -1e-42, 3e38, -3e38, 1e308, -1e308, Number.MAX_VALUE, -Number.MAX_VALUE, (2 - 2 ** -23) * 2 ** 127, 1 - 2 ** -24, 1 + 2 ** -23, 1 - 2 ** -53,
  1 + 2 ** -52, Math.SQRT2 - 1, Math.SQRT2 + 1, 40, 41, -40.5, 88.7, 89.4, -89.5, 710.4, 710.5, 2 ** 60, 2 ** 61, 2 ** 64, 1e-30, 3,
];

const floats = (dtype: FloatDType, values: readonly number[]): Floats => (dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values));

/** The function compiled, of any number of elements. */
async function compiled(dtype: FloatDType, f: (a: Expr, b: Expr) => Expr): Promise<(a: Floats, b?: Floats) => Promise<Floats>> {
  const [a, b] = [core.input(dtype, ['n'], 'a'), core.input(dtype, ['n'], 'b')];
  const run = await core.compile({ inputs: { a, b }, outputs: { y: f(a, b) } }, await cpu());
  return async (left, right = left) => {
    return floats(dtype, [...(await (await run({ a: left, b: right })).y.read())]);
  };
}

describe.each(['float32', 'float64'] as const)('%s', (dtype) => {
  const lanes = LANES[dtype];

  test.each(Object.entries(UNARY))('%s', async (name, { f, oracle, intervals }) => {
    const apply = await compiled(dtype, f);
    for (const x of [floats(dtype, SPECIAL), randomBits(lanes, POINTS, 11), spread(lanes, POINTS, 12, intervals)]) {
      const found = worst(lanes, await apply(x), (k) => oracle(x[k] ?? NaN), (k) => `${name}(${String(x[k])})`);
      expect(found.ulps, found.at).toBeLessThanOrEqual(BOUNDS[dtype]);
    }
  });

  test.each(Object.entries(PAIRS))('%s', async (name, { f, oracle, by }) => {
    const apply = await compiled(dtype, f);
    const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
    for (const [a, b] of [
      [floats(dtype, pairs.map(([p]) => p)), floats(dtype, pairs.map(([, q]) => q))],
      [randomBits(lanes, POINTS, 21), randomBits(lanes, POINTS, 22)],
      [spread(lanes, POINTS, 23, AROUND), spread(lanes, POINTS, 24, AROUND)],
      [spread(lanes, POINTS, 25, AROUND), spread(lanes, POINTS, 26, [...AROUND].reverse())],
    ] as const) {
      for (const [k, value] of (await apply(a, b)).entries()) {
        const [p = NaN, q = NaN] = [a[k], b[k]];
        const wanted = oracle(p, q);
        const measure = by?.(p, q) ?? 0;
        const counts = Number.isFinite(measure) && measure > Math.abs(wanted);
        const lost = counts ? ulps(lanes, measure + Math.abs(value - wanted), measure) : ulps(lanes, value, wanted);
        if (lost > BOUNDS[dtype]) expect(lost, `${name}(${p}, ${q}): ${value}, not ${wanted}`).toBeLessThanOrEqual(BOUNDS[dtype]);
      }
    }
  });

  test('powers and logarithms are whole numbers where those of whole numbers are', async () => {
    const [least, most] = dtype === 'float32' ? [-149, 127] : [-1074, 1023];
    const exponents = Array.from({ length: most - least + 1 }, (_, k) => least + k);
    const powers = floats(dtype, exponents.map((k) => 2 ** k));
    expect(await (await compiled(dtype, core.exp2))(floats(dtype, exponents))).toEqual(powers);
    expect(await (await compiled(dtype, core.log2))(powers)).toEqual(floats(dtype, exponents));
    const tens = Array.from({ length: dtype === 'float32' ? 11 : 23 }, (_, k) => k);
    expect(await (await compiled(dtype, core.log10))(floats(dtype, tens.map((k) => Number(`1e${k}`))))).toEqual(floats(dtype, tens));
  });
});

/** Of a point with the coordinates a and b, and their kin: what is computed, 60 digits of it, and where. */
const DIGITS: Readonly<Record<string, readonly [f: (a: Expr, b: Expr) => Expr, wanted: (a: Decimal, b: Decimal) => Decimal, Interval, Interval]>> = {
  asin: [core.asin, (a) => Exact.asin(a), [-1, 1], [0, 1]],
  acos: [core.acos, (a) => Exact.acos(a), [-1, 1], [0, 1]],
  atan: [core.atan, (a) => Exact.atan(a), [-3, 3], [0, 1]],
  atan2: [core.atan2, (a, b) => Exact.atan2(a, b), [-2, 2], [-2, 2]],
  sinh: [core.sinh, (a) => Exact.sinh(a), [-3, 3], [0, 1]],
  cosh: [core.cosh, (a) => Exact.cosh(a), [-50, 50], [0, 1]],
  asinh: [core.asinh, (a) => Exact.asinh(a), [-3, 3], [0, 1]],
  acosh: [core.acosh, (a) => Exact.acosh(a), [1, 2], [0, 1]],
  atanh: [core.atanh, (a) => Exact.atanh(a), [-1, 1], [0, 1]],
  cbrt: [core.cbrt, (a) => Exact.cbrt(a), [-10, 10], [0, 1]],
  exp2: [core.exp2, (a) => Exact.pow(2, a), [-1000, 1000], [0, 1]],
  hypot: [core.hypot, (a, b) => Exact.hypot(a, b), [-3, 3], [-2, 2]],
  logAddExp: [core.logAddExp, (a, b) => Exact.ln(Exact.exp(a).add(Exact.exp(b))), [0, 3], [0, 3]],
};

test.each(Object.entries(DIGITS))('%s of float64 against 60 digits', async (_, [f, wanted, left, right]) => {
  const points = THOROUGH ? 4000 : 12;
  const [a, b] = [spread('f64x2', points, 41, [left]), spread('f64x2', points, 42, [right])];
  const found = await (await compiled('float64', f))(a, b);
  expect(largest(found, (k) => wanted(exact(a[k] ?? NaN), exact(b[k] ?? NaN)))).toBeLessThanOrEqual(BOUNDS.float64);
});
