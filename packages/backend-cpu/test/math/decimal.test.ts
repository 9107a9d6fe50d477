/** float64 against 60 digits. */
import { expect, test } from 'vitest';
import { Exact, exact, largest } from './exact.js';
import { compile, randomBits, spread } from './harness.js';

const BOUND = 8;

test('exp', () => {
  const x = spread('f64x2', 2000, 31, [[-1, 1], [-700, 700], [-745, -708]]);
  expect(largest(compile('exp', 'f64x2')(x), (k) => exact(x[k] ?? NaN).exp())).toBeLessThanOrEqual(BOUND);
});

test('log', () => {
  const x = spread('f64x2', 2000, 32, [[0.5, 2], [0.99, 1.01], [0, 1e-300], [0, 1e300]]);
  expect(largest(compile('log', 'f64x2')(x), (k) => exact(x[k] ?? NaN).ln())).toBeLessThanOrEqual(BOUND);
});

test.each([['log2', 2, [0.5, 2]], ['log10', 10, [9.9, 10.1]]] as const)('%s', (name, base, around) => {
  const x = spread('f64x2', 100, 38, [around, [0.99, 1.01], [0, 1e-300], [0, 1e300]]);
  expect(largest(compile(name, 'f64x2')(x), (k) => exact(x[k] ?? NaN).ln().div(new Exact(base).ln()))).toBeLessThanOrEqual(BOUND);
});

test('sin', () => {
  const x = spread('f64x2', 2000, 33, [[-4, 4], [-1e3, 1e3], [-1e6, 1e6], [3.1415, 3.1417]]);
  expect(largest(compile('sin', 'f64x2')(x), (k) => exact(x[k] ?? NaN).sin())).toBeLessThanOrEqual(BOUND);
});

test('tanh', () => {
  const x = spread('f64x2', 2000, 36, [[-1, 1], [-20, 20], [-1e-3, 1e-3]]);
  expect(largest(compile('tanh', 'f64x2')(x), (k) => exact(x[k] ?? NaN).tanh())).toBeLessThanOrEqual(BOUND);
});

test.each(['any base', 'bases around 1'])('pow, %s', (bases) => {
  const x =
    bases === 'any base'
      ? randomBits('f64x2', 1000, 34).map((value) => (Number.isFinite(value) && value !== 0 ? Math.abs(value) : 3))
      : spread('f64x2', 1000, 37, [[1 - 1e-5, 1 + 1e-5], [0.9, 1.1], [1 - 1e-12, 1 + 1e-12]]);
  const y = spread('f64x2', 1000, 35, [[-700, 700], [-1, 1]]).map((value, k) => value / Math.log(x[k] ?? NaN));
  const wanted = (k: number) => exact(x[k] ?? NaN).ln().mul(exact(y[k] ?? NaN)).exp();
  expect(largest(compile('pow', 'f64x2')(x, y), wanted)).toBeLessThanOrEqual(BOUND);
});
