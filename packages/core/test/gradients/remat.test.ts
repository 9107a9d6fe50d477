// remat: the same values and gradients, first and second, and what is kept.
import { describe, expect, expectTypeOf, it } from 'vitest';
import { topological } from '../../src/backend.js';
import { compile, evaluate, type Expr, GraphError, grad, input, interpreter, remat, scalar, scan, variable } from '../../src/index.js';
import { checkDerivatives, tensor, valueOf, weigh } from './finite-differences.js';

const zeros = (...shape: readonly number[]): Expr => scalar(0, 'float64').broadcastTo(shape);

describe('remat', () => {
  it('has the value of the function', async () => {
    const x = input('float64', [3]);
    const y = remat((a) => a.exp().sum(), x);
    expect((await evaluate(y, [[x, [0, 1, 2]]])).data[0]).toBeCloseTo(1 + Math.E + Math.exp(2), 12);
  });

  it('has its derivatives, those of what is used from outside included', () => {
    checkDerivatives((x, w) => remat((a) => a.matmul(w).tanh().mul(a), x), [[2, 3], [3, 3]], { range: [-1, 1] });
    checkDerivatives((x, y) => {
      const { sum, product } = remat((a, b) => ({ sum: a.add(b).sin(), product: a.mul(b.exp()) }), x, y);
      return sum.mul(product).add(sum);
    }, [[3], [3]]);
    checkDerivatives((x) => remat((a) => remat((b) => b.sin(), a.square()).mul(a), remat((a) => a.cos(), x)), [[3]]);
    checkDerivatives((x) => remat((a) => ({ same: a, twice: a.mul(2), again: a }), x).same.mul(x).add(remat((a) => a, x).exp()), [[2]]);
  });

  it('gives gradients of what it starts from through what it uses, once', () => {
    checkDerivatives((x) => {
      const scale = x.square();
      return remat((a) => a.sin().mul(scale.exp()), scale.add(x));
    }, [[3]], { range: [-1, 1] });
  });

  it('works inside of a scan and around one', () => {
    const cell = (h: Expr, x: Expr, w: Expr): Expr => h.matmul(w).add(x).tanh();
    checkDerivatives((x, w) => scan((h: Expr, xt: Expr) => {
      const next = remat((s, row) => cell(s, row, w), h, xt);
      return { carry: next, outputs: next };
    }, { carry: zeros(1, 2), inputs: x }).outputs, [[3, 1, 2], [2, 2]], { range: [-1, 1] });
    checkDerivatives((x, w) => remat((a) => scan((h: Expr, xt: Expr) => ({ carry: cell(h, xt, w) }), { carry: zeros(1, 2), inputs: a }).carry, x), [[3, 1, 2], [2, 2]], { range: [-1, 1] });
  });

  it('has the same gradient to the last bit where its arithmetic is the same', () => {
    const [x, w] = [input('float64', [4, 3]), input('float64', [3, 3])];
    const layer = (a: Expr): Expr => a.matmul(w).tanh();
    const feeds = new Map([[x, tensor([4, 3], Array.from({ length: 12 }, (_, i) => Math.sin(i)))], [w, tensor([3, 3], Array.from({ length: 9 }, (_, i) => Math.cos(i)))]]);
    const plain = grad(weigh(layer(layer(x))), [x, w]);
    const again = grad(weigh(remat(layer, remat(layer, x))), [x, w]);
    for (const [k, g] of again.entries()) expect(valueOf(g, feeds).data).toEqual(valueOf(plain[k] ?? x, feeds).data);
  });

  it('keeps the inputs, and computes the rest again behind barriers', () => {
    const x = input('float64', [3], 'x');
    const inner = (y: Expr): number => topological([y, grad(y, x)]).filter((e) => e.node.kind === 'elementwise' && e.node.op === 'tanh').length;
    const f = (a: Expr): Expr => a.sin().tanh();
    expect(inner(f(x).sum())).toBe(1);
    expect(inner(remat(f, x).sum())).toBe(2);
  });

  it('is typed like the function, which is called once', async () => {
    const [x, w] = [input('float32', [2]), variable([1, 2], { name: 'w' })];
    let calls = 0;
    const result = remat((a, b) => {
      calls++;
      return { a: a.add(b), b };
    }, x, w);
    expectTypeOf(result).toEqualTypeOf<{ readonly a: Expr; readonly b: Expr }>();
    expectTypeOf(remat((a) => a, x)).toEqualTypeOf<Expr>();
    const run = await compile({ inputs: { x }, outputs: { ...result }, updates: new Map([[w, grad(result.a.square().sum(), w)]]) }, interpreter());
    expect([...(await (await run({ x: [3, 4] })).a.read())]).toEqual([4, 6]);
    expect([...(await w.read())]).toEqual([8, 12]);
    expect(calls).toBe(1);
  });

  it('refuses a function that answers no expression', () => {
    const untyped = (f: unknown): unknown => Reflect.apply(remat, undefined, [f, input('float32', [2])]);
    expect(() => untyped(() => 1)).toThrow(new GraphError('remat: what the function answers must be an expression or a record of expressions, not 1'));
    expect(() => untyped(() => ({ y: 1 }))).toThrow(new GraphError("remat: what the function answers, 'y', must be an expression, not 1; make a number one with scalar(value, dtype)"));
    expect(() => untyped(() => ({}))).toThrow(new GraphError('remat: the function answers a record of nothing'));
  });
});
