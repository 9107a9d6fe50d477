import { describe, expect, it } from 'vitest';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import { ELEMENTWISE_OPS } from '../../src/graph/elementwise-table.js';
import { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import * as elementwise from '../../src/operations/elementwise.js';
import { literal } from '../../src/graph/construct.js';
import { variable } from '../../src/values/variable.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const f64 = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'float64');

describe('elementwise operations', () => {
  it('have a fluent method each, but for those on bits', () => {
    const { prototype } = Expr;
    expect(ELEMENTWISE_OPS.filter((op) => !(op in prototype))).toEqual(['bitwiseAnd', 'bitwiseOr', 'bitwiseXor', 'shiftLeft', 'shiftRightLogical']);
  });

  it('broadcast as in NumPy', async () => {
    const column = f64([10, 20], [2, 1]);
    const row = f64([1, 2, 3]);
    const sum = column.add(row);
    expect(sum.shape).toEqual([2, 3]);
    expect(await numbers(sum)).toEqual([11, 12, 13, 21, 22, 23]);
    expect(await numbers(row.sub(f64([1], [])))).toEqual([0, 1, 2]);
    expect(column.mul(f64([], [0])).shape).toEqual([2, 0]);
  });

  it('give a number the dtype of the other operand, on either side', async () => {
    const n = literal([7, -7], [2], 'int32');
    expect(String(elementwise.sub(1, n))).toBe('sub int32[2]');
    expect(await numbers(elementwise.mod(n, 3))).toEqual([1, 2]);
    expect(await numbers(elementwise.div(1, f64([4])))).toEqual([0.25]);
    expect(await numbers(n.gt(0).and(true))).toEqual([1, 0]);
  });

  it('compose: square, reciprocal, rsqrt, clip, where', async () => {
    expect(await numbers(f64([-3, 0.5]).square())).toEqual([9, 0.25]);
    expect(await numbers(f64([4, -0.5]).reciprocal())).toEqual([0.25, -2]);
    expect(await numbers(f64([4, 0.25]).rsqrt())).toEqual([0.5, 2]);
    expect(await numbers(f64([-2, 0.5, 9, NaN]).clip(-1, 1))).toEqual([-1, 0.5, 1, NaN]);
    const x = f64([1, -2, NaN]);
    expect(await numbers(x.gt(0).where(x, 0))).toEqual([1, 0, 0]);
    expect(await numbers(elementwise.where(literal([1, 0], [2], 'bool'), f64([1, 2], [2, 1]), f64([9], [])))).toEqual([1, 9, 2, 9]);
  });

  it('xor is true where exactly one is', async () => {
    const [p, q] = [literal([0, 0, 1, 1], [4], 'bool'), literal([0, 1, 0, 1], [4], 'bool')];
    expect(await numbers(elementwise.xor(p, q))).toEqual([0, 1, 1, 0]);
    expect(await numbers(elementwise.xor(true, p))).toEqual([1, 1, 0, 0]);
    expect(await numbers(p.xor(q))).toEqual([0, 1, 1, 0]);
    expect(() => elementwise.xor(f64([1]), f64([1]))).toThrow(new DTypeError('xor: takes bool, and a constant float64[1] is float64; cast it with .cast(dtype)'));
  });

  it('cast to the same dtype is the expression itself', () => {
    const x = input('float32', [2]);
    expect(x.cast('float32')).toBe(x);
    expect(String(x.cast('bool'))).toBe('cast bool[2]');
  });

  it('refuse shapes that do not broadcast: the message has operation, shapes and names', () => {
    const w = variable([[1, 2, 3]], { name: 'w' });
    const x = input('float32', ['batch', 4], 'x');
    expect(() => w.mul(2).add(x.exp())).toThrow(
      new ShapeError(
        'add: the shapes of mul(w) float32[1, 3] and exp(x) float32[batch, 4] do not broadcast; aligned at the last axis, sizes must be equal or 1',
      ),
    );
    expect(() => elementwise.where(x.gt(0), w, 0)).toThrow(/^where: the shapes of gt\(x\) bool\[batch, 4\] and variable w float32\[1, 3\] do not broadcast/);
    expect(() => x.add(input('float32', ['time', 4], 'y'))).toThrow(/float32\[batch, 4\] and input y float32\[time, 4\] do not broadcast/);
  });

  it('refuse mixed dtypes, and say how to mend it', () => {
    const w = variable([1], { name: 'w' });
    const n = input('int32', [1], 'n');
    expect(() => w.mul(n)).toThrow(new DTypeError('mul: variable w float32[1] is float32, input n int32[1] is int32; cast one of them with .cast(dtype)'));
    expect(() => n.add(0.5)).toThrow(new DTypeError("add: the number 0.5 does not fit the int32 operand beside it; cast that with .cast('float32') first"));
    expect(() => n.add(2 ** 31)).toThrow(/2147483648 does not fit the int32 operand/);
    expect(() => w.add(true)).toThrow(new DTypeError('add: true is bool, the other operand float32; cast one of them'));
    expect(() => w.gt(0).and(2)).toThrow(/the number 2 does not fit the bool operand/);
  });

  it('refuse dtypes outside their domain', () => {
    const n = input('int32', [2], 'n');
    const flag = n.gt(0);
    expect(() => n.exp()).toThrow(new DTypeError('exp: takes float32 or float64, and input n int32[2] is int32; cast it with .cast(dtype)'));
    expect(() => n.div(2)).toThrow(/^div: takes float32 or float64/);
    expect(() => flag.add(flag)).toThrow(new DTypeError('add: takes float32, float64 or int32, and gt(n) bool[2] is bool; cast it with .cast(dtype)'));
    expect(() => elementwise.shiftLeft(input('float32', [2], 'x'), 1)).toThrow(new DTypeError('shiftLeft: takes int32, and input x float32[2] is float32; cast it with .cast(dtype)'));
    expect(() => n.not()).toThrow(/^not: takes bool, and input n int32\[2\] is int32/);
    expect(() => elementwise.where(n, 1, n)).toThrow(new DTypeError('where: the condition input n int32[2] is int32, not bool; compare it, as in x.gt(0)'));
    expect(String(flag.eq(flag))).toBe('eq bool[2]');
  });

  it('refuse numbers alone', () => {
    expect(() => elementwise.add(1, 2)).toThrow(new GraphError('add: none of the operands is an expression; make one with scalar(value, dtype)'));
    // Of a choice the condition is the expression.
    expect(String(elementwise.where(input('bool'), 1, 2))).toBe('where float32[]');
    expect(String(elementwise.where(input('bool'), true, false))).toBe('where bool[]');
  });
});
