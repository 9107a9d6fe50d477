import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { flip, pad, split, stack, tile } from '../../src/operations/arrange.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');
const x = f64([1, 2, 3, 4, 5, 6], [2, 3]);
const open = input('float32', ['batch', 'time', 8], 'x');

describe('stack', () => {
  it('puts tensors side by side along a new axis', async () => {
    const [a, b] = [f64([1, 2]), f64([3, 4])];
    expect([stack([a, b]).shape, await numbers(stack([a, b]))]).toEqual([[2, 2], [1, 2, 3, 4]]);
    expect(await numbers(stack([a, b], -1))).toEqual([1, 3, 2, 4]);
    expect(await numbers(stack([f64([1], []), f64([-0], []), f64([NaN], [])]))).toEqual([1, -0, NaN]);
    expect([stack([a]).shape, stack([f64([], [0]), f64([], [0])], 1).shape]).toEqual([[1, 2], [0, 2]]);
    expect(String(stack([open, open], 1).shape)).toBe('batch,2,time,8');
  });

  it('refuses other shapes, dtypes, and nothing', () => {
    expect(() => stack([x, f64([1])])).toThrow(new ShapeError('stack: a constant float64[2, 3] and a constant float64[1] differ in shape'));
    expect(() => stack([x, x.cast('int32')])).toThrow(new DTypeError('stack: a constant float64[2, 3] and cast() int32[2, 3] differ in dtype; cast one of them'));
    expect(() => stack([])).toThrow(new GraphError('stack: needs at least one tensor'));
    expect(() => stack([x], 3)).toThrow(/^stack: axis 3 is not one of -3 to 2/);
  });
});

describe('split', () => {
  it('gives parts of equal or given sizes', async () => {
    expect(await Promise.all(split(x, 3, -1).map(numbers))).toEqual([[1, 4], [2, 5], [3, 6]]);
    expect(await Promise.all(split(x, [1, 0, 2], 1).map(numbers))).toEqual([[1, 4], [], [2, 3, 5, 6]]);
    expect(split(x, 1)[0]).toBe(x);
    expect(split(f64([], [0, 2]), 2).map((part) => part.shape)).toEqual([[0, 2], [0, 2]]);
    const wide = input('float64', ['batch', 'time'], 'wide').reshape(['batch', 1, 'time']).broadcastTo(['batch', 2, 'time']).reshape(['batch', -1]);
    expect(split(wide, 2, 1).map((part) => String(part.shape))).toEqual(['batch,time', 'batch,time']);
    expect(split(wide, ['time', 'time'], 1).map((part) => String(part.shape))).toEqual(['batch,time', 'batch,time']);
  });

  it('refuses parts that do not make up the axis', () => {
    expect(() => split(x, 2, 1)).toThrow(new ShapeError('split: axis 1 of a constant float64[2, 3] does not divide into 2 equal parts; give their sizes'));
    expect(() => split(x, [1, 1], 1)).toThrow(new ShapeError('split: the sizes [1, 1] sum up to 2, and axis 1 of a constant float64[2, 3] has 3'));
    expect(() => split(open, 2)).toThrow(/axis 0 of input x float32\[batch, time, 8\] does not divide into 2 equal parts/);
    expect(() => split(x, 0)).toThrow(/the number of parts must be a whole number of at least 1, not 0/);
    expect(() => split(x, [4, -1], 1)).toThrow(ShapeError);
  });
});

describe('flip', () => {
  it('reverses axes', async () => {
    expect(await numbers(flip(x))).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await numbers(flip(x, -1))).toEqual([3, 2, 1, 6, 5, 4]);
    expect(await numbers(flip(x, [0]))).toEqual([4, 5, 6, 1, 2, 3]);
    expect(flip(x, [])).toBe(x);
    expect(await numbers(flip(f64([], [0, 3])))).toEqual([]);
    const rows = input('float64', ['batch']);
    expect([...(await evaluate(flip(rows), [[rows, [1, 2, 3]]])).data]).toEqual([3, 2, 1]);
    expect(() => flip(x, 2)).toThrow(/^flip: axis 2/);
  });
});

describe('tile', () => {
  it('repeats as in NumPy', async () => {
    expect(await numbers(tile(f64([1, 2]), [3]))).toEqual([1, 2, 1, 2, 1, 2]);
    expect([tile(f64([1, 2]), [2, 2]).shape, await numbers(tile(f64([1, 2]), [2, 2]))]).toEqual([[2, 4], [1, 2, 1, 2, 1, 2, 1, 2]]);
    expect(await numbers(tile(f64([1, 2, 3, 4], [2, 2]), [2]))).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
    expect(await numbers(tile(f64([1, 2, 3, 4], [2, 2]), [2, 1]))).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
    expect([tile(x, [0, 1]).shape, tile(x, []).shape, tile(f64([7], []), [2]).shape]).toEqual([[0, 3], [2, 3], [2]]);
    expect(String(tile(open, [2, 1, 3]).shape)).toBe('2*batch,time,24');
    expect(() => tile(x, [1.5])).toThrow(new ShapeError('tile: the number of repeats must be a whole number of at least 0, not 1.5'));
  });
});

describe('pad', () => {
  it('puts a value around, zero by default', async () => {
    expect(await numbers(pad(f64([1, 2]), [1]))).toEqual([0, 1, 2, 0]);
    expect(await numbers(pad(f64([1, NaN, 3, 4], [2, 2]), [[1, 0], [0, 1]], { value: -Infinity }))).toEqual([-Infinity, -Infinity, -Infinity, 1, NaN, -Infinity, 3, 4, -Infinity]);
    expect(await numbers(pad(f64([1]), [[0, 2]], { value: -0 }))).toEqual([1, -0, -0]);
    expect(await numbers(pad(literal([5], [1], 'int32'), [[1, 1]], { value: 9 }))).toEqual([9, 5, 9]);
    expect(await numbers(pad(literal([0], [1], 'bool'), [[0, 1]], { value: 1 }))).toEqual([0, 1]);
    expect(await numbers(pad(f64([], [0]), [[1, 2]], { value: 4 }))).toEqual([4, 4, 4]);
    expect(pad(x, [0, 0], { value: 3 })).toBe(x);
    expect(await numbers(pad(f64([3], []), [], { value: 1 }))).toEqual([3]);
    const rows = input('float64', ['batch']);
    expect([...(await evaluate(pad(rows, [[2, 1]], { value: 7 }), [[rows, [1, 2]]])).data]).toEqual([7, 7, 1, 2, 7]);
    expect(String(pad(open, [[1, 2], 0, [0, 1]]).shape)).toBe('batch + 3,time,9');
  });

  it('refuses widths and values that do not fit', () => {
    expect(() => pad(x, [1])).toThrow(new ShapeError('pad: 1 widths for the 2 axes of a constant float64[2, 3]'));
    expect(() => pad(x, [0, [-1, 0]])).toThrow(new ShapeError('pad: a width must be a whole number of at least 0, not -1; slice takes elements away'));
    expect(() => pad(x.cast('int32'), [0, 1], { value: 0.5 })).toThrow(DTypeError);
  });
});

describe('gradients', () => {
  it.each<[string, (a: Expr) => Expr]>([
    ['flip', (a) => flip(a, 1).square()],
    ['tile', (a) => tile(a, [2, 3]).square()],
    ['pad', (a) => pad(a, [[1, 0], 2], { value: 3 }).square()],
    ['split', (a) => { const [p = a, q = a] = split(a, [1, 2], 1); return p.square().mul(q); }],
    ['stack', (a) => stack([a, a.square(), a.exp()], 1)],
  ])('of %s agree with finite differences', (_, f) => {
    checkDerivatives(f, [[2, 3]]);
  });
});
