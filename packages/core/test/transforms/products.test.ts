// Products with Jacobians and Hessians: numbers of torch.func, differences in float64, and that forward and reverse are transposes of each other.
import { describe, expect, it } from 'vitest';
import {
  customGradient, DTypeError, type Expr, gather, grad, GraphError, hessianVectorProduct, input, InputError, jacobian, jvp, literal, matmul, scalar, scan, ShapeError, stopGradient, take, vjp,
} from '../../src/index.js';
import { topological } from '../../src/graph/describe.js';
import { weigh } from '../gradients/finite-differences.js';
import { allCases, callWith, close, dense, numbers, valuesOf } from './node-cases.js';

const none = new Map();
const f64 = (values: readonly number[], shape: readonly number[]): Expr => literal(values, shape, 'float64');
const valueOf = (expr: Expr): number[] => valuesOf([expr], none)[0] ?? [];

describe('products with the Jacobian', () => {
  it.each(allCases)('jvp is the transpose of vjp, and of vjp again: %s', (_, f) => {
    const [a, b, i] = [input('float64', [2, 3], 'a'), input('float64', [3, 2], 'b'), literal([1, 0], [2], 'int32')];
    const y = f(a, b, i);
    const wrt = [a, b].filter((leaf) => topological([y]).includes(leaf));
    const tangents = wrt.map((leaf, k) => f64(numbers(6, k + 3), leaf.shape.map(Number)));
    const cotangent = f64(numbers(y.shape.map(Number).reduce((p, d) => p * d, 1), 9), y.shape.map(Number));
    const forward = jvp(y, wrt, tangents).mul(cotangent).sum();
    const dot = (left: readonly Expr[], right: readonly Expr[]): Expr => left.map((l, k) => l.mul(right[k] ?? l).sum()).reduce((p, q) => p.add(q));
    const backward = dot(vjp(y, wrt, cotangent), tangents);
    // The second derivatives along the tangents, with the first ones in reverse and forward.
    const again = hessianVectorProduct(weigh(y), wrt, tangents);
    const slope = jvp(weigh(y), wrt, tangents);
    const bySlope = wrt.map((leaf) => (topological([slope]).includes(leaf) ? slope : undefined)).map((s, k) => (s === undefined ? undefined : vjp(s.add(wrt[k]?.sum().mul(0) ?? s), wrt[k] ?? s, 1)));
    const feeds = new Map([[a, dense([2, 3], numbers(6, 1))], [b, dense([3, 2], numbers(6, 2))]]);
    const [one, other] = valuesOf([forward, backward], feeds);
    expect(close(one, other), `${String(one)} and ${String(other)}`).toBe(true);
    for (const [k, second] of bySlope.entries()) {
      const expected = second === undefined ? scalar(0, 'float64').broadcastTo([6]) : second;
      const [p, q] = valuesOf([again[k] ?? expected, expected], feeds);
      expect(close(p, q), `${String(p)} and ${String(q)}`).toBe(true);
    }
  });

  it('are those of torch.func 2.13 for tanh(w x)', () => {
    const w = input('float64', [2, 3]);
    const y = w.matmul([0.2, -0.4, 0.8]).tanh();
    const at = new Map([[w, dense([2, 3], [0.5, -1, 0.25, 1.5, 0.75, -0.5])]]);
    const [forward, backward] = valuesOf([jvp(y, w, [[1, 2, -1], [0.5, -0.5, 3]]), vjp(y, w, [2, -3])], at);
    expect(close(forward, [-0.8886354259754421, 2.31022472241918])).toBe(true);
    expect(close(backward, [0.25389583599298343, -0.5077916719859669, 1.0155833439719337, -0.5133832716487067, 1.0267665432974133, -2.0535330865948267])).toBe(true);
  });

  it('take and answer one or a list, also inner expressions, twice the same, and vectors that broadcast', () => {
    const x = f64([1, 2], [2]);
    const inner = x.mul(3);
    const y = inner.square();
    expect(valueOf(jvp(y, inner, 1))).toEqual([6, 12]);
    expect(jvp([y, x], [x, x], [1, [1, 0]]).map(valueOf)).toEqual([[36, 36], [2, 1]]);
    expect(vjp([y, x.sum()], [x, inner], [1, 5]).map(valueOf)).toEqual([[23, 41], [6, 12]]);
    expect(valueOf(jvp(y, [inner, x], [1, 1]))).toEqual([24, 48]);
    // An output that an input does not move.
    expect(jvp([y, scalar(2, 'float64')], x, 1).map(valueOf)).toEqual([[18, 36], [0]]);
  });

  it('of what an index out of range reads are 0, in either direction', () => {
    const [table, i] = [input('float64', [3]), input('int32', [2])];
    const at = new Map([[table, dense([3], [1, 2, 3])], [i, dense([2], [1, 3])]]);
    for (const y of [take(table, i), gather(table, i)]) {
      expect(valuesOf([y, jvp(y, table, [5, 6, 7]), jacobian(y, table, { mode: 'forward' }), jacobian(y, table)], at)).toEqual([[2, NaN], [6, 0], [0, 1, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]);
    }
  });

  it('of nothing are nothing', () => {
    const x = f64([], [0, 3]);
    expect(valueOf(jvp(x.square(), x, 1))).toEqual([]);
    expect(valueOf(vjp(x.sum(0), x, 1))).toEqual([]);
    expect(valueOf(jvp(x.prod(0), x, 1))).toEqual([0, 0, 0]);
  });

  it('share a tie, and do not become NaN where a branch is not chosen', () => {
    const x = f64([2, 2, 1], [3]);
    expect(valueOf(jvp(x.max(), x, [3, 5, 7]))).toEqual([4]);
    const z = f64([0, 4], [2]);
    expect(valueOf(jvp(z.gt(0).where(z.sqrt(), 0), z, 1))).toEqual([0, 0.25]);
    expect(valueOf(jvp(z.prod(), z, 1))).toEqual([4]);
  });

  it('of a view that a scan uses, in its own right', () => {
    const w = input('float64', [4]);
    const view = w.reshape([2, 2]);
    const { carry } = scan((c: Expr, x: Expr) => ({ carry: c.matmul(view).add(x).tanh() }), { carry: f64([0.3, 0.1], [1, 2]), inputs: f64(numbers(6, 1), [3, 1, 2]) });
    const at = new Map([[w, dense([4], [0.5, -0.2, 0.1, 0.9])]]);
    const [one, other] = valuesOf([jvp(carry, view, [[1, 2], [3, 4]]), jvp(carry, w, [1, 2, 3, 4])], at);
    expect(close(one, other)).toBe(true);
    expect(one?.every((v) => v !== 0)).toBe(true);
  });

  it('of a scan are one scan, that stacks nothing', () => {
    const [x, w] = [input('float64', ['time', 2]), input('float64', [2])];
    const { carry } = scan((c: Expr, e: Expr) => ({ carry: c.mul(w).add(e).sin() }), { carry: f64([0, 0], [2]), inputs: x });
    const scans = topological([jvp(carry, w, 1)]).flatMap(({ node }) => (node.kind === 'scan' ? [node.result] : []));
    expect(scans).toEqual(['final']);
  });

  it('have the dtype of what moves', () => {
    const x = f64([1, 2], [2]);
    const moved = jvp(x.square().cast('float32').mul(2), x, [1, 0.5]);
    expect([moved.dtype, valueOf(moved)]).toEqual(['float32', [4, 4]]);
  });

  it('keep open sizes', () => {
    const x = input('float64', ['n', 2]);
    const [value] = valuesOf([jvp(x.square().mean(0), x, 1)], new Map([[x, dense([2, 2], [1, 2, 3, 4])]]), new Map([['n', 2]]));
    expect(value).toEqual([4, 6]);
  });
});

describe('hessianVectorProduct', () => {
  it('is that of torch.func 2.13 for logsumexp(x) prod(x)', () => {
    const x = input('float64', [3]);
    const [value] = valuesOf([hessianVectorProduct(x.logSumExp().mul(x.prod()), x, [1, -2, 0.5])], new Map([[x, dense([3], [0.2, -0.4, 0.8])]]));
    expect(close(value, [-2.8406878634603023, 1.22492417505468, -1.5279714514840463])).toBe(true);
  });

  it('is the difference of gradients, and 0 where the gradient does not move', () => {
    const [x, c] = [input('float64', [3]), input('float64', [2])];
    const loss = x.exp().sum().mul(x.prod()).add(c.sum());
    const v = [0.3, -1, 2];
    const at = [0.2, -0.4, 0.8];
    const gradAt = (h: number): number[] => valuesOf([grad(loss, x)], new Map([[x, dense([3], at.map((p, k) => p + h * (v[k] ?? 0)))], [c, dense([2], [1, 1])]]))[0] ?? [];
    const [found = [], zero] = valuesOf([...hessianVectorProduct(loss, [x, c], [v, 1])], new Map([[x, dense([3], at)], [c, dense([2], [1, 1])]]));
    const [plus, minus] = [gradAt(1e-5), gradAt(-1e-5)];
    for (const [k, value] of found.entries()) expect(value).toBeCloseTo(((plus[k] ?? 0) - (minus[k] ?? 0)) / 2e-5, 8);
    expect(zero).toEqual([0, 0]);
  });
});

describe('products refuse', () => {
  const x = input('float32', [2], 'x');
  const other = input('float32', [2], 'other');

  it.each<[string, () => unknown, new (message: string) => Error, string]>([
    ['an input that nothing depends on', () => vjp(x.square(), other, 1), GraphError, 'vjp: the output does not depend on input other float32[2]; leave it out, or use it in the output'],
    ['an input that nothing depends on, forward', () => jvp(x.square(), other, 1), GraphError, 'jvp: the output does not depend on input other float32[2]'],
    ['an input to which nothing flows', () => vjp(stopGradient(x), x, 1), GraphError, 'vjp: no gradient flows to input x float32[2]'],
    ['integers', () => jvp(x.cast('int32'), x, 1), DTypeError, 'jvp: cast(x) int32[2] is int32; only floats have gradients'],
    ['another dtype', () => jvp(x.square(), x, scalar(1, 'float64')), DTypeError, "jvp: the tangent of input x float32[2] is float64; cast it with .cast('float32')"],
    ['another shape', () => vjp(x.square(), x, [1, 2, 3]), ShapeError, 'vjp: the cotangent of mul(x) float32[2] has the shape [3], which does not broadcast to its own'],
    ['too few vectors', () => callWith(jvp, x.square(), [x], [1, 1]), InputError, 'jvp: 2 tangents for 1 expressions; give one for each'],
    ['a list for one', () => callWith(hessianVectorProduct, x.sum(), x, [x]), InputError, 'hessianVectorProduct: takes one vector for one expression, not a list of expressions'],
    ['a gradient that is not linear', () => jvp(customGradient(x, [x], (g) => [g.square()]), x, 1), GraphError, 'customGradient: the gradient of customGradient(x) float32[2] is not linear in the cotangent'],
  ])('%s', (_, call, kind, message) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(message);
  });

  it('a matmul with a cotangent of its own is fine', () => {
    expect(vjp(matmul(x, x), x, 1).shape).toEqual([2]);
  });
});
