// What several slices of one tensor add to its gradient: the values of their sum, side by side where they cover the tensor.
import { describe, expect, it } from 'vitest';
import { concat, evaluate, type Expr, grad, input, split, stack, variable } from '../../src/index.js';
import { topological } from '../../src/graph/describe.js';
import { checkDerivatives } from './finite-differences.js';

const kindsIn = (expr: Expr): string[] => topological([expr]).map((e) => e.node.kind);
const [x, open] = [input('float32', [6, 4]), input('float32', [3, 'n'])];
const quarters = (e: Expr, axis: number): Expr => split(e, 2, axis).map((part, k) => part.mul(k + 2).sum()).reduce((a, b) => a.add(b));

describe('the gradient of slices', () => {
  it('is joined where they cover the tensor', () => {
    expect(kindsIn(grad(quarters(x, 0), x))).not.toContain('pad');
    expect(kindsIn(grad(quarters(x, 1), x))).toContain('concat');
    const rows = [0, 1, 2].map((row) => open.slice(row).mul(row).sum());
    expect(kindsIn(grad(rows.reduce((a, b) => a.add(b)), open))).not.toContain('pad');
  });

  it('is padded where they leave something out, overlap or stride', () => {
    for (const loss of [x.slice([0, 3]).sum().add(x.slice([4, 6]).sum()), x.slice([0, 4]).sum().add(x.slice([3, 6]).sum()), x.slice([0, 6, 2]).sum()]) {
      expect(kindsIn(grad(loss, x))).toContain('pad');
    }
  });

  it('is where it belongs if parts that stride are as long as parts that cover', async () => {
    const list = variable([1, 2, 3, 4], { dtype: 'float64' });
    const strided = list.slice([0, null, 2]).mul([10, 20]).sum().add(list.slice([2, null]).mul([1, 2]).sum());
    expect([...(await evaluate(grad(strided, list))).data]).toEqual([10, 0, 21, 2]);
    const reversed = list.slice([1, null, -1]).mul([10, 20]).sum().add(list.slice([2, null]).mul([1, 2]).sum());
    expect([...(await evaluate(grad(reversed, list))).data]).toEqual([20, 10, 1, 2]);
  });

  it('agrees with finite differences', () => {
    checkDerivatives((a) => concat(split(a, 2, 1).map((part, k) => part.pow(k + 2)), 0), [[2, 4]]);
    checkDerivatives((a) => a.slice([0, 2]).square().sum().add(a.slice([2, 3]).sin().sum()).add(a.slice([1, 3]).exp().sum()).add(a.sum()), [[3, 2]]);
    checkDerivatives((a) => stack([2, 0, 1].map((k) => a.slice(k).mul(a.slice(k)))), [[3, 2]]);
  });
});
