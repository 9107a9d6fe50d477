import { describe, expect, it } from 'vitest';
import { compile } from '../../src/run/compile.js';
import { iota, literal, scalar } from '../../src/graph/construct.js';
import { DTypeError, InputError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { gather, scatterAdd, take } from '../../src/operations/indexing.js';
import { concat } from '../../src/operations/movement.js';
import { remat } from '../../src/operations/remat.js';
import { scan } from '../../src/operations/scan.js';
import { variable } from '../../src/values/variable.js';

const numbers = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];
const ints = (values: readonly number[], shape: readonly number[] = [values.length]): Expr => literal(values, shape, 'int32');
const x = literal([1, 2, 3, 4, 5, 6], [2, 3], 'float64');
const table = input('float32', ['vocabulary', 4], 'table');

describe('take', () => {
  it('reads parts along an axis', async () => {
    expect(await numbers(take(x, ints([1, 0, 1])))).toEqual([4, 5, 6, 1, 2, 3, 4, 5, 6]);
    expect(await numbers(x.take(ints([2, 0]), -1))).toEqual([3, 1, 6, 4]);
    expect(take(x, ints([0, 1, 1, 0], [2, 2]), 1).shape).toEqual([2, 2, 2]);
    expect(take(x, ints([1], []), 1).shape).toEqual([2]);
    expect(take(x, ints([], [0]), 1).shape).toEqual([2, 0]);
    expect(String(take(table, input('int32', ['batch', 'time'])).shape)).toBe('batch,time,4');
  });

  it('refuses indices that are not int32, axes that there are not, and empty ones', () => {
    expect(() => take(x, x)).toThrow(new DTypeError("take: the indices a constant float64[2, 3] are float64, not int32; cast them with .cast('int32')"));
    expect(() => take(x, ints([0]), 2)).toThrow(/^take: axis 2 is not one of -2 to 1/);
    expect(() => take(literal([], [0, 2], 'float32'), ints([0]))).toThrow(new ShapeError('take: axis 0 of a constant float32[0, 2] has size 0, and nothing to take or to add to'));
  });
});

describe('gather', () => {
  it('reads an element for each index', async () => {
    // The example of PyTorch's documentation.
    expect(await numbers(gather(literal([1, 2, 3, 4], [2, 2], 'float32'), ints([0, 0, 1, 0], [2, 2]), 1))).toEqual([1, 1, 4, 3]);
    expect(await numbers(x.gather(ints([1, 0, 1], [1, 3]), 0))).toEqual([4, 2, 6]);
    expect(await numbers(gather(x, ints([2, 0, 0, 2], [2, 2]), -1))).toEqual([3, 1, 4, 6]);
    const cube = literal(Array.from({ length: 24 }, (_, k) => k), [2, 3, 4], 'int32');
    expect(await numbers(gather(cube, ints([2, 1, 0, 2, 0, 0, 1, 1], [2, 1, 4]), 1))).toEqual([8, 5, 2, 11, 12, 13, 18, 19]);
  });

  it('broadcasts the other axes, of either side', async () => {
    expect(await numbers(gather(x, ints([1], [1, 1]), 1))).toEqual([2, 5]);
    expect(await numbers(gather(x.slice([0, 1]), ints([0, 2, 1, 1], [2, 2]), 1))).toEqual([1, 3, 2, 2]);
    expect(await numbers(gather(x.slice([0, 1], [0, 1]), ints([0, 0, 0], [3, 1]), 1))).toEqual([1, 1, 1]);
  });

  it('is empty where there is nothing to gather', async () => {
    expect(gather(x, ints([], [2, 0]), 1).shape).toEqual([2, 0]);
    const none = literal([], [0, 3], 'float64');
    expect(gather(none, ints([], [0, 5]), 1).shape).toEqual([0, 5]);
    expect(await numbers(gather(none, ints([], [0, 5]), 1))).toEqual([]);
  });

  it('adds gradients up where an element is read several times, over open dimensions too', async () => {
    const rows = input('float64', ['batch', 3], 'rows');
    const indices = input('int32', ['batch', 2], 'indices');
    const read = gather(rows, indices, 1);
    expect(String(read.shape)).toBe('batch,2');
    const g = grad(read.mul(literal([1, 10], [2], 'float64')).sum(), rows);
    const given = [[rows, [[1, 2, 3], [4, 5, 6]]], [indices, [[0, 2], [1, 1]]]] as const;
    expect([...(await evaluate(read, given)).data]).toEqual([1, 3, 5, 5]);
    expect([...(await evaluate(g, given)).data]).toEqual([1, 0, 10, 0, 11, 0]);
  });

  it('refuses other ranks, other sizes, other dtypes, and an empty axis', () => {
    expect(() => gather(x, ints([0]), 0)).toThrow(new ShapeError('gather: the indices a constant int32[1] must have the 2 axes of a constant float64[2, 3]; take reads whole parts'));
    expect(() => gather(x, ints([0, 0, 0], [3, 1]), 1)).toThrow(
      new ShapeError('gather: a constant float64[2, 3] and the indices a constant int32[3, 1] may differ in axis 1 only; axis 0 has sizes 2 and 3'),
    );
    expect(() => gather(x, x, 0)).toThrow(DTypeError);
    expect(() => gather(x, ints([0, 0], [2, 1]), 2)).toThrow(/^gather: axis 2 is not one of -2 to 1/);
    expect(() => gather(literal([], [2, 0], 'float32'), ints([0, 0], [2, 1]), 1)).toThrow(new ShapeError('gather: axis 1 of a constant float32[2, 0] has size 0, and nothing to take or to add to'));
  });
});

describe('scatterAdd', () => {
  it('adds parts where the indices say, as often as they come', async () => {
    const zeros = literal([0, 0, 0], [3], 'float64');
    expect(await numbers(scatterAdd(zeros, ints([2, 0, 2]), literal([1, 2, 4], [3], 'float64')))).toEqual([2, 0, 5]);
    expect(await numbers(x.scatterAdd(ints([1, 0]), literal([10, 20, 30, 40], [2, 2], 'float64'), 1))).toEqual([21, 12, 3, 44, 35, 6]);
    expect(await numbers(scatterAdd(ints([2 ** 31 - 1]), ints([0]), ints([1])))).toEqual([-(2 ** 31)]);
    expect(await numbers(scatterAdd(zeros, ints([], [0]), literal([], [0], 'float64')))).toEqual([0, 0, 0]);
  });

  it('refuses updates of another shape or dtype', () => {
    expect(() => scatterAdd(x, ints([0]), literal([1, 2], [2], 'float64'))).toThrow(new ShapeError('scatterAdd: the updates a constant float64[2] should have the shape [1, 3]'));
    expect(() => scatterAdd(x, ints([0]), ints([1, 2, 3], [1, 3]))).toThrow(/^scatterAdd: a constant int32\[1, 3\] is int32, a constant float64\[2, 3\] float64; they must have one dtype/);
    const flags = literal([1], [1], 'bool');
    expect(() => scatterAdd(flags, ints([0]), flags)).toThrow(DTypeError);
  });
});

/** Not known before a step runs. */
const computed = (values: readonly number[], shape?: readonly number[]): Expr => ints(values, shape).add(0);

describe('an index out of range', () => {
  const OUTSIDE = [-1, 2, -(2 ** 31), 2 ** 31 - 1];

  it('that is a constant is an error where the graph is built, whatever view it is seen through', () => {
    for (const index of OUTSIDE) {
      expect(() => take(x, ints([0, index]))).toThrow(
        new InputError(`take: a constant int32[2] has the index ${index}, which is not from 0 to 1; the options mode ('clamp', 'wrap') and fromEnd give others a meaning`),
      );
      expect(() => take(x, scalar(index, 'int32'))).toThrow(InputError);
      expect(() => gather(x, ints([index, 0], [1, 2]).transpose())).toThrow(InputError);
      expect(() => gather(x, ints([index, 0], [2, 1]).transpose().broadcastTo([1, 2]).reshape([2, 1]), 0)).toThrow(/^gather: a constant int32\[2, 1\] has the index/);
      expect(() => scatterAdd(x, ints([index]), literal([1, 1, 1], [1, 3], 'float64'))).toThrow(/^scatterAdd: a constant int32\[1\] has the index/);
    }
    expect(() => take(x, iota([3], 0))).toThrow(/^take: iota\(\) int32\[3\] has the index 2, which is not from 0 to 1/);
    // What a slice leaves out is no index.
    expect(take(x, ints([7, 1, 0, -1]).slice([1, 3])).shape).toEqual([2, 3]);
    expect(() => take(x, ints([7, 1, 0, -1]).slice([1, 4]))).toThrow(/has the index -1/);
  });

  it('that a call gives is an error of the call, and changes nothing', async () => {
    const tokens = input('int32', ['n', 2], 'tokens');
    const total = variable([0], { name: 'total', dtype: 'float64' });
    const sum = take(x, tokens.transpose().reshape([-1])).sum().reshape([1]);
    const run = await compile({ inputs: { tokens }, outputs: { sum }, updates: new Map([[total, total.add(sum)]]) }, interpreter());
    await run({ tokens: [[0, 1]] });
    for (const index of OUTSIDE) {
      await expect(run({ tokens: [[0, 1], [1, index]] })).rejects.toThrow(
        new InputError(`take: input 'tokens' has the index ${index}, which is not from 0 to 1; the options mode ('clamp', 'wrap') and fromEnd give others a meaning`),
      );
    }
    expect([...(await total.read())]).toEqual([21]);
    await run({ tokens: [[0, 1]] });
    expect([...(await total.read())]).toEqual([42]);
    await expect(evaluate(take(x, tokens), [[tokens, [[0, 5]]]])).rejects.toThrow(InputError);
  });

  it('in what a slice leaves out is none, and one in a scan is found', async () => {
    const tokens = input('int32', [4], 'tokens');
    const shown = take(x, tokens.slice([1, null]));
    expect([...(await evaluate(shown, [[tokens, [9, 0, 1, 0]]])).data]).toEqual([1, 2, 3, 4, 5, 6, 1, 2, 3]);
    await expect(evaluate(shown, [[tokens, [0, 0, 1, 9]]])).rejects.toThrow(/^take: input tokens int32\[4\] has the index 9/);
    const { outputs } = scan((carry, token) => ({ carry: carry.add(take(x, token)), outputs: carry }), { carry: literal([0, 0, 0], [3], 'float64'), inputs: tokens });
    expect([...(await evaluate(outputs, [[tokens, [0, 1, 0, 1]]])).data].slice(-3)).toEqual([6, 9, 12]);
    await expect(evaluate(outputs, [[tokens, [0, 1, 2, 1]]])).rejects.toThrow(/has the index 2/);
  });

  it('in a part of joined indices is looked for in what is seen of it, whatever the others are', async () => {
    const [head, tail] = [input('int32', ['n'], 'head'), input('int32', ['m'], 'tail')];
    const offset = variable(0, { name: 'offset', dtype: 'int32' });
    const others = { known: tail, computed: tail.mul(0), held: tail.mul(0).add(offset) };
    for (const other of Object.values(others)) {
      const shown = take(x, concat([head, other]).slice([1, null]));
      expect([...(await evaluate(shown, [[head, [9, 1]], [tail, [0]]])).data]).toEqual([4, 5, 6, 1, 2, 3]);
      await expect(evaluate(shown, [[head, [9, 9]], [tail, [0]]])).rejects.toThrow(/^take: input head int32\[n\] has the index 9/);
    }
    const joined = take(x, concat([head, tail]).slice([1, null]));
    await expect(evaluate(joined, [[head, [9, 1]], [tail, [7]]])).rejects.toThrow(/^take: input tail int32\[m\] has the index 7/);
    const again = take(x, concat([head, head.reshape([-1])]).slice([1, 3]));
    await expect(evaluate(again, [[head, [0, 1, 9]]])).rejects.toThrow(/has the index 9/);
    const inside = take(x, remat((h) => concat([h, others.held]), head).slice([1, 2]));
    expect([...(await evaluate(inside, [[head, [9, 1]], [tail, [0]]])).data]).toEqual([4, 5, 6]);
    await expect(evaluate(inside, [[head, [9, 5]], [tail, [0]]])).rejects.toThrow(/has the index 5/);
  });

  it('that is computed reads NaN, of int32 the least number, of bool false', async () => {
    const indices = computed([0, -1, 2, 1]);
    expect(await numbers(take(literal([5, 6], [2], 'float32'), indices))).toEqual([5, NaN, NaN, 6]);
    expect(await numbers(take(literal([5, 6], [2], 'int32'), indices))).toEqual([5, -(2 ** 31), -(2 ** 31), 6]);
    expect(await numbers(take(literal([1, 1], [2], 'bool'), indices))).toEqual([1, 0, 0, 1]);
    expect(await numbers(gather(x, computed([3, 1, 0, -1], [2, 2]), 1))).toEqual([NaN, 2, 4, NaN]);
    expect(await numbers(gather(x, computed([1, 2, 0], [1, 3]), 0))).toEqual([4, NaN, 3]);
  });

  it('that is computed adds nothing, and its update has the gradient 0', async () => {
    const updates = input('float64', [4]);
    const y = scatterAdd(literal([1, 2], [2], 'float64'), computed([1, -1, 2, 1]), updates);
    const given = [[updates, [10, 20, 30, 40]]] as const;
    expect([...(await evaluate(y, given)).data]).toEqual([1, 52]);
    expect([...(await evaluate(grad(y.square().sum(), updates), given)).data]).toEqual([104, 0, 0, 104]);
  });

  it('that is computed has no gradient to give', async () => {
    const table = input('float64', [2, 2]);
    const g = grad(take(table, computed([1, 7, -1, 1])).sum(), table);
    const given = [[table, [[1, 2], [3, 4]]]] as const;
    expect([...(await evaluate(g, given)).data]).toEqual([0, 0, 2, 2]);
    const second = grad(g.mul(table).sum(), table);
    expect([...(await evaluate(second, given)).data]).toEqual([0, 0, 2, 2]);
  });
});

describe('mode and fromEnd', () => {
  const list = literal([10, 11, 12], [3], 'float64');
  const at = [-7, -4, -3, -1, 0, 2, 3, 5, 2 ** 31 - 1, -(2 ** 31)];

  it('clamp, wrap and count from the end', async () => {
    for (const indices of [ints(at), computed(at)]) {
      expect(await numbers(list.take(indices, 0, { mode: 'clamp' }))).toEqual([10, 10, 10, 10, 10, 12, 12, 12, 12, 10]);
      // -7 mod 3 is 2, 2147483647 mod 3 is 1, -2147483648 mod 3 is 1.
      expect(await numbers(list.take(indices, 0, { mode: 'wrap' }))).toEqual([12, 12, 10, 12, 10, 12, 10, 12, 11, 11]);
      expect(await numbers(list.gather(indices, 0, { mode: 'clamp', fromEnd: true }))).toEqual([10, 10, 10, 12, 10, 12, 12, 12, 12, 10]);
    }
    expect(await numbers(list.take(computed(at), 0, { fromEnd: true }))).toEqual([NaN, NaN, 10, 12, 10, 12, NaN, NaN, NaN, NaN]);
    expect(await numbers(list.take(ints([-3, -1, 2]), 0, { fromEnd: true }))).toEqual([10, 12, 12]);
    expect(() => list.take(ints([-4]), 0, { fromEnd: true })).toThrow(/^take: a constant int32\[1\] has the index -4, which is not from -3 to 2/);
    expect(await numbers(list.scatterAdd(ints([-1, 3]), literal([1, 2], [2], 'float64'), 0, { mode: 'wrap' }))).toEqual([12, 11, 13]);
    expect(await numbers(list.scatterAdd(ints([-1, 3]), literal([1, 2], [2], 'float64'), 0, { mode: 'clamp' }))).toEqual([11, 11, 14]);
    expect(await numbers(list.scatterAdd(ints([-1, -2]), literal([1, 2], [2], 'float64'), 0, { fromEnd: true }))).toEqual([10, 13, 13]);
  });

  it('hold along open axes, and a call is checked', async () => {
    const rows = input('float64', ['n', 2]);
    const indices = input('int32', [2], 'indices');
    const last = rows.take(indices, 0, { fromEnd: true });
    const given = [[1, 2], [3, 4], [5, 6]];
    expect([...(await evaluate(last, [[rows, given], [indices, [-1, -3]]])).data]).toEqual([5, 6, 1, 2]);
    await expect(evaluate(last, [[rows, given], [indices, [-4, 0]]])).rejects.toThrow(/has the index -4, which is not from -3 to 2/);
    expect([...(await evaluate(rows.take(indices, 0, { mode: 'wrap' }), [[rows, given], [indices, [-4, 7]]])).data]).toEqual([5, 6, 3, 4]);
  });

  it('refuses others', () => {
    // @ts-expect-error -- not one of the modes
    expect(() => list.take(ints([0]), 0, { mode: 'raise' })).toThrow(new InputError("take: the option mode must be 'fill' or 'clamp' or 'wrap', not 'raise'"));
    // @ts-expect-error -- not a boolean
    expect(() => list.gather(ints([0]), 0, { fromEnd: 1 })).toThrow(new InputError('gather: the option fromEnd must be true or false, not 1'));
  });
});

describe('an axis of size 0', () => {
  const rows = input('float64', ['n', 2], 'rows');
  const indices = input('int32', ['k'], 'indices');
  const nothing = { data: new Float64Array(0), shape: [0, 2] };
  const none = new Int32Array(0);

  it('has nothing to take, in a call, by a slice and in a gradient', async () => {
    const loss = take(rows, indices).sum();
    const updates = input('float64', ['k', 2], 'updates');
    const given = [[rows, nothing], [indices, [0]]] as const;
    const wanted = 'take: input rows float64[n, 2] has nothing to take or to add to: its axis 0 has size 0 here';
    await expect(evaluate(loss, given)).rejects.toThrow(new ShapeError(wanted));
    await expect(evaluate(grad(loss, rows), given)).rejects.toThrow(/^take: scatter\(.*\) float64\[n, 2\] has nothing to take or to add to: its axis 0 has size 0 here$/);
    await expect(evaluate(scatterAdd(rows, indices, updates), [...given, [updates, [[1, 2]]]])).rejects.toThrow(/^scatterAdd: .* has nothing to take or to add to/);
    await expect(evaluate(gather(rows, indices.reshape(['k', 1]).broadcastTo(['k', 2]), 0), given)).rejects.toThrow(ShapeError);
    await expect(evaluate(take(rows.slice([1, null]), indices), [[rows, [[1, 2]]], [indices, [0]]])).rejects.toThrow(ShapeError);
    await expect(evaluate(take(rows, indices, 0, { mode: 'wrap' }), given)).rejects.toThrow(ShapeError);
    await expect(evaluate(take(rows, ints([0, 0])), [[rows, nothing]])).rejects.toThrow(ShapeError);
  });

  it('is fine where nothing is taken', async () => {
    expect((await evaluate(take(rows, indices), [[rows, nothing], [indices, none]])).shape).toEqual([0, 2]);
    expect((await evaluate(take(rows, indices, 0, { mode: 'clamp' }), [[rows, nothing], [indices, none]])).shape).toEqual([0, 2]);
    expect((await evaluate(grad(take(rows, indices).sum(), rows), [[rows, nothing], [indices, none]])).shape).toEqual([0, 2]);
    expect([...(await evaluate(grad(take(rows, indices).sum(), rows), [[rows, [[1, 2]]], [indices, none]])).data]).toEqual([0, 0]);
    const { carry } = scan((sum, step) => ({ carry: sum.add(take(rows, step.mul(0))) }), { carry: literal([0, 0], [2], 'float64'), inputs: indices });
    expect([...(await evaluate(carry, [[rows, nothing], [indices, none]])).data]).toEqual([0, 0]);
    await expect(evaluate(carry, [[rows, nothing], [indices, [0]]])).rejects.toThrow(ShapeError);
  });
});
