import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { linspace, meshgrid } from '../../src/operations/grids.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('linspace', () => {
  it('is what NumPy gives', async () => {
    expect(await numbers(linspace(0, 1, 5, { dtype: 'float64' }))).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(await numbers(linspace(2, -1, 4, { endpoint: false, dtype: 'float64' }))).toEqual([2, 1.25, 0.5, -0.25]);
    expect(await numbers(linspace(3, 5, 1))).toEqual([3]);
    expect(await numbers(linspace(3, 5, 1, { endpoint: false }))).toEqual([3]);
    expect(await numbers(linspace(3, 5, 0))).toEqual([]);
    const several = await evaluate(linspace(f64([0, 10]), f64([1, 20]), 3));
    expect([several.shape, [...several.data]]).toEqual([[3, 2], [0, 10, 0.5, 15, 1, 20]]);
  });

  it('is what torch gives of float32, but for its three roundings', async () => {
    const near = async (made: Expr, expected: readonly number[]): Promise<void> => {
      const largest = Math.max(...expected.map(Math.abs));
      const values = await numbers(made);
      expect(values).toHaveLength(expected.length);
      values.forEach((value, k) => expect(Math.abs(value - (expected[k] ?? NaN))).toBeLessThanOrEqual(3 * 2 ** -24 * largest));
    };
    await near(linspace(0, 1, 7), [0, 0.1666666716337204, 0.3333333432674408, 0.5, 0.6666666269302368, 0.8333333134651184, 1]);
    await near(linspace(-3, 10, 11), [-3, -1.7000000476837158, -0.40000009536743164, 0.8999998569488525, 2.1999998092651367, 3.500000238418579, 4.800000190734863, 6.100000381469727, 7.400000095367432, 8.699999809265137, 10]);
  });

  it('ends exactly, by however many steps', async () => {
    for (const count of [2, 3, 10, 49, 1000]) {
      const values = await numbers(linspace(0.1, 0.7, count, { dtype: 'float64' }));
      expect([values[0], values.at(-1), values.length]).toEqual([0.1, 0.7, count]);
    }
  });

  it('takes what a step computes, and as many as a call says', async () => {
    const [stop, like] = [input('float64', [], 'stop'), input('float64', ['n'], 'like')];
    const [n = 1] = like.shape;
    expect([...(await evaluate(linspace(0, stop, 3), [[stop, 4]])).data]).toEqual([0, 2, 4]);
    const open = linspace(like.sum(), stop, n);
    for (const [values, expected] of [[[1, 0, 0], [1, 2.5, 4]], [[1], [1]], [[], []]] as const) {
      expect([...(await evaluate(open, [[stop, 4], [like, [...values]]])).data]).toEqual(expected);
    }
    checkDerivatives((a, b) => linspace(a, b, 5).square(), [[], [2]]);
  });

  it('says what is wrong', () => {
    expect(() => linspace(0, Infinity, 3)).toThrow(new InputError('linspace: start and stop must be finite, and one is Infinity'));
    expect(() => linspace(0, 1, -1)).toThrow(ShapeError);
    expect(() => linspace(0, 1, 2.5)).toThrow(ShapeError);
    expect(() => linspace(literal([1], [], 'int32'), 4, 3)).toThrow(DTypeError);
    expect(() => linspace(f64([1]), literal([1], [1], 'float32'), 3)).toThrow(DTypeError);
    expect(() => linspace(f64([1, 2]), f64([1, 2, 3]), 3)).toThrow(ShapeError);
  });
});

describe('meshgrid', () => {
  const [x, y, z] = [literal([1, 2, 3], [3], 'int32'), literal([4, 5], [2], 'float64'), literal([6, 7, 8, 9], [4], 'int32')] as const;

  it('is what NumPy gives, by either indexing', async () => {
    expect(await Promise.all(meshgrid([x, y]).map(numbers))).toEqual([[1, 2, 3, 1, 2, 3], [4, 4, 4, 5, 5, 5]]);
    expect(await Promise.all(meshgrid([x, y], { indexing: 'ij' }).map(numbers))).toEqual([[1, 1, 2, 2, 3, 3], [4, 5, 4, 5, 4, 5]]);
    expect(meshgrid([x, y, z]).map(({ shape, dtype }) => [...shape, dtype])).toEqual([[2, 3, 4, 'int32'], [2, 3, 4, 'float64'], [2, 3, 4, 'int32']]);
    expect(meshgrid([x, y, z], { indexing: 'ij' }).map(({ shape }) => shape)).toEqual([[3, 2, 4], [3, 2, 4], [3, 2, 4]]);
    expect(meshgrid([x]).map(({ shape }) => shape)).toEqual([[3]]);
    expect(meshgrid([])).toEqual([]);
    expect(meshgrid([literal([1], [], 'int32'), y]).map(({ shape }) => shape)).toEqual([[2, 1], [2, 1]]);
  });

  it('has open sizes, none and one', async () => {
    const open = input('float64', ['n'], 'x');
    const [across = open] = meshgrid([open, y]);
    expect(String(across.shape)).toBe('2,n');
    for (const [values, expected] of [[[1, 2], [1, 2, 1, 2]], [[7], [7, 7]], [[], []]] as const) expect([...(await evaluate(across, [[open, [...values]]])).data]).toEqual(expected);
    checkDerivatives((a, b) => {
      const [first = a, second = b] = meshgrid([a, b]);
      return first.mul(second).square();
    }, [[3], [2]]);
  });

  it('says what is wrong', () => {
    expect(() => meshgrid([x, f64([1, 2], [1, 2])])).toThrow(new ShapeError('meshgrid: takes vectors, and a constant float64[1, 2] has 2 axes'));
    // @ts-expect-error -- no such indexing
    expect(() => meshgrid([x], { indexing: 'yx' })).toThrow(new InputError("meshgrid: the option indexing must be 'xy' or 'ij', not 'yx'"));
  });
});
