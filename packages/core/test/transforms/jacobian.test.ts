// Jacobians and Hessians: numbers of torch.func, both modes, symmetry, open sizes and sizes of 0 and 1.
import { describe, expect, it } from 'vitest';
import { concat, DTypeError, type Expr, grad, GraphError, hessian, hessianVectorProduct, input, InputError, jacobian, jvp, literal, scalar, scan, ShapeError, vjp, zeros } from '../../src/index.js';
import { topological } from '../../src/graph/describe.js';
import { allCases, callWith, close, dense, numbers, valuesOf } from './node-cases.js';

const f64 = (values: readonly number[], shape: readonly number[]): Expr => literal(values, shape, 'float64');

describe('jacobian', () => {
  it('is that of torch.func 2.13 for tanh(w x)', () => {
    const w = input('float64', [2, 3]);
    const y = w.matmul([0.2, -0.4, 0.8]).tanh();
    const found = [jacobian(y, w), jacobian(y, w, { mode: 'forward' })];
    expect(found.map(({ shape }) => shape)).toEqual([[2, 2, 3], [2, 2, 3]]);
    for (const value of valuesOf(found, new Map([[w, dense([2, 3], [0.5, -1, 0.25, 1.5, 0.75, -0.5])]]))) {
      expect(close(value, [0.12694791799649172, -0.25389583599298343, 0.5077916719859669, 0, 0, 0, 0, 0, 0, 0.17112775721623555, -0.3422555144324711, 0.6845110288649422])).toBe(true);
    }
  });

  it.each(allCases)('is the same forward and in reverse, and J v and Jᵀ u: %s', (_, f) => {
    const [a, b, i] = [input('float64', [2, 3]), input('float64', [3, 2]), literal([1, 0], [2], 'int32')];
    const y = f(a, b, i);
    const wrt = topological([y]).includes(a) ? a : b;
    const [m, n] = [y.shape.map(Number).reduce((p, d) => p * d, 1), 6];
    const reverse = jacobian(y, wrt).reshape([m, n]);
    const forward = jacobian(y, wrt, { mode: 'forward' }).reshape([m, n]);
    const [u, v] = [f64(numbers(m, 4), y.shape.map(Number)), f64(numbers(n, 5), wrt.shape.map(Number))];
    const found = valuesOf([reverse, forward, reverse.matmul(v.reshape([n])), jvp(y, wrt, v), u.reshape([m]).matmul(reverse), vjp(y, wrt, u)], new Map([[a, dense([2, 3], numbers(6, 1))], [b, dense([3, 2], numbers(6, 2))]]));
    for (const k of [0, 2, 4]) expect(close(found[k], found[k + 1]), `${String(found[k])} and ${String(found[k + 1])}`).toBe(true);
  });

  it('of a scalar is the gradient; sizes of 0 and 1', () => {
    const x = f64([1, 2, 3], [3]);
    expect(valuesOf([jacobian(x.square().sum(), x), grad(x.square().sum(), x)], new Map())).toEqual([[2, 4, 6], [2, 4, 6]]);
    const [none, one] = [f64([], [0]), f64([3], [1])];
    expect(jacobian(none.square(), none).shape).toEqual([0, 0]);
    expect(valuesOf([jacobian(none.square(), none), jacobian(concat([none, one]), none), jacobian(one.square(), one)], new Map())).toEqual([[], [], [6]]);
    expect(jacobian(concat([none, one]), none).shape).toEqual([1, 0]);
  });

  it('of open sizes, by several inputs', () => {
    const [x, w] = [input('float64', ['n', 2]), input('float64', [2])];
    const [byX, byW] = jacobian(x.mul(w).sum(1), [x, w]);
    expect(String([byX.shape, byW.shape])).toBe('n,n,2,n,2');
    const found = valuesOf([byX, byW], new Map([[x, dense([2, 2], [1, 2, 3, 4])], [w, dense([2], [5, 7])]]), new Map([['n', 2]]));
    expect(found).toEqual([[5, 7, 0, 0, 0, 0, 5, 7], [1, 2, 3, 4]]);
  });

  it('refuses what grad refuses', () => {
    const [x, other] = [input('float32', [2], 'x'), input('float32', [2], 'other')];
    expect(() => jacobian(x, other)).toThrow(GraphError);
    expect(() => jacobian(x, other)).toThrow('jacobian: the output does not depend on input other float32[2]');
    expect(() => jacobian(x, other, { mode: 'forward' })).toThrow('jacobian: the output does not depend on input other float32[2]');
    expect(() => jacobian(x.cast('int32'), x)).toThrow(DTypeError);
    expect(() => callWith(jacobian, x, x, { mode: 'backward' })).toThrow(InputError);
    expect(() => hessian(x, x)).toThrow(ShapeError);
  });
});

describe('hessian', () => {
  it('is that of torch.func 2.13 for logsumexp(x) prod(x)', () => {
    const x = input('float64', [3]);
    const [value] = valuesOf([hessian(x.logSumExp().mul(x.prod()), x)], new Map([[x, dense([3], [0.2, -0.4, 0.8])]]));
    expect(close(value, [-0.20321218632764507, 1.1306084200994857, -0.7525176738673718, 1.1306084200994857, 0.04337502999352225, 0.3621316298844777, -0.7525176738673718, 0.3621316298844778, -0.102381035695438])).toBe(true);
  });

  it('of several parameters is symmetric, with zeros where nothing flows, and its product is that with the vector', () => {
    const [w, b, c] = [input('float64', [2, 2]), input('float64', [2]), input('float64', [1])];
    const loss = w.matmul([0.5, -1]).add(b).tanh().square().sum().add(c.sum());
    const rows = hessian(loss, [w, b, c]);
    const [[ww, wb, wc], [bw, bb], [, , cc]] = rows;
    expect(rows.flat().map(({ shape }) => shape.join('x'))).toEqual(['2x2x2x2', '2x2x2', '2x2x1', '2x2x2', '2x2', '2x1', '1x2x2', '1x2', '1x1']);
    const feeds = new Map([[w, dense([2, 2], numbers(4, 1))], [b, dense([2], [0.3, -0.2])], [c, dense([1], [1])]]);
    const [v, u] = [[[1, 2], [3, 4]], [0.5, -1]];
    const [byW, byB] = hessianVectorProduct(loss, [w, b], [v, u]);
    const whole = ww.reshape([4, 4]).matmul([1, 2, 3, 4]).add(wb.reshape([4, 2]).matmul(u));
    const pairs = [ww, ww.transpose(2, 3, 0, 1), wb.transpose(2, 0, 1), bw, bb, bb.transpose(), byW.reshape([4]), whole, byB, bw.reshape([2, 4]).matmul([1, 2, 3, 4]).add(bb.matmul(u)), wc, zeros([2, 2, 1], { dtype: 'float64' }), cc, zeros([1, 1], { dtype: 'float64' })];
    const found = valuesOf(pairs, feeds);
    for (let k = 0; k < found.length; k += 2) expect(close(found[k], found[k + 1]), `pair ${k / 2}`).toBe(true);
  });

  it('of a scan, and of an open size', () => {
    const [x, w] = [input('float64', ['n']), input('float64', ['n'])];
    const { carry } = scan((s: Expr, { a, p }) => ({ carry: s.mul(p).add(a).sin() }), { carry: scalar(0.5, 'float64'), inputs: { a: x, p: w } });
    const h = hessian(carry, w);
    const [value, turned] = valuesOf([h, h.transpose()], new Map([[x, dense([3], [1, 2, 3])], [w, dense([3], [0.5, -0.3, 0.8])]]), new Map([['n', 3]]));
    expect(value?.some((e) => e !== 0)).toBe(true);
    expect(close(value, turned)).toBe(true);
  });
});
