import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { literal } from '../../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { argSort, sort, topK } from '../../../src/operations/order/index.js';
import { CASES, checkDerivatives } from '../../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const element = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) }, fc.constantFrom(-0, Infinity, -Infinity, NaN), fc.double());

describe('topK', () => {
  it('is what a sort begins with, whichever way it is found', async () => {
    const given = fc.integer({ min: 1, max: 700 }).chain((n) => fc.tuple(fc.array(element, { minLength: n, maxLength: n }), fc.integer({ min: 0, max: Math.min(n, 20) })));
    await fc.assert(
      fc.asyncProperty(given, fc.boolean(), async ([values, k], largest) => {
        const x = f64(values);
        const { values: best, indices } = topK(x, k, 0, { largest });
        expect(await numbers(indices)).toEqual((await numbers(argSort(x, 0, { descending: largest }))).slice(0, k));
        expect(await numbers(best)).toEqual((await numbers(sort(x, 0, { descending: largest }))).slice(0, k));
      }),
      { ...CASES, numRuns: 40 },
    );
  });

  it('goes along any axis, of every other one', async () => {
    const x = literal([3, 1, 2, 0, 5, 4], [2, 3], 'int32');
    expect(await numbers(topK(x, 2).values)).toEqual([3, 2, 5, 4]);
    expect(await numbers(topK(x, 1, 0).indices)).toEqual([0, 1, 1]);
    expect(topK(x, 2, 1, { largest: false }).values.shape).toEqual([2, 2]);
    const tall = literal(Array.from({ length: 600 }, (_, k) => (k * 211) % 600), [300, 2], 'int32');
    expect(await numbers(topK(tall, 2, 0).values)).toEqual([598, 599, 596, 597]);
  });

  it('takes NaN only where there are too few numbers, and the first of equal elements', async () => {
    expect(await numbers(topK(f64([1, 7, 3, 7, NaN, 2]), 3).indices)).toEqual([1, 3, 2]);
    expect(await numbers(topK(f64([NaN, 7, NaN]), 2, 0, { largest: false }).indices)).toEqual([1, 0]);
    expect(await numbers(topK(f64(Array.from({ length: 500 }, () => 1)), 3).indices)).toEqual([0, 1, 2]);
    expect(await numbers(topK(f64(Array.from({ length: 500 }, (_, k) => (k === 321 ? -1 : NaN))), 3).indices)).toEqual([321, 0, 1]);
  });

  it('has gradients of the elements chosen', async () => {
    checkDerivatives((a) => topK(a, 2, 1).values.square(), [[2, 5]]);
    const a = input('float64', [4], 'a');
    expect([...(await evaluate(grad(topK(a, 2).values.mul(f64([1, 10])).sum(), a), [[a, [3, 5, 1, 5]]])).data]).toEqual([0, 1, 0, 10]);
  });

  it('of an open axis finds in the call that there are too few', async () => {
    const x = input('float32', [2, 'n'], 'x');
    const { values } = topK(x, 2);
    expect(values.shape).toEqual([2, 2]);
    expect([...(await evaluate(values, [[x, [[3, 2, 9], [1, 4, 0]]]])).data]).toEqual([9, 3, 4, 1]);
    await expect(evaluate(values, [[x, [[3], [1]]]])).rejects.toThrow(new ShapeError('topK: 2 elements are wanted along an axis of 1, of what the call was given'));
  });

  it('refuses what it cannot find', () => {
    const x = f64([1, 2, 3]);
    expect(() => topK(x, 4)).toThrow(new ShapeError('topK: 4 elements are wanted along an axis of 3, of a constant float64[3]'));
    expect(() => topK(x, -1)).toThrow(new ShapeError('topK: k must be a whole number of at least 0, not -1'));
    expect(() => topK(x, 1.5)).toThrow(ShapeError);
    expect(() => topK(x.gt(0), 1)).toThrow(DTypeError);
  });
});
