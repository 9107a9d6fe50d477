// Gradients with respect to views that bodies use without being given them.
import { describe, expect, it } from 'vitest';
import { literal } from '../../src/graph/construct.js';
import { evaluate } from '../../src/run/evaluate.js';
import type { Expr } from '../../src/graph/expr.js';
import { grad } from '../../src/gradients/grad.js';
import { remat } from '../../src/operations/remat.js';
import { scan } from '../../src/operations/scan.js';
import { variable } from '../../src/values/variable.js';

const v = variable([[1, 2], [3, 4]]);
const turned = v.transpose();
const times = literal([1, 2, 3], [3], 'float32');
const valueOf = async (expr: Expr): Promise<number[]> => [...(await evaluate(expr)).data];

describe('the gradient with respect to a view that a body uses', () => {
  // c_3 = 2 v + (1 + 2 + 3) v^T
  const loss = scan((c: Expr, t: Expr) => ({ carry: c.add(turned.mul(t)) }), { carry: v.mul(2), inputs: times }).carry.sum();

  it('of scan is whole, beside other uses and alone', async () => {
    expect(await valueOf(grad(loss, turned))).toEqual([6, 6, 6, 6]);
    expect(await valueOf(grad(loss.add(turned.sum()), turned))).toEqual([7, 7, 7, 7]);
    expect(await valueOf(grad(loss, v))).toEqual([8, 8, 8, 8]);
  });

  it('of scan in scan', async () => {
    // d = c / 8 + 4.25 v^T by the inner loop, and c (1 + t / 8) + 4.25 t v^T by a step of the outer one.
    const inner = (c: Expr): Expr => scan((d: Expr, s: Expr) => ({ carry: d.mul(0.5).add(turned.mul(s)) }), { carry: c, inputs: times }).carry;
    const nested = scan((c: Expr, t: Expr) => ({ carry: c.add(inner(c).mul(t)) }), { carry: v, inputs: times }).carry.sum();
    const by = 4.25 * ((1 * 1.25 + 2) * 1.375 + 3);
    expect(await valueOf(grad(nested, turned))).toEqual([by, by, by, by]);
    expect(await valueOf(grad(nested, v))).toEqual(new Array<number>(4).fill(by + 1.125 * 1.25 * 1.375));
  });

  it('of views of one another', async () => {
    // The sum of c_0 = a, c_1 = 2 a b and c_2 = 2 a b^2 + 2 a b, of the rows a = [1, 3] and b = [2, 4] of the transpose.
    const [a, b] = [turned.slice(0), turned.slice(1)];
    const stacked = scan((c: Expr, t: Expr) => ({ carry: c.add(a.mul(t)).mul(b), outputs: c }), { carry: a, inputs: times }).outputs.sum();
    const [whole, row] = grad(stacked, [turned, a]);
    expect(await valueOf(whole)).toEqual([17, 49, 12, 60]);
    expect(await valueOf(row)).toEqual([17, 49]);
  });

  it('of remat', async () => {
    expect(await valueOf(grad(remat((c: Expr) => c.mul(turned), v.mul(2)).sum(), turned))).toEqual([2, 4, 6, 8]);
    const both = remat((c: Expr) => scan((d: Expr, t: Expr) => ({ carry: d.add(turned.mul(t)) }), { carry: c, inputs: times }).carry, v).sum();
    expect(await valueOf(grad(both, turned))).toEqual([6, 6, 6, 6]);
    expect(await valueOf(grad(both.square(), turned))).toEqual(new Array<number>(4).fill(2 * 70 * 6));
  });

  it('and second gradients', async () => {
    const squared = scan((c: Expr, t: Expr) => ({ carry: c.add(turned.square().mul(t)).mul(turned.reshape([2, 2])) }), { carry: v.stopGradient(), inputs: times }).carry.sum();
    const first = grad(squared, turned);
    const again = grad(first.sum(), turned);
    // c_3 = c_0 x^3 + x^2 (x^3 + 2 x^2 + 3 x), element by element, with c_0 of the transposed places.
    const [x, c] = [[1, 3, 2, 4], [1, 2, 3, 4]];
    expect(await valueOf(first)).toEqual(x.map((y, k) => 3 * (c[k] ?? NaN) * y ** 2 + 5 * y ** 4 + 8 * y ** 3 + 9 * y ** 2));
    expect(await valueOf(again)).toEqual(x.map((y, k) => 6 * (c[k] ?? NaN) * y + 20 * y ** 3 + 24 * y ** 2 + 18 * y));
  });
});
