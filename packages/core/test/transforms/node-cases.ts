// Functions that have every kind of node with operands, for properties of transforms that hold for all of them.
import {
  cholesky, conv1d, concat, crossEntropy, customGradient, erfInv, type Expr, eye, iota, maxPool1d, pad, remat, scalar, scan, scatterAdd, solve, stopGradient, take, window,
} from '../../src/index.js';
import { construct } from '../../src/graph/construct.js';
import type { Node } from '../../src/graph/node.js';
import { interpret } from '../../src/interpreter/interpreter.js';
import type { Dense } from '../../src/interpreter/tensor.js';

/** Float64 `a` [2, 3] and `b` [3, 2], int32 `i` [2] of 0 to 1. */
export type NodeFunction = (a: Expr, b: Expr, i: Expr) => Expr;

type Leaf = 'constant' | 'size' | 'data' | 'input' | 'variable' | 'iota' | 'placeholder';

const recurrent = (a: Expr, b: Expr): ReturnType<typeof scan<Expr, Expr, { h: Expr; fixed: Expr }>> =>
  scan((h: Expr, x: Expr) => ({ carry: h.mul(x.sum()).add(b.slice(0)).tanh(), outputs: { h: h.mul(x.slice([0, 2])), fixed: b.sin() } }), { carry: scalar(0.5, 'float64').broadcastTo([2]), inputs: a });

/** Functions of each kind of node, smooth where the inputs are. */
export const NODE_CASES: Readonly<Record<Exclude<Node['kind'], Leaf>, Readonly<Record<string, NodeFunction>>>> = {
  elementwise: {
    smooth: (a, b) => a.sin().mul(b.transpose()).add(a.exp().div(b.transpose().square().add(1))),
    chosen: (a, b) => a.gt(0).where(a.mul(b.transpose()), a.tanh()).maximum(b.transpose()).minimum(a.relu().add(1)),
    powers: (a, b) => a.square().add(0.5).pow(b.transpose()).sub(a.mod(0.7).neg()).add(a.abs().sqrt()),
    casts: (a, b) => a.mul(3).cast('int32').cast('float64').add(b.transpose().floor()).mul(a).add(b.transpose()),
    'with what is the same': (a) => a.mul(3).add(a.slice(0, 0).log1p()),
  },
  unroundedCast: { scalar: (a, b) => construct({ kind: 'unroundedCast' }, [a.sum()], [], 'float64').mul(b) },
  reduce: {
    sum: (a, b) => a.square().sum(0).mul(b.sum(1)),
    prod: (a, b) => a.prod(1).mul(b.prod(0)),
    extremes: (a, b) => a.max(1).add(b.min(0)).add(a.max()),
    logarithm: (a, b) => a.logSumExp(-1, { keepdims: true }).mul(b.transpose()),
    bits: (a, b) => a.gt(0).all(1).or(b.gt(0).any(0)).where(a.sum(1), 1).mul(b.sum(0)),
  },
  routine: { factor: (a, b) => cholesky(a.matmul(a.transpose()).add(eye(2, 2, { dtype: 'float64' }))).mul(b.sum()), solution: (a, b) => solve(a.matmul(a.transpose()).add(eye(2, 2, { dtype: 'float64' })), b.slice([0, 2])) },
  cumsum: { both: (a, b) => a.square().cumsum(1).mul(b.transpose().cumsum(0, { reverse: true, exclusive: true })) },
  reshape: { flat: (a, b) => a.reshape([3, 2]).mul(b.reshape([6]).sin().reshape([3, 2])) },
  broadcast: { stretched: (a, b) => a.sum(1, { keepdims: true }).broadcastTo([4, 2, 3]).mul(b.sum(1)).sum(0) },
  transpose: { turned: (a, b) => a.transpose().mul(b).expandDims(0).transpose(2, 0, 1) },
  slice: { steps: (a, b) => a.slice([null, null, -1], [0, 3, 2]).mul(b.slice([1, 3])) },
  pad: { around: (a, b) => pad(a, [[1, 0], [0, 2]], { value: 2 }).square().slice([0, 2], [0, 2]).add(b.slice([0, 2])) },
  concat: { three: (a, b) => concat([a, b.transpose(), scalar(1, 'float64').broadcastTo([1, 3])]).square() },
  gather: {
    rows: (a, b, i) => a.square().take(i).add(b.transpose().take(i, 0).sin()),
    columns: (a, b, i) => a.exp().take(i, 1).mul(b.take(i, 1).slice([0, 2])),
    table: (a, b, i) => take(scalar(2, 'float64').broadcastTo([3, 2]).mul(iota([3, 2], 0).cast('float64')), i, 0).mul(a.slice(null, [0, 2])).add(b.slice([1, 3])),
    outside: (a, _b, i) => a.take(i.sub(1).abs().mul(2).sub(1), 1, { mode: 'wrap' }).square(),
  },
  scatter: {
    rows: (a, b, i) => scatterAdd(b.transpose(), i, a.square(), 0).mul(a),
    columns: (a, b, i) => scatterAdd(a, i, b.slice([0, 2]).square(), 1).sin(),
    'into what is the same': (a, _b, i) => scatterAdd(scalar(1, 'float64').broadcastTo([2, 3]), i, a.sin()),
  },
  matmul: {
    both: (a, b) => a.matmul(b).square(),
    left: (a) => a.matmul([[1, 2], [3, -1], [0.5, 2]]).sin(),
    right: (_a, b) => scalar(0.5, 'float64').broadcastTo([4, 3]).matmul(b).sin(),
    stacks: (a, b) => concat([a.expandDims(0), a.expandDims(0).sin()]).matmul(b.expandDims(0).broadcastTo([2, 3, 2])).square(),
    'stacks of the same': (a) => a.expandDims(1).matmul(scalar(2, 'float64').broadcastTo([2, 3, 2])).sin(),
    'the same stacks': (_a, b) => scalar(2, 'float64').broadcastTo([2, 2, 3]).matmul(b.expandDims(0).broadcastTo([2, 3, 2])).sin(),
  },
  window: { pairs: (a, b) => window(a.square(), 1, 2).sum(2).mul(b.sum(0)) },
  customGradient: {
    named: (a, b) => erfInv(a.tanh().mul(0.5)).mul(b.transpose()),
    'of one side': (a, b) => conv1d(a.expandDims(0), b.reshape([1, 2, 3]).slice(null, null, [0, 2])).add(maxPool1d(a.expandDims(0), 2)),
    own: (a, b) => customGradient(a.mul(b.sum()), [a, b], (g, [x = a, y = b]) => [g.mul(y.sum()), g.mul(x).sum().broadcastTo(y.shape)]).sin(),
  },
  scan: {
    stacked: (a, b) => recurrent(a, b).outputs.h.add(recurrent(a, b).outputs.fixed.sum(1)),
    last: (a, b) => recurrent(a, b).carry.mul(b.sum(0)),
    counted: (a, b, i) => scan(({ s, n }, { x, k }) => ({ carry: { s: s.add(x.mul(n.cast('float64'))).mul(b.sum()), n: n.add(k) } }), { carry: { s: a.slice(0), n: scalar(1, 'int32') }, inputs: { x: a, k: i }, reverse: true }).carry.s,
  },
  remat: {
    several: (a, b) => {
      const { p, q } = remat((x) => ({ p: x.sin().matmul(b), q: x.exp() }), a);
      return p.sum().mul(q).add(q.square());
    },
  },
  barrier: { behind: (a, b) => construct({ kind: 'barrier' }, [a.square(), b], [2, 3], 'float64').mul(b.transpose()) },
  stopGradient: { half: (a, b) => stopGradient(a).mul(a).add(b.transpose()), loss: (a, b, i) => crossEntropy(a.mul(b.transpose()), i, { reduction: 'none' }) },
};

/** Every function with its name. */
export const allCases = Object.entries(NODE_CASES).flatMap(([kind, functions]) => Object.entries(functions).map(([name, f]) => [`${kind}, ${name}`, f] as const));

/** Numbers that are no ties and no kinks. */
export function numbers(count: number, phase: number): number[] {
  return Array.from({ length: count }, (_, k) => Math.sin(2.3 * k + phase) * 1.3 + 0.05);
}

export const dense = (shape: readonly number[], values: readonly number[]): Dense => ({ data: Float64Array.from(values), shape });

/** The values of expressions in the float64 interpreter. */
export function valuesOf(exprs: readonly Expr[], feeds: ReadonlyMap<Expr, Dense>, sizes: ReadonlyMap<string, number> = new Map()): number[][] {
  return interpret(exprs, (leaf) => feeds.get(leaf), sizes).map(({ data }) => Array.from(data));
}

/** Compared to 12 digits of the largest. */
export function close(found: readonly number[] | undefined, expected: readonly number[] | undefined): boolean {
  if (found === undefined || expected === undefined || found.length !== expected.length) return false;
  const scale = Math.max(1, ...expected.map(Math.abs));
  return found.every((value, k) => Math.abs(value - (expected[k] ?? NaN)) <= 1e-11 * scale);
}

/** Calls a function with what its types refuse. */
export function callWith(f: unknown, ...given: readonly unknown[]): unknown {
  return typeof f === 'function' ? Reflect.apply(f, undefined, given) : undefined;
}
