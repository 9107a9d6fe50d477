// The same expressions over other leaves.
import { describe, expect, it } from 'vitest';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { scalar } from '../../src/graph/construct.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { grad } from '../../src/gradients/grad.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { defineOptimizer } from '../../src/optimizer/optimizer.js';
import { remat } from '../../src/operations/remat.js';
import { scan } from '../../src/operations/scan.js';
import { substitute } from '../../src/operations/substitute.js';
import { compile } from '../../src/run/compile.js';
import { evaluate } from '../../src/run/evaluate.js';
import { type Variable, variable } from '../../src/values/variable.js';

const f64 = (value: number | number[] | number[][], name: string): Variable => variable(value, { name, dtype: 'float64' });
const backend = interpreter();
const valueOf = async (y: Expr): Promise<number[]> => {
  const { y: found } = await (await compile({ outputs: { y } }, backend))();
  return Array.from(await found.read());
};
const sgd = defineOptimizer({ name: 'sgd', defaults: { learningRate: 0.1 }, update: ({ param, grad: g, learningRate }) => ({ param: param.sub(learningRate.mul(g)) }) });

describe('substitute', () => {
  it('is the expression written over what stands in the place of its leaves', () => {
    const [x, y] = [f64([1, 2], 'x'), input('float64', [2], 'y')];
    const over = (a: Expr, b: Expr): Expr => a.mul(b).sin().add(a);
    expect(substitute([over(x, y), y], new Map<Expr, Expr>([[x, y.exp()], [y, x.neg()]]))).toEqual([over(y.exp(), x.neg()), x.neg()]);
    expect(substitute([over(x, y)], new Map())).toEqual([over(x, y)]);
  });

  it('replaces all at once: what is put in stays as it is', () => {
    const [x, y] = [f64(1, 'x'), f64(2, 'y')];
    expect(substitute([x.sub(y)], new Map([[x, y], [y, x]]))).toEqual([y.sub(x)]);
    expect(substitute([x.exp()], new Map([[x, x.add(1)]]))).toEqual([x.add(1).exp()]);
  });

  it('broadcasts what is smaller', async () => {
    const x = f64([1, 2, 3], 'x');
    const [at] = substitute([x.square()], new Map([[x, scalar(2, 'float64')]]));
    expect(at.shape).toEqual([3]);
    expect(await valueOf(at)).toEqual([4, 4, 4]);
  });

  it('takes inputs with open dimensions', async () => {
    const x = input('float64', ['n'], 'x');
    const [shifted] = substitute([x.square().sum()], new Map([[x, x.sub(1)]]));
    expect((await evaluate(shifted, [[x, [1, 2, 4]]])).data).toEqual(Float64Array.of(0 + 1 + 9));
  });

  it('reaches what a scan and remat use, and gradients at the new place are those there', async () => {
    const [w, other] = [f64([0.5, -0.25], 'w'), f64([0.2, 0.4], 'other')];
    const xs = f64([[1, 2], [3, 4], [5, 6]], 'xs');
    const lossOver = (p: Expr): Expr => scan((carry: Expr, x: Expr) => ({ carry: carry.mul(p).add(x).tanh() }), { carry: p.square(), inputs: xs }).carry.add(remat((a: Expr) => a.mul(p).exp(), p)).sum();
    const there = other.add(w.mul(2));
    const [at] = substitute([lossOver(w)], new Map([[w, there]]));
    expect(await valueOf(at)).toEqual(await valueOf(lossOver(there)));
    expect(await valueOf(grad(at, there))).toEqual(await valueOf(grad(lossOver(there), there)));
    // By a difference: the loss at w moved by the whole way there.
    const [eps, moved] = [1e-6, (value: number): Expr => there.add(value)];
    const [up, down] = [await valueOf(lossOver(moved(eps))), await valueOf(lossOver(moved(-eps)))];
    const slope = ((up[0] ?? NaN) - (down[0] ?? NaN)) / (2 * eps);
    expect((await valueOf(grad(at, there).sum()))[0]).toBeCloseTo(slope, 7);
  });

  it('gives gradients through a step: a hypergradient', async () => {
    // (w - rate 2 w)^2 with w = 3, rate = 0.1: by the rate -4 w^2 (1 - 2 rate).
    const [w, rate] = [f64(3, 'w'), f64(0.1, 'rate')];
    const loss = w.square();
    const [after] = substitute([loss], sgd(loss, [w], { learningRate: rate }));
    const [byRate] = grad(after, [rate]);
    expect((await valueOf(byRate))[0]).toBeCloseTo(-4 * 9 * 0.8, 12);
    // Through two steps: w (1 - 2 rate)^2, squared: by the rate -8 w^2 (1 - 2 rate)^3.
    const [twice] = substitute([after], sgd(loss, [w], { learningRate: rate }));
    expect((await valueOf(grad(twice, rate)))[0]).toBeCloseTo(-8 * 9 * 0.8 ** 3, 12);
  });

  it('takes a step of float32 with a rate that the host has', async () => {
    const [w, rate] = [variable([3, 1], { name: 'w' }), variable(0.5, { name: 'rate' })];
    const loss = w.square().sum();
    const [after] = substitute([loss], sgd(loss, [w], { learningRate: rate }));
    expect(await valueOf(grad(after, rate))).toEqual([0]);
  });
});

describe('what cannot be substituted', () => {
  const x = f64([1, 2], 'x');

  it.each([
    [[x], new Map([[x.add(1), x]]), new GraphError('substitute: add(x) float64[2] is neither a variable nor an input; build the expression anew over what stands in its place')],
    [[x], new Map([[x, 3]]), new GraphError('substitute: what stands in the place of variable x float64[2] must be an expression, not 3')],
    [[x], new Map([[x, x.cast('float32')]]), new DTypeError("substitute: what stands in the place of variable x float64[2] is float32; cast it with .cast('float64')")],
    [[x], { x }, new GraphError('substitute: takes a Map of variables and inputs to expressions, as in new Map([[w, w.mul(2)]]), or updates, not an object { x }')],
    [x, new Map(), new GraphError('substitute: takes a list of expressions, not variable x float64[2]')],
  ])('is named: %#', (expressions, replacements, error) => {
    expect((): unknown => Reflect.apply(substitute, undefined, [expressions, replacements])).toThrow(error);
  });

  it('another shape', () => {
    expect(() => substitute([x], new Map([[x, x.expandDims(0).mul(f64([[1], [2]], 'y'))]]))).toThrow(ShapeError);
    expect(() => substitute([x], new Map([[x, f64([1, 2, 3], 'y')]]))).toThrow(/^substitute: what stands in the place of variable x float64\[\d*\] has the shape \[3\], which does not broadcast to its own$/);
  });
});
