/**
 * Computations that give each kind of kernel, with all that a kernel can have: accesses of every kind, tails that fill no vector, segments,
 * copies, scans. Nearly all compute with small whole numbers, of which sums and products are exact in every order.
 */
import { bitwiseXor, concat, type DType, einsum, type Expr, flip, grad, isFloat, pad, scan, scatterAdd, shiftLeft, uniform, type Variable, window } from '@pappus/core';
import { leaf, spread, type Subject, type Value } from '../conformance.js';

export interface Case {
  readonly name: string;
  /** How many roundings, of 1, its results may be off: 0 where all arithmetic is exact. */
  readonly roundings: number;
  readonly subject: Subject;
}

type Shapes = Readonly<Record<string, readonly number[]>>;
type Leaf = (name: string) => Expr;

/** Whole numbers from -9 to 9. */
function whole(dtype: DType, shape: readonly number[], seed: number): Value {
  const { data } = spread('int32', shape, { seed });
  const values = spread(dtype, shape, { seed });
  if (isFloat(dtype)) values.data.set(data);
  return values;
}

/** Inputs by their shapes: those whose names begin with `i` are int32, with `b` bool, with `n` numbers from 0 to 3 as indices. */
function valuesOf(float: DType, shapes: Shapes): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], k) => {
      const kind = name[0];
      const value = whole(kind === 'i' || kind === 'n' ? 'int32' : kind === 'b' ? 'bool' : float, shape, k + 3);
      if (kind === 'n') value.data.set(value.data.map((x: number) => ((x % 4) + 4) % 4));
      return [name, value];
    }),
  );
}

export function corpus(float: 'float32' | 'float64'): Case[] {
  const outputs = (name: string, shapes: Shapes, build: (x: Leaf) => readonly Expr[], roundings = 0): Case => ({
    name,
    roundings,
    subject: {
      steps: [valuesOf(float, shapes)],
      build: ({ inputs }) => ({ outputs: Object.fromEntries(build((at) => leaf(inputs, at)).map((expr, k) => [`y${k}`, expr])) }),
    },
  });
  const updates = (name: string, shapes: Shapes, build: (v: (at: string) => Variable) => readonly (readonly [Variable, Expr])[], roundings = 0): Case => ({
    name,
    roundings,
    subject: { variables: valuesOf(float, shapes), build: ({ variables }) => ({ updates: new Map(build((at) => leaf(variables, at))) }) },
  });

  return [
    ...elementwise(outputs),
    ...reductions(outputs),
    ...products(outputs),
    ...indexed(outputs),
    ...scans(outputs),
    ...updated(updates),
  ];
}

type Outputs = (name: string, shapes: Shapes, build: (x: Leaf) => readonly Expr[], roundings?: number) => Case;
type Updating = (name: string, shapes: Shapes, build: (v: (at: string) => Variable) => readonly (readonly [Variable, Expr])[], roundings?: number) => Case;

/** Sizes that fill vectors of 2, 4 and 16, and that do not. */
const SIZES = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 130];

function elementwise(outputs: Outputs): Case[] {
  return [
    ...SIZES.map((n) => outputs(`a chain over ${n}`, { x: [n], y: [n] }, (x) => [x('x').add(x('y')).mul(x('x')), x('x').sub(x('y'))])),
    outputs('views', { x: [6, 5], y: [5, 6], row: [5] }, (x) => [
      x('x').transpose().add(x('y')),
      x('x').add(x('row')),
      x('x').transpose().reshape([6, 5]).slice([1, 5], [null, null, -2]).mul(2),
      flip(x('y')).slice([null, 4, 2]).sub(x('y').slice([1, null, 2])),
      x('y').reshape([3, 10]).transpose().reshape([30]).slice([4, 27, 3]).neg(),
    ]),
    outputs('views of four axes', { x: [3, 2, 5, 4] }, (x) => [x('x').transpose([2, 0, 3, 1]).add(1), x('x').transpose([0, 2, 1, 3]).reshape([3, 40]).mul(3), flip(x('x'), [1, 3]).neg()]),
    outputs('int32', { i: [19], j: [19], ix: [19] }, (x) => [x('i').mul(x('ix')).add(7), x('i').mod(x('ix')), shiftLeft(bitwiseXor(x('i'), x('ix')), 2), x('i').maximum(x('ix')), x('ix').cast('bool').where(x('i'), x('ix'))]),
    outputs('bool and comparisons', { b: [21], bx: [21], x: [21], y: [21] }, (x) => [
      x('b').and(x('bx')), x('b').or(x('bx').not()), x('x').lt(x('y')), x('x').ge(x('y')), x('b').where(x('x'), x('y')), x('b').cast('int32').add(1), x('x').eq(x('y')).cast('float32'),
    ]),
    outputs('casts and rounding', { x: [23], i: [23] }, (x) => [x('x').mul(0.25).round(), x('x').mul(0.25).floor(), x('x').mul(0.25).ceil(), x('x').mul(0.5).cast('int32'), x('i').cast('float32').mul(0.5), x('x').sign().abs()]),
    outputs('functions', { x: [37] }, (x) => [x('x').mul(0.25).exp(), x('x').abs().add(1).log(), x('x').tanh(), x('x').sin().add(x('x').cos()), x('x').div(x('x').abs().add(0.5)), x('x').square().add(1).sqrt(), x('x').sigmoid()], 200),
    outputs('tensors put together, and zeros around', { x: [3, 4], y: [2, 4], i: [5] }, (x) => [concat([x('x').mul(2), x('y').neg(), x('x').slice([1, null])], 0), concat([x('x'), x('x').add(1)], 1), pad(x('x'), [[1, 2], [0, 3]]), pad(x('i'), [[2, 1]], { value: 5 })]),
    outputs('windows', { x: [17, 3] }, (x) => [window(x('x'), 0, 4, { stride: 3 }).mul(2), window(x('x'), 0, 3, { dilation: 2 }).sum(1)]),
    outputs('random bits', { i: [] }, (x) => [uniform([41], { seed: 3, step: x('i') }).mul(4), uniform([3, 7], { seed: 5, step: 9 })], 4),
    outputs('scalars of the host', { x: [9], s: [], i: [] }, (x) => [x('x').mul(x('s').add(1)), x('x').add(x('i').cast(x('x').dtype)), x('s').mul(2), x('s').lt(x('i').cast(x('s').dtype)).where(x('x'), x('s'))]),
    outputs('tensors of no elements', { x: [0, 3], y: [2, 0] }, (x) => [x('x').add(1), x('x').sum(0), x('y').sum(1), x('y').matmul(x('x'))]),
  ];
}

function reductions(outputs: Outputs): Case[] {
  const axes: readonly (readonly number[])[] = [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]];
  return [
    ...SIZES.map((n) => outputs(`reductions of ${n}`, { x: [n], i: [n] }, (x) => [x('x').sum(), x('x').max(), x('x').abs().min(), x('i').sum(), x('i').min(), x('x').mul(0).sub(1).prod()])),
    ...SIZES.map((n) => outputs(`reductions of rows of ${n}, and of ${n} columns`, { x: [5, n], i: [n, 3] }, (x) => [x('x').sum(1), x('x').max(0), x('i').sum(0), x('i').max(1), x('x').sum(0)])),
    ...axes.map((along) => outputs(`reductions along ${along.join(' and ')}`, { x: [5, 6, 9], b: [5, 6, 9] }, (x) => [x('x').mul(2).sum(along).add(1), x('x').max(along), x('b').any(along), x('b').all(along), x('x').transpose().sum(along)])),
    outputs('long sums', { x: [3000], y: [3, 1111], z: [1111, 3] }, (x) => [x('x').sum(), x('y').sum(1), x('z').sum(0), x('x').slice([null, null, -3]).sum(), x('z').max()]),
    outputs('several, with what comes before and after', { x: [7, 13] }, (x) => [x('x').sum(1).add(x('x').max(1)), x('x').sub(x('x').max(1, { keepdims: true })), x('x').slice([1, null, 2], [null, null, -1]).sum(0)]),
    outputs('softmax', { x: [6, 11] }, (x) => [x('x').softmax(), x('x').logSumExp(1)], 400),
    outputs('one number of many tensors', { x: [4, 5], y: [5], z: [1], w: [17], v: [3, 7] }, (x) => [['x', 'y', 'z', 'w', 'v'].map((name) => x(name).square().sum()).reduce((a, b) => a.add(b))]),
    outputs('products of elements', { x: [3, 7], i: [2, 9] }, (x) => [x('x').sign().prod(1), x('i').prod(1), x('i').prod(0)]),
  ];
}

function products(outputs: Outputs): Case[] {
  const sizes: readonly (readonly [number, number, number])[] = [[1, 1, 1], [1, 7, 5], [5, 1, 3], [4, 4, 1], [3, 5, 7], [4, 8, 4], [5, 9, 6], [8, 16, 8], [9, 17, 10], [17, 33, 19], [2, 130, 3], [33, 3, 65]];
  return [
    ...sizes.map(([m, k, n]) => outputs(`a product of ${m} x ${k} and ${k} x ${n}`, { x: [m, k], y: [k, n], i: [m, k], ix: [k, n] }, (x) => [x('x').matmul(x('y')), x('i').matmul(x('ix'))])),
    ...sizes.map(([m, k, n]) => outputs(`a product of ${m} x ${k} and ${k} x ${n}, operands turned`, { x: [k, m], y: [n, k], c: [n] }, (x) => [x('x').transpose().matmul(x('y').transpose()).add(x('c')).relu()])),
    outputs('batched, with operands that are computed', { x: [3, 4, 5], y: [3, 5, 6], z: [5, 6] }, (x) => [x('x').matmul(x('y')), x('x').mul(2).matmul(x('z').add(1)), x('x').transpose([0, 2, 1]).matmul(flip(x('x'), [2])).sub(1)]),
    outputs('over several axes', { x: [3, 4, 2, 5], y: [2, 6, 4, 3] }, (x) => [einsum('abcd,cebf->aedf', x('x'), x('y')), einsum('abcd,ceba->de', x('x'), x('y'))]),
    outputs('wanted as it is, and with something made of it', { x: [6, 7], y: [7, 9], c: [9] }, (x) => {
      const product = x('x').matmul(x('y'));
      return [product, product.add(x('c')).abs(), x('x').matmul(x('y').slice(null, [null, null, -2]))];
    }),
  ];
}

function indexed(outputs: Outputs): Case[] {
  return [
    outputs('parts of a table', { x: [4, 7], y: [5, 4], n: [6], nx: [3, 2] }, (x) => [x('x').take(x('n')), x('y').take(x('nx'), 1).mul(2), x('y').gather(x('n').slice([0, 5]).reshape([5, 1]), 1)]),
    outputs('places that there are not', { x: [3, 5], n: [9], i: [4] }, (x) => [x('x').take(x('n').sub(x('i').slice([0, 1]).mul(0)).sub(1)), x('x').take(x('n').add(x('i').slice([0, 1]).mul(0)), 0, { mode: 'clamp' })]),
    ...[1, 3, 4, 7, 16, 33].map((d) =>
      outputs(`additions to rows of ${d}`, { x: [4, d], n: [11], y: [11, d], i: [4, d], iy: [11, d] }, (x) => [scatterAdd(x('x'), x('n'), x('y')), scatterAdd(x('i'), x('n'), x('iy').mul(2))])),
    outputs('additions along a middle axis, and to places that there are not', { x: [3, 3, 5], n: [6], y: [3, 6, 5] }, (x) => [scatterAdd(x('x'), x('n').add(x('n').mul(0)), x('y'), 1)]),
    outputs('gradients of look-ups', { x: [4, 3], n: [17], y: [17, 3] }, (x) => [grad(x('x').take(x('n')).mul(x('y')).sum(), x('x')), grad(x('y').gather(x('n').reshape([17, 1]).mod(3), 1).sum(), x('y'))]),
    outputs('many additions to one place', { x: [1, 2], n: [90], y: [90, 2] }, (x) => [scatterAdd(x('x'), x('n').mul(0), x('y'))]),
    outputs('gradients of windows', { x: [13, 2], y: [4, 3, 2] }, (x) => [grad(window(x('x'), 0, 3, { stride: 3 }).mul(x('y')).sum(), x('x')), grad(window(x('x'), 0, 3, { stride: 2 }).slice([0, 4]).mul(x('y')).sum(), x('x'))]),
  ];
}

function scans(outputs: Outputs): Case[] {
  const rows = (x: Leaf, reverse: boolean): Expr[] => {
    const { carry, outputs: all } = scan((h: Expr, xt: Expr) => {
      const next = h.mul(0.5).add(xt).sub(x('c'));
      return { carry: next, outputs: next.mul(2) };
    }, { carry: x('h'), inputs: x('x'), reverse });
    return [carry, all];
  };
  return [
    outputs('a scan', { x: [6, 3, 5], h: [3, 5], c: [5] }, (x) => rows(x, false), 20),
    outputs('a scan from the end', { x: [6, 3, 5], h: [3, 5], c: [5] }, (x) => rows(x, true), 20),
    outputs('a scan with a product and a sum, and its gradient', { x: [5, 2, 4], h: [2, 4], w: [4, 4] }, (x) => {
      const { outputs: states } = scan((h: Expr, xt: Expr) => {
        const next = xt.add(h.matmul(x('w')).mul(0.01)).sub(h.mean(1, { keepdims: true })).mul(0.1).tanh();
        return { carry: next, outputs: next };
      }, { carry: x('h'), inputs: x('x') });
      return [states, grad(states.sum(), x('w'))];
    }, 2000),
    outputs('a scan in a scan', { x: [3, 4, 7], h: [7] }, (x) => {
      const outer = scan((h: Expr, part: Expr) => {
        const inner = scan((g: Expr, row: Expr) => ({ carry: row.sub(g), outputs: g }), { carry: h, inputs: part });
        return { carry: inner.carry, outputs: inner.outputs };
      }, { carry: x('h'), inputs: x('x') });
      return [outer.carry, outer.outputs];
    }),
  ];
}

function updated(updates: Updating): Case[] {
  const shapes = { a: [4, 5], c: [5], d: [1], e: [17], f: [2, 3, 3], g: [0, 3], h: [4, 4], k: [4, 4] };
  return [
    updates('one rule over many tensors', shapes, (v) => Object.keys(shapes).map((name) => [v(name), v(name).mul(3).sub(v(name).square())])),
    updates('one rule over many tensors with a scalar', { ...shapes, s: [] }, (v) => Object.keys(shapes).map((name) => [v(name), v(name).sub(v('s').add(1).mul(v(name).abs()))])),
    updates('one rule over many tensors with a number of each', { ...shapes, s: [] }, (v) => Object.keys(shapes).map((name, k) => [v(name), v(name).mul(k % 3 + 2).sub(v('s').mul(k).add(1).mul(v(name).abs()))])),
    updates('one rule with a norm of all', shapes, (v) => {
      const norm = Object.keys(shapes).map((name) => v(name).abs().sum()).reduce<Expr>((a, b) => a.add(b), v('d').sum());
      return Object.keys(shapes).map((name) => [v(name), v(name).mul(2).add(norm)]);
    }),
    updates('of what is read elsewhere', { a: [5, 5], c: [5, 5], d: [7] }, (v) => [[v('a'), v('a').transpose().add(v('c'))], [v('c'), v('a')], [v('d'), flip(v('d')).add(v('d').sum())]]),
    updates('that count where they are', { a: [9], c: [3, 3] }, (v) => [[v('a'), v('a').slice([0, 1]).add(v('a'))], [v('c'), v('c').reshape([9]).slice([null, null, -1]).reshape([3, 3]).sub(v('c'))]]),
  ];
}
