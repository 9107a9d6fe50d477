import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import { print } from '../../../src/graph/describe.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { inverse, solve } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { matmul } from '../../../src/operations/products.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, largest, numbers, recorded, seeded, tensor } from './numbers.js';

const EPSILON = 2 ** -52;
const five = eye(3, 3, { dtype: 'float64' }).mul(5);

describe('solve', () => {
  for (const one of recorded('solve')) {
    it(`has the solution that torch has: ${one.name}`, async () => {
      const [a, b] = [tensor(one.tensor('a')), tensor(one.tensor('b'))];
      const x = solve(a, b);
      expectClose(await numbers(x), one.tensor('x').data, one.tolerance);
      const scale = largest(one.tensor('a').data) * largest(await numbers(x)) * Number(a.shape.at(-1));
      expect(largest(await numbers(matmul(a, x).sub(b)))).toBeLessThan(10 * EPSILON * scale);
    });
  }

  it('solves, for any size, for one column and for several, forwards and for gradients', async () => {
    for (const n of [1, 2, 3, 4, 5, 8, 11, 30]) {
      for (const columns of [1, 3]) {
        const a = f64(seeded(n, n * n), [n, n]);
        const b = f64(seeded(n + columns, n * columns), [n, columns]);
        const x = solve(a, b);
        const scale = n * largest(await numbers(x));
        expect(largest(await numbers(matmul(a, x).sub(b)))).toBeLessThan(10 * EPSILON * scale);
        // The cotangent of b is the solution with the transpose.
        const ofB = grad(x.mul(b).sum(), b).sub(x);
        expect(largest(await numbers(matmul(a.transpose(), ofB).sub(b)))).toBeLessThan(10 * EPSILON * n * (largest(await numbers(ofB)) + scale));
      }
    }
  });

  it('has the gradients that torch has', async () => {
    const a = f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3]);
    const b = f64([1, 2, -1, 0.5, 3, -2], [3, 2]);
    const x = solve(a, b);
    const [ofA, ofB] = grad(x.mul(f64([1, -2, 0.5, 3, 2, 1], [3, 2])).sum(), [a, b]);
    // By torch.autograd.grad((torch.linalg.solve(a, b) * weights).sum(), [a, b])
    await expectNumbers(x, [0.33716475095785436, 0.896551724137931, 0.03448275862068969, -0.4310344827586207, 0.7203065134099618, -0.4482758620689656]);
    await expectNumbers(ofA, [1.006972886481408, -0.5579336768397412, -0.8372454896434287, -0.3807636411679217, 0.15933412604042807, 0.08310212709737089, -0.7089737379075468, 0.23992601400449196, -0.10187754143362548]);
    await expectNumbers(ofB, [0.37547892720306514, -1.264367816091954, 0.12068965517241376, 0.3793103448275862, 0.5134099616858238, 0.5977011494252873]);
  });

  it('has gradients and second gradients as differences have', () => {
    checkDerivativesOnce((x, y) => solve(x.add(five), y), [[3, 3], [3, 2]]);
    checkDerivativesOnce((x, y) => solve(x.add(five), y), [[3, 3], [3]]);
    checkDerivativesOnce((x, y) => solve(x.add(five), y), [[2, 3, 3], [3]]);
    checkDerivativesOnce((x, y) => solve(x.add(five), y), [[3, 3], [2, 3, 1]]);
  });

  it('takes a vector where there is one axis, and broadcasts the axes before', async () => {
    const a = f64([3, 1, 1, 2], [2, 2]);
    const both = f64([3, 1, 1, 2, 1, 0, 0, 2], [2, 2, 2]);
    expect(await numbers(solve(a, [9, 8]))).toEqual([2, 3]);
    await expectNumbers(solve(both, [9, 8]), [2, 3, 9, 4]);
    await expectNumbers(solve(both, f64([9, 8, 3, 1], [2, 2, 1])), [2, 3, 3, 0.5]);
    await expectNumbers(solve(a, f64([9, 8, 0, 5, 3, 1], [3, 2, 1])), [2, 3, -1, 3, 1, 0]);
    await expectNumbers(solve(both.reshape([2, 1, 2, 2]), f64([9, 8, 0, 5, 3, 1], [3, 2, 1])), [2, 3, -1, 3, 1, 0, 9, 4, 0, 2.5, 3, 0.5]);
    expect(() => solve(both, f64([9, 8, 3, 1, 1, 2], [3, 2]))).toThrow(new ShapeError('solve: a constant float64[2, 2, 2] has 2 rows, the right side a constant float64[3, 2] has 3; a batch of vectors is one of matrices with one column: b.expandDims(-1)'));
  });

  it('factorizes a matrix once, for all its right sides and gradients', () => {
    const a = input('float64', [3, 3], 'a');
    const b = input('float64', [4, 3, 2], 'b');
    const x = solve(a.broadcastTo([4, 3, 3]), b);
    const listing = print(...grad(x.square().sum().add(solve(a, b).sum()), [a, b]));
    expect(listing.match(/ lu /g)?.length).toBe(1);
  });

  it('is all NaN where a pivot is exactly 0 or NaN, and only there', async () => {
    const a = f64([1, 2, 2, 4, 0, 1, 1, 0, 0, 0, 0, 0, 1, NaN, 2, 1], [4, 2, 2]);
    expect(await numbers(solve(a, [3, 4]))).toEqual([NaN, NaN, 4, 3, NaN, NaN, NaN, NaN]);
    expect(await numbers(solve(a, f64([3, 4, 5, 6], [2, 2])))).toEqual([NaN, NaN, NaN, NaN, 5, 6, 3, 4, ...new Array<number>(8).fill(NaN)]);
  });

  it('of nothing is nothing, of one equation a quotient', async () => {
    expect(await numbers(solve(f64([], [0, 0]), f64([], [0])))).toEqual([]);
    expect(solve(f64([], [0, 0]), f64([], [0, 3])).shape).toEqual([0, 3]);
    expect(await numbers(solve(f64([1, 2, 3, 4], [2, 2]), f64([], [2, 0])))).toEqual([]);
    expect(await numbers(solve(f64([4], [1, 1]), [2]))).toEqual([0.5]);
  });

  it('keeps open sizes', async () => {
    const a = input('float32', ['n', 'n'], 'a');
    const b = input('float32', ['batch', 'n', 'k'], 'b');
    expect(String(solve(a, b).shape)).toBe('batch,n,k');
    const g = grad(solve(a, b).sum(), a);
    expect(String(g.shape)).toBe('n,n');
    expect([...(await evaluate(solve(a, b), [[a, [[0, 2], [1, 0]]], [b, [[[4], [3]], [[1], [2]]]]])).data]).toEqual([3, 2, 2, 0.5]);
  });

  it('refuses sizes and dtypes that do not fit', () => {
    expect(() => solve(f64([1, 2], [1, 2]), [1])).toThrow(ShapeError);
    expect(() => solve(f64([1], [1, 1]), f32([1]))).toThrow(DTypeError);
    expect(() => solve(f64([1], [1, 1]), 1)).toThrow(new ShapeError('solve: the right side must be a vector [n] or matrices [..., n, k], and the number 1 float64[] is a scalar'));
    expect(() => solve(f64([1, 1], [2, 1, 1]), f64([1, 2, 3], [3, 1, 1]))).toThrow(ShapeError);
    expect((): unknown => Reflect.apply(solve, undefined, [f64([1], [1, 1]), 'b'])).toThrow(InputError);
  });
});

describe('inverse', () => {
  it('is that of torch, and NaN where there is none', async () => {
    // By torch.linalg.inv
    await expectNumbers(inverse(f64([2, -1, 0.5, 1, 3, -2, 0.25, 1, 4], [3, 3])), [
      0.42911877394636017, 0.13793103448275862, 0.015325670498084289, -0.1379310344827586, 0.24137931034482757, 0.13793103448275862, 0.007662835249042149, -0.06896551724137932, 0.21455938697318008,
    ]);
    expect(await numbers(inverse(f64([1, 2, 2, 4, 0, 1, 1, 0], [2, 2, 2])))).toEqual([NaN, NaN, NaN, NaN, 0, 1, 1, 0]);
    expect(await numbers(inverse(f64([], [0, 0])))).toEqual([]);
  });

  it('has gradients and second gradients as differences have, and keeps open sizes', () => {
    checkDerivativesOnce((x) => inverse(x.add(five)), [[3, 3]]);
    checkDerivativesOnce((x) => inverse(x.add(five)), [[2, 3, 3]]);
    expect(String(inverse(input('float32', ['batch', 'n', 'n'], 'a')).shape)).toBe('batch,n,n');
    expect(() => inverse(f64([1, 2], [1, 2]))).toThrow(ShapeError);
  });
});
