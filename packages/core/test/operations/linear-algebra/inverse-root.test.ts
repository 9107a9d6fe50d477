import { describe, expect, it } from 'vitest';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { inverseRoot } from '../../../src/operations/linear-algebra/index.js';
import { eye } from '../../../src/operations/masks.js';
import { swapLast } from '../../../src/operations/movement.js';
import { checkGradient, tensor as values } from '../../gradients/finite-differences.js';
import { checkDerivativesOnce, expectClose, expectNumbers, f32, f64, numbers, recorded, seeded, tensor } from './numbers.js';

const identity = (n: number): Expr => eye(n, n, { dtype: 'float64' });
const symmetric = (a: Expr): Expr => a.add(swapLast(a)).div(2);

describe('inverseRoot', () => {
  for (const [operation, p] of [['inverse4thRoot', 4], ['inverseRoot2', 2]] as const) {
    for (const one of recorded(operation)) {
      it(`has the root that torch has, p = ${p}: ${one.name}`, async () => {
        expectClose(await numbers(inverseRoot(tensor(one.tensor('a')), p)), one.tensor('x').data, one.tolerance);
      });
    }
  }

  it('is what becomes the inverse as a power, for any p', async () => {
    for (const p of [1, 2, 3, 4, 5, 6, 8]) {
      const x = f64(seeded(p, 25), [5, 5]);
      const a = x.matmul(swapLast(x)).add(identity(5).mul(0.5));
      let power = a;
      for (let k = 0; k < p; k++) power = power.matmul(inverseRoot(a, p));
      expectClose(await numbers(power), await numbers(identity(5)), 1e-13);
    }
  });

  it('is NaN as a whole of an indefinite matrix whose eigenvalues overflow in sum', async () => {
    const indefinite = f64([1.5e308, 0, 0, -1e308], [2, 2]);
    expect(await numbers(inverseRoot(indefinite, 2, { epsilon: 1 }))).toEqual([NaN, NaN, NaN, NaN]);
  });

  it('adds epsilon to the eigenvalues, those included that are 0 but for rounding', async () => {
    const narrow = f64(seeded(2, 8), [8, 1]);
    const a = narrow.matmul(swapLast(narrow));
    const found = await numbers(inverseRoot(a, 2, { epsilon: 1e-30 }));
    expect(found.every(Number.isFinite)).toBe(true);
    // Of x x^T the root is 1 / sqrt(epsilon) but along x.
    const norm = await numbers(narrow.square().sum());
    const along = await numbers(inverseRoot(a, 2, { epsilon: 0.25 }).matmul(narrow));
    expectClose(along, (await numbers(narrow)).map((x) => x / Math.sqrt((norm[0] ?? NaN) + 0.25)), 1e-13);
    await expectNumbers(inverseRoot(f64([0, 0, 0, 0], [2, 2]), 4, { epsilon: f64([16]).sum() }), [0.5, 0, 0, 0.5]);
  });

  it('is all NaN where a matrix is not positive definite, and only there', async () => {
    const a = f64([4, 0, 0, 9, 1, 2, 2, 1, 0, 0, 0, 1, NaN, 0, 0, 1], [4, 2, 2]);
    expect(await numbers(inverseRoot(a, 2))).toEqual([0.5, 0, 0, 1 / 3, ...new Array<number>(12).fill(NaN)]);
    expect((await numbers(inverseRoot(a, 2, { epsilon: 0.5 }))).map(Number.isFinite)).toEqual([true, true, true, true, false, false, false, false, true, true, true, true, false, false, false, false]);
  });

  it('reads the lower triangle alone; of nothing it is nothing', async () => {
    await expectNumbers(inverseRoot(f32([4, NaN, 0, 9], [2, 2]), 2), [1 / 2, 0, 0, 1 / 3]);
    expect(await numbers(inverseRoot(f64([], [2, 0, 0]), 4))).toEqual([]);
    await expectNumbers(inverseRoot(f64([16], [1, 1]), 4), [0.5]);
  });

  it('keeps open sizes', async () => {
    const x = input('float64', ['batch', 'n', 'n'], 'x');
    expect(String(inverseRoot(x, 2).shape)).toBe('batch,n,n');
    expect([...(await evaluate(inverseRoot(x, 2), [[x, [[[9]], [[4]]]]])).data]).toEqual([1 / 3, 1 / 2]);
    expectClose([...(await evaluate(grad(inverseRoot(x, 2).sum(), x), [[x, [[[9]], [[4]]]]])).data], [-1 / 54, -1 / 16], 1e-15);
  });

  it('has gradients and second gradients as differences have', () => {
    for (const p of [1, 2, 3, 4]) {
      checkDerivativesOnce((x) => inverseRoot(symmetric(x).mul(0.3).add(identity(3).mul(2)), p), [[3, 3]]);
      checkDerivativesOnce((x, ridge) => inverseRoot(symmetric(x).mul(0.1).add(identity(2)), p, { epsilon: ridge.square().add(0.5) }), [[2, 2, 2], []]);
    }
  });

  it('has them where eigenvalues are equal, up to the third', () => {
    const around = values([3, 3], [0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const weights = f64([1, 2, -1, 0.5, 3, 1, 2, -2, 0.25], [3, 3]);
    for (const p of [1, 2, 4]) {
      const f = (x: Expr): Expr => inverseRoot(symmetric(x).add(identity(3)), p).mul(weights).sum();
      const first = (x: Expr): Expr => grad(f(x), x).mul(swapLast(weights)).sum();
      const second = (x: Expr): Expr => grad(first(x), x).mul(weights.square()).sum();
      for (const each of [f, first, second]) checkGradient(each, [around]);
    }
  });

  it('refuses what it does not take', () => {
    const a = f64([4, 0, 0, 9], [2, 2]);
    expect(() => inverseRoot(a, 0)).toThrow(new InputError('inverseRoot: p must be a whole number from 1 to 64, not 0; the result is a^(-1/p)'));
    for (const p of [2.5, -1, NaN, 65]) expect(() => inverseRoot(a, p)).toThrow(InputError);
    expect(() => inverseRoot(f64([1, 2], [1, 2]), 2)).toThrow(ShapeError);
    expect(() => inverseRoot(a.cast('int32'), 2)).toThrow(DTypeError);
    expect(() => inverseRoot(a, 2, { epsilon: f64([1, 2]) })).toThrow(ShapeError);
    expect(() => inverseRoot(a, 2, { epsilon: f32([1]).sum() })).toThrow(DTypeError);
    expect((): unknown => Reflect.apply(inverseRoot, undefined, [a, 2, { eps: 1 }])).toThrow(InputError);
    expect((): unknown => Reflect.apply(inverseRoot, undefined, [1, 2])).toThrow(InputError);
  });
});
