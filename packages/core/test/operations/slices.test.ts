import { describe, expect, it } from 'vitest';
import { addDimensions, atLeastZero, type Dimension, dimension, fits, floorDivide, multiplyDimensions, smaller } from '../../src/graph/dimension.js';
import { literal, scalar } from '../../src/graph/construct.js';
import { ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { customGradient } from '../../src/gradients/custom.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { conv1d } from '../../src/operations/convolution.js';
import { crossEntropy } from '../../src/operations/cross-entropy.js';
import { mul, where } from '../../src/operations/elementwise.js';
import { scatterAdd } from '../../src/operations/indexing.js';
import { tril } from '../../src/operations/masks.js';
import { concat } from '../../src/operations/movement.js';
import { avgPool1d, maxPool1d } from '../../src/operations/pooling.js';
import { scan } from '../../src/operations/scan.js';
import { variable } from '../../src/values/variable.js';

const numbers = (size: number): number[] => Array.from({ length: size }, (_, k) => k + 1);

/** What Python makes of `list[from:to:step]`, by the language reference: "Sequence Types", notes 4 and 5. */
function inPython(list: readonly number[], from: number | null, to: number | null, step: number): number[] {
  const [least, most] = step > 0 ? [0, list.length] : [-1, list.length - 1];
  const clamped = (i: number): number => Math.min(Math.max(i < 0 ? i + list.length : i, least), most);
  const [start, end] = [from === null ? (step > 0 ? least : most) : clamped(from), to === null ? (step > 0 ? most : least) : clamped(to)];
  const taken: number[] = [];
  for (let i = start; step > 0 ? i < end : i > end; i += step) taken.push(list[i] ?? NaN);
  return taken;
}

async function given(expr: Expr, x: Expr, values: readonly number[]): Promise<number[]> {
  return [...(await evaluate(expr, [[x, { data: Float64Array.from(values), shape: [values.length] }]])).data];
}

describe('a slice that reaches outside', () => {
  it('is cut short as in Python, of an open and of a known size, and so is its gradient', async () => {
    const ends = [null, 0, 1, 4, 7, -1, -3, -8];
    for (const from of ends) {
      for (const to of ends) {
        for (const step of [1, 2, -1, -3]) {
          const x = input('float64', ['n']);
          const slice = x.slice([from, to, step]);
          const gradient = grad(slice.square().sum(), x);
          for (const size of [0, 1, 3, 6]) {
            const list = numbers(size);
            const expected = inPython(list, from, to, step);
            const what = `[${String(from)}, ${String(to)}, ${step}] of ${size}`;
            expect(await given(slice, x, list), what).toEqual(expected);
            expect(await given(gradient, x, list), what).toEqual(list.map((v) => (expected.includes(v) ? 2 * v : 0)));
            const known = variable({ data: Float64Array.from(list), shape: [size] }, { dtype: 'float64' });
            expect([...(await evaluate(known.slice([from, to, step]))).data], what).toEqual(expected);
          }
        }
      }
    }
  });

  it('counts in the graph as if it were not', async () => {
    const x = input('float64', ['n']);
    const five = variable([1, 2, 3, 4, 5], { dtype: 'float64', name: 'five' });
    const product = x.slice([0, 5]).mul(five);
    expect(await given(product, x, [1, 1, 1, 1, 1, 1])).toEqual([1, 2, 3, 4, 5]);
    await expect(given(product, x, [1, 1, 1])).rejects.toThrow(new ShapeError('variable five float64[5] fits [n - max(0, n - 5)] where no slice is cut short; here the shapes are [5] and [3]'));
  });

  it('is as long as another part of the same size', async () => {
    const x = input('float64', ['n']);
    const differences = x.slice([1, null]).sub(x.slice([null, -1]));
    expect(await given(differences, x, [1, 4, 9])).toEqual([3, 5]);
    expect(await given(differences, x, [])).toEqual([]);
    const shifted = concat([x.slice([0, 1]).mul(0), x.slice([null, -1])]).add(x);
    expect(await given(shifted, x, [1, 4, 9])).toEqual([1, 5, 13]);
    expect(await given(x.slice([0, 1]).mul(x), x, [2, 3])).toEqual([4, 6]);
    expect(await given(grad(x.slice([0, 1]).mul(x).sum(), x), x, [2, 3])).toEqual([7, 2]);
    expect(await given(concat([x.slice([null, -2]), x.slice([-2, null])]), x, [5])).toEqual([5]);
  });

  it('may be a scan, a product and another shape', async () => {
    const x = input('float64', ['n']);
    const w = variable([[1], [10], [100]], { dtype: 'float64' });
    expect(await given(x.slice([-3, null]).matmul(w), x, [9, 1, 2, 3])).toEqual([321]);
    await expect(given(x.slice([-3, null]).matmul(w), x, [1, 2])).rejects.toThrow(ShapeError);
    expect(await given(x.slice([0, 4]).reshape([2, 2]).sum(0), x, [1, 2, 3, 4, 5])).toEqual([4, 6]);
    await expect(given(x.slice([0, 4]).reshape([2, 2]), x, [1, 2, 3])).rejects.toThrow(ShapeError);
  });

  it('does not stretch where it is 1 because it was cut', async () => {
    const x = input('float64', ['n'], 'x');
    const five = variable([1, 2, 3, 4, 5], { dtype: 'float64', name: 'fives' });
    for (const [product, from] of [[x.slice([0, 5]).mul(five), 'variable fives float64[5]'], [five.mul(x.slice([0, 5])), 'slice(x) float64[n - max(0, n - 5)]']] as const) {
      await expect(given(product, x, [2])).rejects.toThrow(new RegExp(`^${from.replace(/[[\]()]/g, '\\$&')} fits`));
      expect(await given(product, x, [1, 1, 1, 1, 1])).toEqual([1, 2, 3, 4, 5]);
    }
    const logits = variable([[1, 2], [3, 4], [5, 6]], { dtype: 'float64', name: 'logits' });
    const labels = x.slice([null, 3]).cast('int32');
    await expect(given(crossEntropy(logits, labels), x, [1])).rejects.toThrow(ShapeError);
  });

  it('is empty beside one element, and pulls back zeros', async () => {
    const x = input('float64', ['n']);
    const w = variable([3], { dtype: 'float64', name: 'w' });
    const product = w.mul(x.slice([0, 1]));
    for (const [list, value, byW, byX] of [[[], [], [0], []], [[5], [15], [5], [3]], [[5, 6], [15], [5], [3, 0]]] as const) {
      expect(await given(product, x, list)).toEqual(value);
      expect(await given(grad(product.sum(), w), x, list)).toEqual(byW);
      expect(await given(grad(product.sum(), x), x, list)).toEqual(byX);
    }
    expect(await given(grad(x.slice([0, 1]).mul(x).sum(), x), x, [])).toEqual([]);
  });

  it('is empty beside a number, by whichever name', async () => {
    const x = input('float64', ['n']);
    const one = x.slice([2, 3]);
    for (const y of [one.mul(2), one.add(1).sub(1).mul(2), mul(2, one), where(one.gt(0), one.mul(2), 0), one.mul(variable([2], { dtype: 'float64' }))]) {
      expect(String(y.shape[0])).toBe('max(0, n - 2) - max(0, n - 3)');
      expect(await given(y, x, [])).toEqual([]);
      expect(await given(y, x, [1, 2])).toEqual([]);
      expect(await given(y, x, [1, 2, 3, 4])).toEqual([6]);
      expect(await given(grad(y.sum(), x), x, [1, 2])).toEqual([0, 0]);
    }
    expect(await given(tril(x.reshape([-1, 1]).slice([2, 3])), x, [1])).toEqual([]);
  });

  it('must fill what it is added into, and what it is the gradient of', async () => {
    const x = input('float64', ['n']);
    const three = variable([1, 2, 3], { dtype: 'float64', name: 'three' });
    const added = scatterAdd(three, literal([2, 0, 0], [3], 'int32'), x.slice([0, 3]));
    const own = grad(customGradient(three.mul(2), [three], () => [x.slice([0, 3])]).sum(), three);
    expect(await given(added, x, [10, 20, 30, 40])).toEqual([51, 2, 13]);
    expect(await given(own, x, [10, 20, 30, 40])).toEqual([10, 20, 30]);
    for (const list of [[], [7], [7, 8]]) for (const expr of [added, own]) await expect(given(expr, x, list)).rejects.toThrow(ShapeError);
  });

  it('is as many steps as a scan is said to have', async () => {
    const x = input('float64', ['n']);
    const four = variable([1, 1, 1, 1], { dtype: 'float64', name: 'four' });
    const total = (inputs: Record<string, Expr>, length?: number): Expr =>
      scan((h: Expr, at: Record<string, Expr>) => ({ carry: Object.values(at).reduce((sum, e) => sum.add(e), h) }), { carry: scalar(0, 'float64'), inputs, ...(length === undefined ? {} : { length }) }).carry;
    const sums = [[total({ x: x.slice([0, 4]) }, 4), 10], [total({ x: x.slice([0, 4]), four }), 14], [total({ four, x: x.slice([0, 4]) }), 14]] as const;
    for (const [sum, expected] of sums) {
      for (const list of [[], [7], [7, 8, 9]]) await expect(given(sum, x, list)).rejects.toThrow(ShapeError);
      expect(await given(sum, x, [1, 2, 3, 4, 5])).toEqual([expected]);
    }
  });

  it('of one element is an error', async () => {
    const x = input('float64', ['n']);
    expect(await given(x.slice(-2), x, [1, 2])).toEqual([1]);
    await expect(given(x.slice(2), x, [1, 2])).rejects.toThrow(ShapeError);
    await expect(given(x.slice(-3), x, [1, 2])).rejects.toThrow(ShapeError);
  });
});

describe('sizes that are cut short', () => {
  const n: Dimension = dimension('n');
  const less = (by: number): Dimension => addDimensions(n, -by);

  it('are one where they are equal', () => {
    expect(smaller(n, 5)).toBe(smaller(5, n));
    expect(String(smaller(n, 5))).toBe('n - max(0, n - 5)');
    expect(atLeastZero(addDimensions(atLeastZero(less(5)), -2))).toBe(atLeastZero(less(7)));
    expect(atLeastZero(multiplyDimensions(n, 3))).toBe(multiplyDimensions(n, 3));
    expect(addDimensions(atLeastZero(less(2)), smaller(n, 2))).toBe(n);
    expect(floorDivide(addDimensions(multiplyDimensions(n, 4), 3), 2)).toBe(addDimensions(multiplyDimensions(n, 2), 1));
  });

  it('fit what they are where nothing is cut', () => {
    expect(fits(smaller(n, 5), 5)).toBe(true);
    expect(fits(atLeastZero(less(5)), less(5))).toBe(true);
    expect(fits(smaller(n, 5), n)).toBe(false);
    expect(fits(multiplyDimensions(smaller(n, 5), dimension('m')), multiplyDimensions(5, dimension('m')))).toBe(true);
  });
});

describe('an open axis that holds no window', () => {
  const x = input('float64', [1, 1, 'n'], 'x');
  const w = variable([[[1, 2, 4]]], { dtype: 'float64', name: 'w' });
  const of = async (expr: Expr, size: number): Promise<number[]> =>
    [...(await evaluate(expr, [[x, { data: Float64Array.from(numbers(size)), shape: [1, 1, size] }]])).data];

  it.each([
    ['conv1d', (): Expr => conv1d(x, w)],
    ['maxPool1d', (): Expr => maxPool1d(x, 3, { stride: 1 })],
    ['avgPool1d', (): Expr => avgPool1d(x, 3, { stride: 1 })],
    ['window', (): Expr => x.window(2, 3)],
  ])('%s: is an error, as where its size is known', async (operation, make) => {
    const result = make();
    for (const size of [0, 1, 2]) {
      await expect(of(result, size)).rejects.toThrow(new ShapeError(`${operation}: axis 2 of input x float64[1, 1, n] is shorter than one window of 3: it has size ${size} here`));
      await expect(of(grad(result.square().sum(), x), size)).rejects.toThrow(ShapeError);
    }
    expect(await of(result.sum(), 3)).toEqual([{ conv1d: 17, maxPool1d: 3, avgPool1d: 2, window: 6 }[operation]]);
  });

  it('is none with padding', async () => {
    expect(await of(conv1d(x, w, { padding: 'same' }), 1)).toEqual([2]);
    expect(await of(maxPool1d(x, 3, { stride: 1, padding: 1 }), 1)).toEqual([1]);
  });
});
