import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { DTypeError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { diff, repeat, roll } from '../../src/operations/rearrange.js';
import { checkDerivatives } from '../gradients/finite-differences.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const z = literal([0, 1, 2, 3, 4, 5], [2, 3], 'int32');
const open = input('float64', ['n'], 'x');
const ofOpen = async (y: Expr, values: number[]): Promise<number[]> => [...(await evaluate(y, [[open, values]])).data];

describe('roll', () => {
  it('is what NumPy gives', async () => {
    expect(await numbers(roll(z, 1))).toEqual([5, 0, 1, 2, 3, 4]);
    expect(await numbers(roll(z, -4))).toEqual([4, 5, 0, 1, 2, 3]);
    expect(await numbers(roll(z, -2, 1))).toEqual([2, 0, 1, 5, 3, 4]);
    expect(await numbers(roll(z, 7, -1))).toEqual([2, 0, 1, 5, 3, 4]);
    expect(await numbers(roll(z, [1, -1], [0, 1]))).toEqual([4, 5, 3, 1, 2, 0]);
    expect(await numbers(roll(z, 1, [1, 0]))).toEqual([5, 3, 4, 2, 0, 1]);
    expect(roll(z, 3, 1)).toBe(z);
    expect(roll(z, [], [])).toBe(z);
    expect(await numbers(roll(literal([], [0, 2], 'float32'), 3, 0))).toEqual([]);
    expect(await numbers(roll(literal([7], [], 'float32'), 3))).toEqual([7]);
  });

  it('is the same of open sizes, whatever they are in a call', async () => {
    for (const shift of [0, 1, 2, -1, -7, 2 ** 31 - 1, -(2 ** 31) + 1]) {
      for (const values of [[1, 2, 3], [4], []]) expect(await ofOpen(roll(open, shift, 0), values)).toEqual(values.length === 0 ? [] : await numbers(roll(literal(values, [values.length], 'float64'), shift)));
    }
  });

  it('has gradients that agree with finite differences', () => {
    checkDerivatives((a) => roll(a, [2, -1], [1, 0]).square(), [[2, 3]]);
    checkDerivatives((a) => roll(a, 1).square(), [[2, 3]]);
  });

  it('says what is wrong', () => {
    expect(() => roll(z, [1, 2])).toThrow(new ShapeError('roll: of a list of shifts, each is for an axis of its own; say which axes, as in roll(x, [1, 2], [0, 1])'));
    expect(() => roll(z, [1, 2], 0)).toThrow(new ShapeError('roll: 2 shifts for 1 axes; give one for each, or one number for all'));
    expect(() => roll(z, 1, [0, -2])).toThrow(new ShapeError('roll: an axis is named twice in [0, 0]; add its shifts up'));
    expect(() => roll(z, 0.5)).toThrow(new ShapeError('roll: a shift must be a whole number below 2^31, not 0.5'));
    expect(() => roll(z, 2 ** 31, 0)).toThrow(ShapeError);
    expect(() => roll(z, 1, 2)).toThrow(ShapeError);
  });
});

describe('repeat', () => {
  it('is what NumPy gives', async () => {
    expect(await numbers(repeat(z, 2, 1))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(repeat(z, 2, 1).shape).toEqual([2, 6]);
    expect(await numbers(repeat(z, 2))).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
    expect(await numbers(repeat(z, [2, 0, 1], 1))).toEqual([0, 0, 2, 3, 3, 5]);
    expect(await numbers(repeat(z, [0, 3], 0))).toEqual([3, 4, 5, 3, 4, 5, 3, 4, 5]);
    expect(repeat(z, 0, 0).shape).toEqual([0, 3]);
    expect(repeat(literal([], [0, 2], 'float32'), 3, 0).shape).toEqual([0, 2]);
    expect(await numbers(repeat(literal([7], [], 'bool').cast('float32'), 2))).toEqual([1, 1]);
  });

  it('is the same of open sizes, and has gradients', async () => {
    expect(await ofOpen(repeat(open, 2, 0), [1, 2])).toEqual([1, 1, 2, 2]);
    expect(await ofOpen(repeat(open, 2), [])).toEqual([]);
    expect(String(repeat(open, 3).shape)).toBe('3*n');
    checkDerivatives((a) => repeat(a, 3, 0).square(), [[2, 3]]);
    checkDerivatives((a) => repeat(a, [1, 0, 2], 1).square(), [[2, 3]]);
  });

  it('says what is wrong', () => {
    expect(() => repeat(z, [1, 2], 1)).toThrow(new ShapeError('repeat: 2 counts for axis 1 of a constant int32[2, 3]; there must be one for each element, or one number for all'));
    expect(() => repeat(z, -1)).toThrow(new ShapeError('repeat: the count must be a whole number of at least 0, not -1'));
    expect(() => repeat(z, [1, 0.5], 0)).toThrow(new ShapeError('repeat: a count must be a whole number of at least 0, not 0.5'));
    expect(() => repeat(open, [1, 2], 0)).toThrow(ShapeError);
  });
});

describe('diff', () => {
  const w = literal([1, 4, 9, 16, 2, 3, 5, 7], [2, 4], 'int32');

  it('is what NumPy gives', async () => {
    expect(await numbers(diff(w))).toEqual([3, 5, 7, 1, 2, 2]);
    expect(await numbers(diff(w, { n: 2 }))).toEqual([2, 2, 1, 0]);
    expect(await numbers(diff(w, { axis: 0 }))).toEqual([1, -1, -4, -9]);
    expect(diff(w, { n: 5 }).shape).toEqual([2, 0]);
    expect(diff(literal([], [0, 3], 'float64'), { axis: 0 }).shape).toEqual([0, 3]);
    expect(diff(w, { n: 0 })).toBe(w);
  });

  it('is the same of open sizes, one and none among them', async () => {
    for (const [values, first, second] of [[[1, 4, 9, 16], [3, 5, 7], [2, 2]], [[1, 3], [2], []], [[1], [], []], [[], [], []]] as const) {
      expect(await ofOpen(diff(open), [...values])).toEqual(first);
      expect(await ofOpen(diff(open, { n: 2 }), [...values])).toEqual(second);
    }
  });

  it('has gradients that agree with finite differences', () => checkDerivatives((a) => diff(a, { n: 2, axis: 0 }).square(), [[4, 2]]));

  it('says what is wrong', () => {
    expect(() => diff(w.eq(1))).toThrow(DTypeError);
    expect(() => diff(w, { n: -1 })).toThrow(new ShapeError('diff: the option n must be a whole number of at least 0, not -1'));
    expect(() => diff(w, { axis: 2 })).toThrow(ShapeError);
  });
});
