import { describe, expect, it } from 'vitest';
import { DTypeError, GraphError, ShapeError } from '../../src/errors.js';
import { evaluate } from '../../src/run/evaluate.js';
import { grad } from '../../src/gradients/grad.js';
import { input } from '../../src/graph/input.js';
import { variable } from '../../src/values/variable.js';

describe('grad', () => {
  it('adds what comes along every path through shared subexpressions', async () => {
    const x = input('float64', [], 'x');
    const shared = x.square();
    const y = shared.mul(shared).add(shared).add(x); // x^4 + x^2 + x
    const g = await evaluate(grad(y, x), new Map([[x, 3]]));
    expect(g.data[0]).toBe(4 * 27 + 2 * 3 + 1);
  });

  it('takes time in proportion to the graph where every node is used twice', () => {
    const x = input('float64');
    let y = x;
    for (let k = 0; k < 200; k++) y = y.add(y.mul(0.5));
    expect(grad(y, x).dtype).toBe('float64');
  });

  it('gives gradients of inner expressions and of what they depend on, together', async () => {
    const x = input('float64', [2]);
    const h = x.mul(3);
    const loss = h.square().sum();
    const [dh, dx, dloss] = grad(loss, [h, x, loss]);
    const given = new Map([[x, [1, 2]]]);
    expect([...(await evaluate(dh, given)).data]).toEqual([6, 12]);
    expect([...(await evaluate(dx, given)).data]).toEqual([18, 36]);
    expect([...(await evaluate(dloss)).data]).toEqual([1]);
  });

  it('answers one expression for one, a list for a list, of their shapes and dtypes', () => {
    const w = variable([[1, 2]], { name: 'w' });
    const b = variable(0.5, { name: 'b' });
    const loss = w.sum().mul(b);
    expect(String(grad(loss, w))).toMatch(/float32\[1, 2\]$/);
    expect(grad(loss, [w, b]).map((g) => g.shape.length)).toEqual([2, 0]);
    expect(grad(loss, [])).toEqual([]);
  });

  it('differentiates again: the third derivative of x^5 is 60 x^2', async () => {
    const x = input('float64');
    const third = grad(grad(grad(x.pow(5), x), x), x);
    expect((await evaluate(third, new Map([[x, 2]]))).data[0]).toBe(240);
  });

  it('refuses a loss that does not depend on a parameter, and names it', () => {
    const w = variable([1, 2], { name: 'w' });
    const unused = variable([[0]], { name: 'unused' });
    expect(() => grad(w.sum(), [w, unused])).toThrow(
      new GraphError('grad: the loss does not depend on variable unused float32[1, 1]; leave it out, or use it in the loss'),
    );
  });

  it('says where a loss depends on a parameter only through what has no gradient', () => {
    const w = variable([1, 2], { name: 'w' });
    for (const loss of [w.floor().sum(), w.gt(0).cast('float32').sum(), w.cast('int32').cast('float32').sum(), w.stopGradient().sum()]) {
      expect(() => grad(loss, w)).toThrow(
        new GraphError(
          'grad: no gradient flows to variable w float32[2]: the loss depends on it only through operations that have none, such as floor, comparisons, a cast to int32 or stopGradient',
        ),
      );
    }
  });

  it('refuses a loss that is no scalar', () => {
    const w = variable([1, 2], { name: 'w' });
    expect(() => grad(w.square(), w)).toThrow(
      new ShapeError('grad: the loss must be a scalar, and mul(w) float32[2] is none; take its .sum() or .mean()'),
    );
  });

  it('refuses dtypes without gradients', () => {
    const count = variable(3, { name: 'count', dtype: 'int32' });
    expect(() => grad(count.add(1), count)).toThrow(
      new DTypeError('grad: add(count) int32[] is int32; only floats have gradients'),
    );
    const w = variable(1, { name: 'w' });
    expect(() => grad(w.mul(count.cast('float32')), [w, count])).toThrow(/variable count int32\[\] is int32; only floats have gradients/);
  });
});
