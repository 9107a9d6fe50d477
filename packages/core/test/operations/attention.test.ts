import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { scaledDotProductAttention } from '../../src/operations/attention.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const bool = (values: readonly number[], shape: readonly number[]): Expr => literal(values, shape, 'bool');
const close = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 14));
};

const [q, k, v] = [[[1, 0], [0.5, -1], [2, 2]], [[0, 1], [1, 1], [-1, 0.5]], [[1, 2], [3, 4], [5, 7]]];
/** The definition, by loops: `allowed` says whether query i may attend to key j. */
function attention(allowed: (i: number, j: number) => boolean, scale = Math.SQRT1_2): number[] {
  return q.flatMap((query, i) => {
    const powers = k.map((key, j) => (allowed(i, j) ? Math.exp(scale * query.reduce((s, x, d) => s + x * (key[d] ?? NaN), 0)) : 0));
    const total = powers.reduce((a, b) => a + b, 0) || 1;
    return [0, 1].map((e) => powers.reduce((s, p, j) => s + (p / total) * (v[j]?.[e] ?? NaN), 0));
  });
}
const [query, key, value] = [f64(q.flat(), [3, 2]), f64(k.flat(), [3, 2]), f64(v.flat(), [3, 2])];

describe('scaledDotProductAttention', () => {
  it('averages values by how queries match keys', async () => {
    close(await numbers(scaledDotProductAttention(query, key, value)), attention(() => true));
    close(await numbers(scaledDotProductAttention(query, key, value, { scale: 0.25 })), attention(() => true, 0.25));
  });

  it('hides what comes later, and what a mask hides; a query without keys gets zeros', async () => {
    close(await numbers(scaledDotProductAttention(query, key, value, { causal: true })), attention((i, j) => j <= i));
    const mask = [[1, 0, 1], [0, 0, 0], [0, 1, 1]];
    const allowed = (i: number, j: number): boolean => mask[i]?.[j] === 1;
    close(await numbers(scaledDotProductAttention(query, key, value, { mask: bool(mask.flat(), [3, 3]) })), attention(allowed));
    close(await numbers(scaledDotProductAttention(query, key, value, { mask: bool(mask.flat(), [3, 3]), causal: true })), attention((i, j) => allowed(i, j) && j <= i));
    close(await numbers(scaledDotProductAttention(query, key, value, { mask: bool([1, 1, 0], [3]) })), attention((_, j) => j < 2));
    close(await numbers(scaledDotProductAttention(query, key, value, { mask: f64([0, -Infinity, 0]) })), attention((_, j) => j !== 1));
  });

  it('hides infinities and NaN of hidden scores, and their gradients', async () => {
    const w = input('float64', [3, 2]);
    const out = scaledDotProductAttention(query, w, value, { mask: bool([1, 0, 1, 0, 0, 0, 1, 0, 1], [3, 3]) });
    const given = new Map([[w, [[1, 2], [Infinity, Infinity], [3, 4]]]]);
    expect([...(await evaluate(out, given)).data].every(Number.isFinite)).toBe(true);
    const finite = new Map([[w, [[1, 2], [1e300, 1e300], [3, 4]]]]);
    expect([...(await evaluate(grad(out.sum(), w), finite)).data].every(Number.isFinite)).toBe(true);
  });

  it('takes heads, one key and value for several queries, and open dimensions', async () => {
    const heads = f64([...q.flat(), ...q.flat()], [2, 3, 2]);
    close(await numbers(scaledDotProductAttention(heads, key, value, { causal: true })), [...attention((i, j) => j <= i), ...attention((i, j) => j <= i)]);
    const x = input('float32', ['batch', 4, 'time', 16]);
    expect(String(scaledDotProductAttention(x, x, x, { causal: true }).shape)).toBe('batch,4,time,16');
    const [a, b] = [input('float64', [3, 'd']), input('float64', [3, 'd'])];
    close([...(await evaluate(scaledDotProductAttention(a, b, value), [[a, q], [b, k]])).data], attention(() => true));
    expect(scaledDotProductAttention(f64([], [0, 2]), key, value).shape).toEqual([0, 2]);
    expect(await numbers(scaledDotProductAttention(f64([3], [1, 1]), f64([5], [1, 1]), f64([7, 8], [1, 2])))).toEqual([7, 8]);
  });

  it('has the derivatives of finite differences', () => {
    checkDerivatives((a: Expr, b: Expr, c: Expr) => scaledDotProductAttention(a, b, c, { causal: true }), [[2, 2], [2, 2], [2, 1]]);
    checkDerivatives((a: Expr, b: Expr) => scaledDotProductAttention(a, b, b, { mask: bool([0, 0, 1, 1], [2, 2]) }), [[2, 2], [2, 2]]);
  });

  it('refuses what does not fit', () => {
    expect(() => scaledDotProductAttention(query, f64([1, 2, 3], [1, 3]), value)).toThrow(
      new ShapeError('scaledDotProductAttention: the last axes of the queries a constant float64[3, 2] and the keys a constant float64[1, 3] differ'),
    );
    expect(() => scaledDotProductAttention(query, key, f64([1, 2], [1, 2]))).toThrow(/differ in number, their last axis but one/);
    expect(() => scaledDotProductAttention(f64([1]), key, value)).toThrow(/should be matrices/);
    expect(() => scaledDotProductAttention(query, key, value, { mask: bool([1, 1], [2]) })).toThrow(ShapeError);
    expect(() => scaledDotProductAttention(query.cast('int32'), key, value)).toThrow(DTypeError);
  });
});
