import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { OpenDimension } from '../../src/backend.js';
import { add, DTypeError, evaluate, Expr, grad, GraphError, input, InputError, literal, matmul, ShapeError, variable, where } from '../../src/index.js';

const x = literal([1, 2, 3, 4, 5, 6], [2, 3], 'float32');
const values = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
/** As JavaScript calls it: with anything. */
const call = (f: unknown, ...given: unknown[]): unknown => (typeof f === 'function' ? Reflect.apply(f, x, given) : undefined);

describe('arrays as operands', () => {
  it('take the dtype of the expression beside them, and broadcast', async () => {
    expect(await values(x.add([10, 20, 30]))).toEqual([11, 22, 33, 14, 25, 36]);
    expect(await values(x.mul([[2], [-1]]))).toEqual([2, 4, 6, -4, -5, -6]);
    expect(await values(add([1, 1, 1], x))).toEqual([2, 3, 4, 5, 6, 7]);
    expect(await values(x.sub(new Float32Array([1, 2, 3])))).toEqual([0, 0, 0, 3, 3, 3]);
    expect(await values(x.matmul([[1], [2], [3]]))).toEqual([14, 32]);
    expect(await values(matmul([[1, -1]], x))).toEqual([-3, -3, -3]);
    expect(await values(x.clip([2, 2, 2], [[3], [5]]))).toEqual([2, 2, 3, 4, 5, 5]);
    expect(await values(where(x.gt(3), [1, 2, 3], 0))).toEqual([0, 0, 0, 1, 2, 3]);
    const small = x.cast('float64').mul([0.1]);
    expect(small.dtype).toBe('float64');
    expect((await values(small))[0]).toBe(0.1);
    expect((await values(x.mul([0.1])))[0]).toBe(Math.fround(0.1));
  });

  it('written twice are one expression', () => {
    expect(x.add([1, 2, 3])).toBe(x.add([1, 2, 3]));
    expect(x.add([1, 2, 3])).not.toBe(x.add([1, 2, 4]));
  });

  it('have the gradient of constants', async () => {
    const w = variable([1, 2, 3]);
    expect(await values(grad(w.mul([4, 5, 6]).sum(), w))).toEqual([4, 5, 6]);
  });

  it('that do not fit are errors', () => {
    expect(() => x.add([1, 2])).toThrow(ShapeError);
    expect(() => call(x.add, [[1], [2, 3]])).toThrow(new ShapeError('add: the nested arrays are not of equal lengths'));
    expect(() => call(x.add, [1, undefined, 3])).toThrow(InputError);
    expect(() => call(x.add, [1, '2', 3])).toThrow(InputError);
    expect(() => x.add([true, false, true])).toThrow(DTypeError);
    expect(() => x.add([[1, true, 2]])).toThrow(DTypeError);
    expect(() => x.add(new Float64Array(3))).toThrow(DTypeError);
    expect(() => x.cast('int32').add([0.5, 1, 2])).toThrow(/^add: /);
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    expect(() => call(x.add, cyclic)).toThrow(ShapeError);
  });
});

describe('numbers alone in where', () => {
  it('are float32, true and false bool', async () => {
    expect(String(where(x.gt(3), 1, 0))).toBe('where float32[2, 3]');
    expect(String(where(x.gt(3), true, false))).toBe('where bool[2, 3]');
    expect(await values(where(x.gt(3), 1, 0))).toEqual([0, 0, 0, 1, 1, 1]);
    expect(() => where(x.gt(3), true, 0)).toThrow(DTypeError);
  });
});

describe('sizes and axes', () => {
  it('may stand one by one', () => {
    expect(x.reshape(3, 2)).toBe(x.reshape([3, 2]));
    expect(x.reshape(-1).shape).toEqual([6]);
    expect(x.transpose(1, 0)).toBe(x.transpose([1, 0]));
    expect(input('float32', ['n', 2]).reshape(2, 'n')).toBeInstanceOf(Expr);
    expect(() => x.reshape([-1, -1])).toThrow(new ShapeError('reshape: [-1, -1] leaves more than one size to be worked out; only one may be -1'));
  });
});

describe("JavaScript's own operators", () => {
  const operators: readonly ((v: unknown) => unknown)[] = [(v) => Number(v), (v) => (v as number) * 2, (v) => (v as number) + 1, (v) => -(v as number), (v) => (v as number) < 1, (v) => (v as string) + ' is the loss'];

  it('are errors that name the methods', () => {
    for (const operator of operators) {
      expect(() => operator(x)).toThrow(GraphError);
      expect(() => operator(x)).toThrow(/use the methods \.add \.sub \.mul/);
    }
  });

  it('are errors on open sizes too', () => {
    const [n] = input('float32', ['n']).shape;
    expect(n).toBeInstanceOf(OpenDimension);
    for (const operator of operators) expect(() => operator(n)).toThrow(ShapeError);
    expect(String(n)).toBe('n');
  });

  it('printing shows an expression in a few words', () => {
    const w = variable([1, 2], { name: 'w' });
    expect(`${String(w.mul(2))} ${w.mul(2).toString()}`).toBe('mul float32[2] mul float32[2]');
    expect(inspect({ loss: w.sum() })).toBe('{ loss: sum(w) float32[] }');
    expect(JSON.stringify({ w })).toBe('{"w":"variable w float32[2]"}');
  });
});
