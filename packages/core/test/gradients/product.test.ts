import { describe, expect, it } from 'vitest';
import { iota } from '../../src/graph/construct.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { interpret } from '../../src/interpreter/interpreter.js';
import type { ShapeLike } from '../../src/graph/shape.js';

/** The elements of `f` of an input, 0 for either zero. */
function elementsOf(f: (x: Expr) => Expr, shape: readonly number[], values: readonly number[], declared: ShapeLike = shape): number[] {
  const x = input('float64', declared);
  const [result] = interpret([f(x)], () => ({ data: Float64Array.from(values), shape }), new Map([['n', shape[0] ?? 0]]));
  return [...(result?.data ?? [])].map((g) => g + 0);
}

describe('the derivatives of a product', () => {
  it('are right beside any number of zeros, the first to the third', () => {
    const first = (x: Expr): Expr => grad(x.prod(), x);
    const second = (x: Expr): Expr => grad(first(x).slice(1), x);
    const third = (x: Expr): Expr => grad(second(x).slice(2), x);
    expect(elementsOf(first, [4], [2, 0, 0, 3])).toEqual([0, 0, 0, 0]);
    // d2 / dx1 dx2 of x0 x1 x2 x3 is x0 x3, and d3 / dx1 dx2 dx3 is x0.
    expect(elementsOf(second, [4], [2, 0, 0, 1])).toEqual([0, 0, 2, 0]);
    expect(elementsOf(third, [4], [2, 0, 0, 0])).toEqual([0, 0, 0, 2]);
    expect(elementsOf(third, [4], [2, 7, 7, 3])).toEqual([3, 0, 0, 2]);
  });

  it('are right where the cotangent depends on the operand', () => {
    // x0 x1 and its square: d2 / dx0 dx1 of (x0 x1)^2 is 4 x0 x1.
    expect(elementsOf((x) => grad(grad(x.prod().square(), x).slice(0), x), [2], [3, 5])).toEqual([50, 60]);
  });

  it('are right along an axis of an open size, and over several axes', () => {
    const columns = (x: Expr): Expr => grad(grad(x.prod(0).sum(), x).slice(1, 0), x);
    // Of the first column, [2, 0, 0, 3]: d2 / dx1 dx2 is x0 x3.
    expect(elementsOf(columns, [4, 2], [2, 5, 0, 6, 0, 7, 3, 8], ['n', 2])).toEqual([0, 0, 0, 0, 6, 0, 0, 0]);
    const outer = (x: Expr): Expr => grad(grad(x.prod([0, 2]).sum(), x).slice(0, 0, 0), x);
    expect(elementsOf(outer, [2, 2, 2], [0, 2, 3, 4, 0, 5, 6, 7])).toEqual([0, 0, 0, 0, 10, 0, 0, 0]);
  });

  it.each([3, 7, 64, 130])('are the same along an axis of an open size as along one of %i', (count) => {
    const values = Array.from({ length: count }, (_, k) => (k === 4 ? 0 : 1 + (k % 3) / 4));
    const second = (x: Expr): Expr => grad(grad(x.prod(), x).mul(iota(x.shape, 0).cast('float64')).sum(), x);
    const third = (x: Expr): Expr => grad(second(x).square().sum(), x);
    for (const f of count > 10 ? [second] : [second, third]) {
      const [open, known] = [elementsOf(f, [count], values, ['n']), elementsOf(f, [count], values)];
      open.forEach((g, k) => expect(Math.abs(g - (known[k] ?? NaN))).toBeLessThanOrEqual(1e-12 * Math.abs(g)));
    }
  });
});
