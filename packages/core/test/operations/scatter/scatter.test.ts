import { describe, expect, it } from 'vitest';
import { literal } from '../../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../../src/errors.js';
import { evaluate } from '../../../src/run/evaluate.js';
import type { Expr } from '../../../src/graph/expr.js';
import { grad } from '../../../src/gradients/grad.js';
import { input } from '../../../src/graph/input.js';
import { scatterAdd } from '../../../src/operations/indexing.js';
import { scatter, type ScatterOptions } from '../../../src/operations/scatter/scatter.js';
import { jvp, vjp } from '../../../src/transforms/products.js';
import { vmap } from '../../../src/transforms/vmap.js';
import { checkDerivatives, checkGradient, checkSecondDerivatives, tensor } from '../../gradients/finite-differences.js';

type Reduce = NonNullable<ScatterOptions['reduce']>;

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'int32');
const counting = (count: number, from = 0): number[] => Array.from({ length: count }, (_, k) => k + from);
/** Not known before a step runs. */
const computed = (values: readonly number[], shape?: readonly number[]): Expr => ints(values, shape).add(0);

const ALL: readonly Reduce[] = ['set', 'add', 'max', 'min', 'multiply'];

// What NumPy 2.4 gives: a[indices] = updates, and ufunc.at of maximum, minimum and multiply.
describe('scatter', () => {
  const rows = f64(counting(12, 1), [4, 3]);
  const places = ints([2, 0, 2, 3, 0, 2]);
  const updates = f64([5, -1, 20, 7, 0, 1, 6, 8, 2, -3, 30, 12, 2, 9, -4, 1, 8, 9], [6, 3]);

  it.each<[Reduce, readonly number[]]>([
    ['set', [2, 9, -4, 4, 5, 6, 1, 8, 9, -3, 30, 12]],
    ['max', [7, 9, 3, 4, 5, 6, 7, 8, 20, 10, 30, 12]],
    ['min', [1, 0, -4, 4, 5, 6, 1, -1, 2, -3, 11, 12]],
    ['multiply', [14, 0, -12, 4, 5, 6, 210, -512, 3240, -30, 330, 144]],
    ['add', [10, 11, 0, 4, 5, 6, 19, 23, 40, 7, 41, 24]],
  ])('by %s is what NumPy gives, where indices come again', async (reduce, expected) => {
    expect(await numbers(scatter(rows, places, updates, 0, { reduce }))).toEqual(expected);
    expect(await numbers(scatter(rows.transpose(), places, updates.transpose(), 1, { reduce }).transpose())).toEqual(expected);
  });

  it('sets the last one by default, in row-major order of the indices, along any axis', async () => {
    expect(await numbers(scatter(f64(counting(6), [2, 3]), ints([2, 0, 2, 1], [2, 2]), f64(counting(8, 10), [2, 2, 2]), 1))).toEqual([11, 13, 12, 15, 17, 16]);
    expect(await numbers(scatter(rows, ints([1], []), f64([7, 8, 9])))).toEqual([1, 2, 3, 7, 8, 9, 7, 8, 9, 10, 11, 12]);
    expect(await numbers(scatter(rows, ints([-1]), f64([7, 8, 9], [1, 3]), 0, { fromEnd: true }))).toEqual([...counting(9, 1), 7, 8, 9]);
  });

  it.each<[Reduce, readonly number[]]>([
    ['max', [0, 1, 2, 3, 5, 5]],
    ['min', [-1, 1, -2, 3, 4, 2]],
    ['multiply', [-0, 1, -0, 9, 20, 40]],
  ])('by %s takes indices of several axes', async (reduce, expected) => {
    expect(await numbers(scatter(f64(counting(6), [2, 3]), ints([2, 0, 2, 1], [2, 2]), f64(counting(8, -2), [2, 2, 2]), 1, { reduce }))).toEqual(expected);
  });

  it.each<[Reduce, readonly number[]]>([
    ['set', [-7, -(2 ** 31), 4]],
    ['max', [2 ** 31 - 1, -5, 2 ** 30]],
    ['min', [-7, -(2 ** 31), 4]],
    ['multiply', [-2147483627, -(2 ** 31), 0]],
  ])('by %s takes int32', async (reduce, expected) => {
    expect(await numbers(scatter(ints([3, -5, 2 ** 30]), ints([0, 2, 0, 1]), ints([2 ** 31 - 1, 4, -7, -(2 ** 31)]), 0, { reduce }))).toEqual(expected);
  });

  it.each<[Reduce, readonly number[]]>([
    ['max', [NaN, NaN, NaN, -Infinity, 3]],
    ['min', [NaN, NaN, NaN, -Infinity, -0]],
    ['multiply', [NaN, NaN, NaN, Infinity, -0]],
  ])('by %s keeps NaN, infinities and the signs of zeros', async (reduce, expected) => {
    const y = scatter(f64([1, NaN, 3, -Infinity, -0]), ints([0, 1, 2, 2, 3, 4]), f64([NaN, 5, 7, NaN, -Infinity, 3]), 0, { reduce });
    expect(await numbers(y)).toEqual(expected);
  });

  it('sets what is not finite, and bool', async () => {
    expect(await numbers(scatter(f64([1, NaN, 3]), ints([0, 1, 0]), f64([NaN, 2, -0])))).toEqual([-0, 2, 3]);
    expect(await numbers(scatter(literal([1, 0, 1], [3], 'bool'), ints([0, 1]), literal([0, 1], [2], 'bool')))).toEqual([0, 1, 1]);
  });

  it.each(ALL)('by %s changes nothing for an index out of range that is computed, and takes the options', async (reduce) => {
    const at = [-7, -4, -3, -1, 0, 2, 3, 5, 2 ** 31 - 1, -(2 ** 31)];
    const [list, values] = [f64([10, 11, 12]), f64(counting(at.length, 5))];
    const known = [0, 2];
    expect(await numbers(scatter(list, computed(at), values, 0, { reduce }))).toEqual(await numbers(scatter(list, ints(known), f64([9, 10]), 0, { reduce })));
    // -7 mod 3 is 2, 2147483647 mod 3 is 1, -2147483648 mod 3 is 1.
    for (const [options, meant] of [[{ mode: 'clamp' }, [0, 0, 0, 0, 0, 2, 2, 2, 2, 0]], [{ mode: 'wrap' }, [2, 2, 0, 2, 0, 2, 0, 2, 1, 1]]] as const) {
      expect(await numbers(scatter(list, ints(at), values, 0, { reduce, ...options }))).toEqual(await numbers(scatter(list, ints(meant), values, 0, { reduce })));
    }
    const y = scatter(list, computed([5, -1]), values.slice([0, 2]), 0, { reduce });
    expect(await numbers(y)).toEqual([10, 11, 12]);
    const open = input('float64', [2]);
    expect([...(await evaluate(grad(scatter(list, computed([5, 1]), open, 0, { reduce }).sum(), open), [[open, [20, 30]]])).data][0]).toBe(0);
  });

  it.each(ALL)('by %s takes open sizes, of 0 and 1 too', async (reduce) => {
    const [x, at, u] = [input('float64', ['n', 'd'], 'x'), input('int32', ['k'], 'at'), input('float64', ['k', 'd'])];
    const y = scatter(x, at, u, 0, { reduce });
    expect(String(y.shape)).toBe('n,d');
    const run = async (of: Expr, n: number, d: number, indices: number[]): Promise<number[]> => {
      const shaped = (from: number, count: number) => ({ data: Float64Array.from(counting(count * d, from)), shape: [count, d] });
      return [...(await evaluate(of, [[x, shaped(2, n)], [at, Int32Array.from(indices)], [u, shaped(4, indices.length)]])).data];
    };
    const [ofX, ofU] = grad(y.square().sum().div(2), [x, u]);
    const expected: Record<Reduce, readonly number[]> = { set: [5, 3], add: [11, 3], max: [5, 3], min: [2, 3], multiply: [40, 3] };
    expect(await run(y, 2, 1, [0, 0])).toEqual(expected[reduce]);
    expect(await run(y, 2, 1, [])).toEqual([2, 3]);
    expect(await run(ofX, 2, 1, [])).toEqual([2, 3]);
    expect(await run(ofU, 2, 1, [])).toEqual([]);
    expect(await run(y, 2, 0, [1])).toEqual([]);
    expect(await run(ofX, 2, 0, [1])).toEqual([]);
    expect(await run(y, 0, 2, [])).toEqual([]);
    expect(await run(ofU, 0, 2, [])).toEqual([]);
    expect(await run(y, 1, 1, [0])).toEqual([{ set: 4, add: 6, max: 4, min: 2, multiply: 8 }[reduce]]);
    await expect(run(y, 0, 2, [0])).rejects.toThrow(/^scatter: .* has nothing to take or to add to: its axis 0 has size 0 here$/);
    await expect(run(y, 2, 1, [2])).rejects.toThrow(new InputError("scatter: input at int32[k] has the index 2, which is not from 0 to 1; the options mode ('clamp', 'wrap') and fromEnd give others a meaning"));
    const none = scatter(rows, ints([], [0]), f64([], [0, 3]), 0, { reduce });
    expect(await numbers(none)).toEqual(counting(12, 1));
  });

  it.each([[7, 3000], [1000, 5000], [300_000, 4000]])('of %i rows sets the last of %i updates, whatever their order', async (n, k) => {
    // Numbers that come again, near each other and far apart.
    const at = Array.from({ length: k }, (_, i) => (i * i * 7 + 3 * i) % n);
    const expected = new Array<number>(n).fill(-1);
    for (const [i, row] of at.entries()) expected[row] = i;
    expect(await numbers(scatter(f64(new Array<number>(n).fill(-1)), ints(at), f64(counting(k))))).toEqual(expected);
  });

  it('is scatterAdd, by add', async () => {
    expect(await numbers(scatter(rows, places, updates, 0, { reduce: 'add' }))).toEqual(await numbers(scatterAdd(rows, places, updates)));
  });

  it('refuses other shapes and dtypes, bool that is not set, indices out of range and options that there are not', () => {
    const flags = literal([1], [1], 'bool');
    for (const reduce of ALL) {
      expect(() => scatter(rows, ints([4]), f64([1, 2, 3], [1, 3]), 0, { reduce })).toThrow(
        new InputError("scatter: a constant int32[1] has the index 4, which is not from 0 to 3; the options mode ('clamp', 'wrap') and fromEnd give others a meaning"),
      );
      expect(() => scatter(rows, ints([0]), f64([1, 2]), 0, { reduce })).toThrow(new ShapeError('scatter: the updates a constant float64[2] should have the shape [1, 3]'));
      expect(() => scatter(f64([], [0, 2]), ints([0]), f64([1, 2], [1, 2]), 0, { reduce })).toThrow(new ShapeError('scatter: axis 0 of a constant float64[0, 2] has size 0, and nothing to take or to add to'));
      if (reduce !== 'set') expect(() => scatter(flags, ints([0]), flags, 0, { reduce })).toThrow(new DTypeError('scatter: a constant bool[1] is bool, a constant bool[1] bool; they must have one dtype, and not bool'));
    }
    expect(() => scatter(rows, ints([0]), ints([1, 2, 3], [1, 3]))).toThrow(new DTypeError('scatter: a constant int32[1, 3] is int32, a constant float64[4, 3] float64; they must have one dtype'));
    expect(() => scatter(rows, rows, updates)).toThrow(/^scatter: the indices .* are float64, not int32/);
    // @ts-expect-error -- none of the reductions
    expect(() => scatter(rows, places, updates, 0, { reduce: 'amax' })).toThrow(new InputError("scatter: the option reduce must be 'set' or 'add' or 'max' or 'min' or 'multiply', not 'amax'"));
    // @ts-expect-error -- no option
    expect(() => scatter(rows, places, updates, 0, { reduction: 'max' })).toThrow("scatter: there is no option 'reduction'; the options are mode, fromEnd, reduce");
  });
});

describe('gradients of scatter', () => {
  const places = computed([2, 0, 2, 3, 0, 2]);

  it.each(ALL)('by %s agree with finite differences', (reduce) => {
    // Elements and updates are different numbers, too: none is near a tie.
    const apart = (u: Expr): Expr => u.add(1 / 64);
    checkDerivatives((a, u) => scatter(a, places, apart(u), 0, { reduce }).square(), [[4, 3], [6, 3]]);
    checkDerivatives((a, u) => scatter(a, places.slice([0, 4]).reshape([2, 2]), apart(u), 1, { reduce }).square(), [[2, 4, 2], [2, 2, 2, 2]]);
  });

  it.each(ALL)('by %s are those of each example in a batch, and of one in a row of indices', (reduce) => {
    const batched = (a: Expr, u: Expr): Expr => vmap((x: Expr, y: Expr, at: Expr) => scatter(x, at, y, 0, { reduce }), { inAxes: [0, 0, 0] })(a, u, computed([1, 1, 0, 2, 2, 2], [2, 3]));
    checkDerivatives((a, u) => batched(a, u.add(1 / 64)).square(), [[2, 3], [2, 3]]);
  });

  // torch 2.13: scatter_reduce by amax, amin and prod, whose gradient of y w is taken.
  it.each<[Reduce, readonly number[], readonly number[], readonly number[]]>([
    ['max', [3, 5, 7, 2, 4], [1 / 3, 0, 0, 4, 16], [1 / 3, 2, 1 / 3, 4, 0, 4, 0]],
    ['min', [3, 1, 0, 0, 0], [1 / 3, 2, 4, 0, 0], [1 / 3, 0, 1 / 3, 0, 8, 0, 16]],
    ['multiply', [27, 5, 0, 0, 0], [9, 10, 28, 0, 0], [9, 2, 9, 0, 32, 0, 64]],
    // By hand: what is last, and what nothing overwrites.
    ['set', [3, 5, 7, 0, 0], [0, 0, 0, 0, 0], [0, 2, 1, 0, 8, 4, 16]],
  ])('by %s share ties evenly, and are right where factors are 0', async (reduce, expected, ofX, ofU) => {
    const [x, u] = [f64([3, 1, 0, 2, 4]), f64([3, 5, 3, 2, 0, 7, 0])];
    const y = scatter(x, ints([0, 1, 0, 3, 3, 2, 4]), u, 0, { reduce });
    expect(await numbers(y)).toEqual(expected);
    const [gX, gU] = grad(y.mul(f64([1, 2, 4, 8, 16])).sum(), [x, u]);
    expect(await numbers(gX)).toEqual(ofX);
    expect(await numbers(gU)).toEqual(ofU);
  });

  it('of a product are right in every derivative where one factor or several are 0', () => {
    for (const [x, u] of [[[2, 3], [0, 5, 7]], [[0, 3], [0, 5, 7]], [[2, 0], [4, 0, 0]]] as const) {
      const f = (a: Expr, b: Expr): Expr => scatter(a, computed([0, 0, 1]), b, 0, { reduce: 'multiply' });
      checkGradient(f, [tensor([2], x), tensor([3], u)]);
      checkSecondDerivatives(f, [tensor([2], x), tensor([3], u)]);
    }
  });

  it.each(ALL)('by %s have the tangents that they are the transpose of', async (reduce) => {
    const [x, u] = [f64([0.5, -1, 2]), f64([1.5, -0.25, 3, 0.75])];
    const y = scatter(x, computed([2, 0, 2, 1]), u, 0, { reduce });
    const [dx, du, g] = [f64([1, 2, 3]), f64([0.5, -1, 2, 4]), f64([3, -2, 5])];
    const tangent = jvp(y, [x, u], [dx, du]);
    const [gX, gU] = vjp(y, [x, u], g);
    const dot = async (...pairs: readonly (readonly [Expr | undefined, Expr])[]): Promise<number> => {
      let sum = 0;
      for (const [a, b] of pairs) sum += (await numbers((a ?? b).mul(b).sum()))[0] ?? NaN;
      return sum;
    };
    expect(await dot([tangent, g])).toBeCloseTo(await dot([gX, dx], [gU, du]), 12);
  });
});
