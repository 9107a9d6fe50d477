// From expressions to tensors: every kind of expression has the elements that the interpreter finds, for sizes that are bound here; and
// which scalars the host has.
import { concat, constant, cumsum, customGradient, type Expr, gather, input, iota, matmul, pad, remat, scatterAdd, stopGradient, take, variable, window, evaluate, einsum, literal, scan } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { Graph, scalarUnder } from '../../src/lower/graph.js';
import { loweredOf } from '../programs.js';
import { at, elementsOf, leaf, numbered } from '../tensors.js';

const SIZES = { n: 3, time: 2 };
const x = input('float32', ['n', 4], 'x');
const y = input('float32', [4, 'n'], 'y');
const rows = input('int32', [2], 'rows');
const s = input('float32', [], 's');
const w = variable([[1, -2, 3, 4], [5, 6, -7, 8]], { name: 'w' });
const rate = variable(3, { name: 'rate' });
const inputs = [x, y, rows, s];
const SHAPES = [[3, 4], [4, 3], [2], []];

/** What the inputs are given, by position. */
const values = SHAPES.map((shape, k) => (k === 2 ? [2, 0] : numbered(leaf(new Graph(), k, shape))));

const CASES: Readonly<Record<string, Expr>> = {
  constants: constant(5, [4]).add(x),
  'the mean over an open dimension': x.mul(6).mean(0),
  data: w.mul(literal([1, 2, 3, 4, 5, 6, 7, 8], [2, 4], 'float32')),
  'an input': x,
  'a variable': w,
  counts: iota([2, 3], 1).add(iota([2, 3], 0).mul(10)),
  'operations of one, two and three': x.gt(0).where(x.neg(), x.add(y.transpose())),
  reductions: x.sum(0).add(x.max(0)).sub(x.prod(0)),
  'cumulative sums': cumsum(x, 1, { reverse: true, exclusive: true }),
  reshapes: w.reshape([4, 2]).add(1),
  broadcasts: x.sum(1, { keepdims: true }).add(x),
  transposes: x.transpose(),
  slices: x.slice([null, null, -1], [1, 4, 2]),
  pads: pad(x, [[1, 2], [0, 1]]),
  'things put together': concat([x, y.transpose(), w], 0),
  'look-ups': take(x, rows),
  'look-ups along an axis': gather(w, rows.reshape([2, 1]).add(iota([2, 3], 1)).sub(1), 1),
  additions: scatterAdd(x, rows, w),
  products: matmul(x, y),
  'products over several axes': einsum('ij,jk->k', x, y),
  windows: window(y, 0, 2, { stride: 2 }),
  'what has a gradient of its own': customGradient(x.mul(2), [x], () => [null]).add(stopGradient(x)),
  'what is computed again': remat((a) => a.mul(a).add(w.sum()), x),
  'scalars of the host': s.mul(rate).add(2).mul(x),
  'a scan': scan((h: Expr, row: Expr) => ({ carry: h.mul(2).sub(row) }), { carry: w.slice([0, 1]).reshape([4]), inputs: x, reverse: true }).carry,
};

describe('an expression has the elements of its definition', () => {
  it.each(Object.entries(CASES))('%s', async (_, expr) => {
    const { outputs, graph } = loweredOf({ inputs, outputs: [expr] }, SIZES);
    const host = graph.host.evaluate((k) => at(at(values, k), 0), (v) => at(v.hostValue() ?? [], 0));
    const found = elementsOf(at(outputs, 0), { leaf: (t) => (t.op.kind === 'input' ? at(values, t.op.position) : numbered(t)), host });
    const { data, shape } = await evaluate(expr, inputs.map((given, k) => [given, at(SHAPES, k).length === 0 ? at(at(values, k), 0) : nested(at(values, k), at(SHAPES, k))] as const));
    expect(at(outputs, 0).shape).toEqual(shape);
    for (const [k, value] of data.entries()) expect(Number.isNaN(value) ? Number.isNaN(found[k]) : Math.abs(at(found, k) - value) < 1e-4, `element ${k}: ${found[k]} for ${value}`).toBe(true);
  });
});

function nested(list: readonly number[], shape: readonly number[]): number[] | number[][] {
  const width = at(shape, shape.length - 1);
  return shape.length === 1 ? [...list] : Array.from({ length: at(shape, 0) }, (_, k) => list.slice(k * width, (k + 1) * width));
}

describe('scalars', () => {
  const v = variable([1, 2], { name: 'v' });
  const count = variable(0, { name: 'count', dtype: 'int32' });
  const other = variable(1, { name: 'other' });
  const kinds = (...specs: readonly [Parameters<typeof loweredOf>[0]]): string[] => loweredOf(...specs).updates.map(({ variable: { name }, value }) => `${name} ${scalarUnder(value)?.op.kind ?? value.op.kind}`);

  it('of constants, scalar inputs and scalar variables are the host\'s', () => {
    const { outputs } = loweredOf({ inputs: [s], outputs: [s.mul(rate).add(1), s.add(v.sum()), s.mul(v)] });
    expect(outputs.map(({ op }) => op.kind)).toEqual(['host', 'elementwise', 'elementwise']);
    expect(scalarUnder(at(at(outputs, 2).args, 0))?.op.kind ?? scalarUnder(at(at(outputs, 2).args, 1))?.op.kind).toBe('host');
  });

  it('stay the host\'s where their updates are', () => {
    expect(kinds({ inputs: [s], updates: new Map([[count, count.add(1)], [rate, rate.mul(s)]]) })).toEqual(['count host', 'rate host']);
  });

  it('go to the tensors with a variable whose own update needs one, and so does all that reads it, over two variables too', () => {
    expect(kinds({ updates: new Map<typeof rate, Expr>([[rate, rate.mul(v.sum())]]) })).toEqual(['rate elementwise']);
    const chain = new Map<typeof rate, Expr>([[rate, rate.mul(v.sum())], [other, other.add(rate)], [count, count.add(1)]]);
    expect(kinds({ updates: chain })).toEqual(['rate elementwise', 'other elementwise', 'count host']);
    const { outputs } = loweredOf({ outputs: [other.mul(2), count.add(1)], updates: chain });
    expect(outputs.map(({ op }) => op.kind)).toEqual(['elementwise', 'host']);
  });
});

describe('what else a computation says', () => {
  it('variables in the order of the graph, those that are only written too', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => variable([1, 2], { name }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three');
    const { variables, updates } = loweredOf({ outputs: [b.add(a)], updates: new Map<typeof a, Expr>([[c, a.mul(2)]]) });
    expect(variables.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
    expect(updates[0]?.target.op).toEqual({ kind: 'variable', variable: c });
  });

  it('look-ups in nothing, and additions of nothing, are numbers', () => {
    const [open, empty] = [input('float32', ['none', 2], 'open'), input('float32', [0, 2], 'empty')];
    const { outputs } = loweredOf({ inputs: [open, empty, rows], outputs: [take(open, rows), scatterAdd(constant(0, [3, 2]), rows.slice([0, 0]), empty)] }, { none: 0 });
    expect(elementsOf(at(outputs, 0), { leaf: numbered })).toEqual([NaN, NaN, NaN, NaN]);
    expect(elementsOf(at(outputs, 1), { leaf: numbered })).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
