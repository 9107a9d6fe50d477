/** Every function over its whole range against JavaScript's own (and stdlib's erf), on more than a million points. */
import erf from '@stdlib/math-base-special-erf';
import { describe, expect, test } from 'vitest';
import type { Lanes, MathFunction } from '../../src/math/index.js';
import { compile, randomBits, spread, worst, type Floats } from './harness.js';

/** In units in the last place. */
const BOUNDS: Record<Lanes, number> = { f32x4: 4, f64x2: 8 };
const POINTS = 1 << 19;

type Interval = readonly [number, number];
type UnaryFunction = Exclude<MathFunction, 'pow' | 'mod'>;

interface Row {
  readonly oracle: (x: number) => number;
  /** Where the function is interesting. */
  readonly intervals: readonly Interval[];
}

const ROWS: Record<UnaryFunction, Row> = {
  exp: { oracle: Math.exp, intervals: [[-1, 1], [-104, 89], [-746, 710], [-90, -85], [-104, -100], [88, 89], [-746, -700], [709, 710]] },
  expm1: { oracle: Math.expm1, intervals: [[-1, 1], [-50, 90], [-1e-3, 1e-3], [-2, -0.3], [0.3, 2], [88, 89], [-50, 710], [709, 710]] },
  log: { oracle: Math.log, intervals: [[0, 2], [0.99, 1.01], [1 - 1e-5, 1 + 1e-5], [0, 1000], [0, 1e-38], [0, 1e-308], [0.6, 0.8], [1.3, 1.5]] },
  log1p: { oracle: Math.log1p, intervals: [[-1, 1], [-1e-3, 1e-3], [-1e-7, 1e-7], [-1, -0.999], [0, 100], [0, 1e9], [-0.35, -0.25], [0.35, 0.45]] },
  log2: { oracle: Math.log2, intervals: [[0, 2], [0.99, 1.01], [1 - 1e-5, 1 + 1e-5], [0, 1000], [0, 1e-38], [0, 1e-308], [0.6, 0.8], [1.3, 1.5]] },
  log10: { oracle: Math.log10, intervals: [[0, 2], [0.99, 1.01], [1 - 1e-5, 1 + 1e-5], [0, 1000], [0, 1e-38], [0, 1e-308], [0.6, 0.8], [1.3, 1.5], [9.9, 10.1], [999, 1001]] },
  sin: { oracle: Math.sin, intervals: [[-4, 4], [-100, 100], [-1e6, 1e6], [-1e-3, 1e-3], [3.1415, 3.1417], [1e6, 1.2e6], [0, 1e9], [0, 1e30]] },
  cos: { oracle: Math.cos, intervals: [[-4, 4], [-100, 100], [-1e6, 1e6], [-1e-3, 1e-3], [1.5707, 1.5709], [1e6, 1.2e6], [0, 1e9], [0, 1e30]] },
  tan: { oracle: Math.tan, intervals: [[-4, 4], [-100, 100], [-1e6, 1e6], [-1e-3, 1e-3], [1.5707, 1.5709], [1e6, 1.2e6], [0, 1e9], [0, 1e30]] },
  tanh: { oracle: Math.tanh, intervals: [[-1, 1], [-10, 10], [-25, 25], [-1e-3, 1e-3], [0.1, 0.6], [8.5, 9.5], [18, 20]] },
  sigmoid: { oracle: sigmoid, intervals: [[-1, 1], [-20, 20], [-104, 20], [-750, 40], [-104, -85], [-746, -700], [15, 40]] },
  erf: { oracle: erf, intervals: [[-1, 1], [-4, 4], [-7, 7], [-1e-3, 1e-3], [0.9, 1.1], [3, 4], [5, 6]] },
};

/** Neither form cancels or overflows, and the second keeps the precision of a subnormal result. */
function sigmoid(x: number): number {
  return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
}

const SPECIAL: readonly number[] = [
  0, -0, Infinity, -Infinity, NaN, 1, -1, 0.5, -0.5, 2, -2, 1e-300, -1e-300, 5e-324, -5e-324, 2 ** -149, -(2 ** -149), 2 ** -126,
  -(2 ** -126), 2 ** -1022, -(2 ** -1022), 1e-320, -1e-320, 1e-42, -1e-42, 3e38, -3e38, 1e308, -1e308, Number.MAX_VALUE,
  -Number.MAX_VALUE, (2 - 2 ** -23) * 2 ** 127, Math.PI, Math.PI / 2, -Math.PI, Math.PI / 4, Math.E, Math.LN2, Math.LN2 / 2, -Math.LN2,
  Math.SQRT1_2, Math.SQRT2, 88.72283, 88.72284, -87.33655, -103.97207, -103.97209, 709.782712893384, 709.782712893385, -745.1332191019411,
  -745.1332191019412, -708.3964185322641, 1 - 2 ** -24, 1 + 2 ** -23, 1 - 2 ** -53, 1 + 2 ** -52, 2 ** 20, 2 ** 27, 2 ** 52, 2 ** 53,
];

const LANES: readonly Lanes[] = ['f32x4', 'f64x2'];

function floats(lanes: Lanes, values: readonly number[]): Floats {
  const padded = [...values, ...Array.from({ length: (4 - (values.length % 4)) % 4 }, () => 0)];
  return lanes === 'f32x4' ? new Float32Array(padded) : new Float64Array(padded);
}

function isUnary(name: string): name is UnaryFunction {
  return name in ROWS;
}

describe.each(LANES)('%s', (lanes) => {
  test.each(Object.keys(ROWS).filter(isUnary))('%s', (name) => {
    const { oracle, intervals } = ROWS[name];
    const apply = compile(name, lanes);
    const inputs = [floats(lanes, SPECIAL), randomBits(lanes, POINTS, 11), spread(lanes, POINTS, 12, intervals)];
    for (const x of inputs) {
      const found = worst(lanes, apply(x), (k) => oracle(x[k] ?? NaN), (k) => `${name}(${String(x[k])})`);
      expect(found.ulps, found.at).toBeLessThanOrEqual(BOUNDS[lanes]);
    }
  });

  test.each(['sin', 'cos', 'tan'] as const)('%s next to multiples of a quarter turn', (name) => {
    const count = 1 << 16;
    // 16 multiples of every power of two up to 2^28, then multiples of 16.
    const multiples = Array.from({ length: count }, (_, k) => (k < 448 ? ((k % 16) + 1) * 2 ** (k >> 4) : 16 * k + (k % 16)));
    const x = floats(lanes, multiples.map((k) => (k * Math.PI) / 2));
    const { oracle } = ROWS[name];
    const found = worst(lanes, compile(name, lanes)(x), (k) => oracle(x[k] ?? NaN), (k) => `${name}(${String(x[k])})`);
    expect(found.ulps, found.at).toBeLessThanOrEqual(BOUNDS[lanes]);
  });

  test.each([...Object.keys(ROWS).filter(isUnary), 'pow', 'mod'] as const)('%s inlined gives the same bits', (name) => {
    const x = randomBits(lanes, 4096, 13);
    const y = spread(lanes, 4096, 14, [[-4, 4]]);
    expect(compile(name, lanes, 'inline')(x, y)).toEqual(compile(name, lanes)(x, y));
  });
});
