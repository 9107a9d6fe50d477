// vmap against the examples one by one, for every kind of node; gradients of each example against those of torch.func.
import { describe, expect, it } from 'vitest';
import {
  crossEntropy, customGradient, dropout, type Expr, grad, GraphError, hessian, input, InputError, iota, jacobian, jvp, literal, remat, scalar, scan, ShapeError, stack, variable, vmap,
} from '../../src/index.js';
import { topological } from '../../src/graph/describe.js';
import { weigh } from '../gradients/finite-differences.js';
import { allCases, callWith, close, dense, type NodeFunction, numbers, valuesOf } from './node-cases.js';

const EXAMPLES = 2;
const [a, b, i] = [input('float64', [EXAMPLES, 2, 3]), input('float64', [EXAMPLES, 3, 2]), input('int32', [EXAMPLES, 2])];
const feeds = new Map([
  [a, dense([EXAMPLES, 2, 3], numbers(6 * EXAMPLES, 1))],
  [b, dense([EXAMPLES, 3, 2], numbers(6 * EXAMPLES, 2))],
  [i, dense([EXAMPLES, 2], [1, 0, 0, 0])],
]);
const f64 = (values: readonly number[], shape: readonly number[]): Expr => literal(values, shape, 'float64');
const indices = Array.from({ length: EXAMPLES }, (_, k) => k);

function expectSame(found: Expr, expected: Expr): void {
  expect(found.shape.map(String)).toEqual(expected.shape.map(String));
  const [one, other] = valuesOf([found, expected], feeds);
  expect(close(one, other), `${String(one)} and ${String(other)}`).toBe(true);
}

/** The function of each example, and with one argument that is the same for all. */
const WAYS: readonly (readonly [string, (f: NodeFunction) => readonly [Expr, Expr]])[] = [
  ['all', (f) => [vmap(f)(a, b, i), stack(indices.map((k) => f(a.slice(k), b.slice(k), i.slice(k))))]],
  ['the first', (f) => [vmap(f, { inAxes: [0, null, null] })(a, b.slice(0), i.slice(0)), stack(indices.map((k) => f(a.slice(k), b.slice(0), i.slice(0))))]],
  ['the second', (f) => [vmap(f, { inAxes: [null, 0, null] })(a.slice(0), b, i.slice(0)), stack(indices.map((k) => f(a.slice(0), b.slice(k), i.slice(0))))]],
  ['the indices', (f) => [vmap(f, { inAxes: [null, null, 0] })(a.slice(0), b.slice(0), i), stack(indices.map((k) => f(a.slice(0), b.slice(0), i.slice(k))))]],
];

describe('vmap', () => {
  it.each(allCases)('is the function of each example: %s', (_, f) => {
    for (const [, way] of WAYS) expectSame(...way(f));
  });

  it.each(allCases)('has the gradients of each example, inside and outside: %s', (_, f) => {
    const one = (x: Expr, y: Expr, k: Expr): Expr => weigh(f(x, y, k));
    const wrt = (x: Expr, y: Expr, k: Expr): Expr => (topological([one(x, y, k)]).includes(x) ? x : y);
    const each = (x: Expr, y: Expr, k: Expr): Expr => grad(one(x, y, k), wrt(x, y, k));
    // Of leaves, since each example has to be one.
    const leaves = [input('float64', [2, 3]), input('float64', [3, 2]), literal([1, 0], [2], 'int32')] as const;
    const isFirst = topological([one(...leaves)]).includes(leaves[0]);
    const inside = vmap(each)(a, b, i);
    const byBatch = grad(vmap(one)(a, b, i).sum(), isFirst ? a : b);
    expectSame(inside, byBatch);
    // An operand that is the same for all has the sum of all gradients.
    const shared = isFirst ? b : a;
    if (topological([one(...leaves)]).includes(isFirst ? leaves[1] : leaves[0])) {
      const same = shared.slice(0);
      const all = isFirst ? vmap(one, { inAxes: [0, null, 0] })(a, same, i) : vmap(one, { inAxes: [null, 0, 0] })(same, b, i);
      const apart = stack(indices.map((k) => (isFirst ? one(a.slice(k), same, i.slice(k)) : one(same, b.slice(k), i.slice(k)))));
      expectSame(grad(all.sum(), shared), grad(apart.sum(), shared));
    }
  });

  it.each(allCases)('in vmap, and under jvp: %s', (_, f) => {
    const nested = vmap((x: Expr) => vmap((y: Expr) => f(x, y, i.slice(0)))(b))(a);
    expectSame(nested, stack(indices.map((k) => stack(indices.map((l) => f(a.slice(k), b.slice(l), i.slice(0)))))));
    const y = vmap(f)(a, b, i);
    const wrt = topological([y]).includes(a) ? a : b;
    const t = f64(numbers(6 * EXAMPLES, 7), wrt.shape.map(Number));
    const apart = stack(indices.map((k) => f(a.slice(k), b.slice(k), i.slice(k))));
    expectSame(jvp(y, wrt, t), jvp(apart, wrt, t));
  });

  it('has the gradients of torch.func 2.13 for each example of a classifier', () => {
    const w = variable({ data: Float64Array.from([0.5, -1, 0.25, 1.5, 0.75, -0.5]), shape: [2, 3] }, { name: 'w', dtype: 'float64' });
    const each = vmap((x: Expr, y: Expr) => grad(crossEntropy(w.matmul(x), y), [w]));
    const [dw] = each(f64([0.2, -0.4, 0.8, 1, 0.5, -0.25], [2, 3]), literal([1, 0], [2], 'int32'));
    expect(dw.shape).toEqual([2, 2, 3]);
    const [value] = valuesOf([dw], new Map([[w, dense([2, 3], [0.5, -1, 0.25, 1.5, 0.75, -0.5])]]));
    expect(close(value, [0.15005202111902355, -0.3001040422380471, 0.6002080844760942, -0.15005202111902352, 0.30010404223804704, -0.6002080844760941, -0.8872045937171068, -0.4436022968585534, 0.2218011484292767, 0.8872045937171068, 0.4436022968585534, -0.2218011484292767])).toBe(true);
  });

  it('takes and answers axes, records, lists, and what depends on no example', () => {
    const x = f64([1, 2, 3, 4, 5, 6], [2, 3]);
    const values = (expr: Expr): readonly unknown[] => [expr.shape, valuesOf([expr], new Map())[0]];
    expect(values(vmap((column: Expr) => column.cumsum(), { inAxes: -1, outAxes: 1 })(x))).toEqual([[2, 3], [1, 2, 3, 5, 7, 9]]);
    expect(values(vmap(({ p, q }: { p: Expr; q: Expr }) => p.mul(q).sum())({ p: x, q: x }))).toEqual([[2], [14, 77]]);
    const { s, one } = vmap((row: Expr) => ({ s: row.sum(), one: scalar(1, 'float64') }))(x);
    expect([values(s), values(one)]).toEqual([[[2], [6, 15]], [[2], [1, 1]]]);
    const [first, second] = vmap((row: Expr) => [row, row.neg()] as const)(x);
    expect(values(first.add(second))).toEqual([[2, 3], [0, 0, 0, 0, 0, 0]]);
  });

  it('keeps an open batch open, and takes 0 and 1 examples', () => {
    const x = input('float64', ['batch', 'time']);
    const y = vmap((row: Expr) => scan((c: Expr, e: Expr) => ({ carry: c.mul(e).add(1) }), { carry: scalar(1, 'float64'), inputs: row }).carry.add(row.softmax().square().sum()))(x);
    expect(y.shape.map(String)).toEqual(['batch']);
    for (const batch of [0, 1, 2]) {
      const [value] = valuesOf([y], new Map([[x, dense([batch, 2], [1, 2, 0, 0].slice(0, 2 * batch))]]), new Map([['batch', batch], ['time', 2]]));
      expect(value?.length).toBe(batch);
      for (const [k, e] of (value ?? []).entries()) expect(e).toBeCloseTo(k === 0 ? 5 + (1 + Math.E ** 2) / (1 + Math.E) ** 2 : 1.5, 12);
    }
  });

  it('has Jacobians and Hessians of each example', () => {
    const f = (x: Expr): Expr => x.exp().mul(x.sum());
    const rows = a.slice(null, 0);
    expectSame(vmap((x: Expr) => jacobian(f(x), x))(rows), stack(indices.map((k) => grad0(f, rows.slice(k)))));
    expectSame(vmap((x: Expr) => hessian(f(x).sum(), x))(rows), stack(indices.map((k) => hessian0(f, rows.slice(k)))));
  });

  it('hands several results of remat to one body', () => {
    const y = vmap((x: Expr) => {
      const { p, q } = remat((e) => ({ p: e.sin(), q: e.cos() }), x);
      return p.add(q);
    })(a);
    const bodies = new Set(topological([y]).flatMap(({ node }) => (node.kind === 'remat' ? [node.body.id] : [])));
    expect(bodies.size).toBe(1);
  });

  it('gives each example the gradient that it was given, which may not be linear', () => {
    const clipped = (x: Expr): Expr => customGradient(x.square(), [x], (g, [e = x]) => [g.mul(e.div(e.norm()))]);
    expectSame(vmap((x: Expr) => grad(clipped(x).sum(), x))(a.slice(null, 0)), a.slice(null, 0).div(a.slice(null, 0).norm(1, { keepdims: true })));
  });

  it('drops other elements for each example where the seed is one', () => {
    const x = scalar(1, 'float64').broadcastTo([4, 8]);
    const [same, own] = [vmap((e: Expr) => dropout(e, 0.5, { seed: 1, step: 0 }))(x.add(a.slice(0, 0, 0).mul(0))), vmap((e: Expr, seed: Expr) => dropout(e, 0.5, { seed, step: 0 }))(x, iota([4], 0))];
    const rows = (expr: Expr): Set<string> => new Set(Array.from({ length: 4 }, (_, k) => String(valuesOf([expr.slice(k)], feeds)[0])));
    expect([rows(same).size, rows(own).size]).toEqual([1, 4]);
  });

  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['no examples', () => vmap((x: Expr) => x, { inAxes: [null] })(a), InputError, 'vmap: no argument has an axis of examples'],
    ['too many axes', () => vmap((x: Expr) => x, { inAxes: [0, 0] })(a), InputError, 'vmap: the option inAxes has 2 axes for 1 arguments'],
    ['an axis that is none', () => vmap((x: Expr) => x, { inAxes: 3 })(a), ShapeError, 'vmap: axis 3 is not one of -3 to 2'],
    ['an axis of the answer that is none', () => vmap((x: Expr) => x.sum(), { outAxes: 1 })(a), ShapeError, 'vmap: axis 1 is not one of -1 to 0'],
    ['a scalar', () => vmap((x: Expr) => x)(scalar(1, 'float64')), ShapeError, 'vmap: a scalar has no axis 0'],
    ['batches of two sizes', () => vmap((x: Expr, y: Expr) => x.add(y.sum()))(a, f64([1, 2, 3], [3])), ShapeError, 'vmap: a constant float64[3] has 3 examples on axis 0, and what is given before it 2'],
    ['an answer that is none', () => callWith(callWith(vmap, () => 3), a), GraphError, 'vmap: what the function answers must be an expression or a record of expressions, not 3'],
    ['a list of numbers', () => callWith(callWith(vmap, () => [3]), a), GraphError, 'vmap: what the function answers must be expressions, not 3'],
  ])('refuses %s', (_, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });
});

function grad0(f: (x: Expr) => Expr, x: Expr): Expr {
  return jacobian(f(x), x);
}

function hessian0(f: (x: Expr) => Expr, x: Expr): Expr {
  return hessian(f(x).sum(), x);
}
