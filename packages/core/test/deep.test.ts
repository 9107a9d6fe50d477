// Nothing recurses over the depth of a graph: building, printing, naming, differentiating and interpreting a hundred thousand operations.
import { describe, expect, it } from 'vitest';
import { topological } from '../src/backend.js';
import { compile, concat, describe as named, evaluate, type Expr, grad, GraphError, interpreter, print, remat, scan, variable } from '../src/index.js';

const DEPTH = 100_000;

function repeated(first: Expr, count: number, f: (h: Expr, k: number) => Expr): Expr {
  let h = first;
  for (let k = 0; k < count; k++) h = f(h, k);
  return h;
}

describe('a hundred thousand operations', () => {
  const x = variable([1, 2], { name: 'x', dtype: 'float64' });
  const chain = repeated(x, DEPTH, (h, k) => (k % 2 === 0 ? h.add(1) : h.sub(0.5)));

  it('are put in order, named and printed', () => {
    const order = topological([chain]);
    // Two constants, each broadcast, beside the variable and the operations.
    expect(order).toHaveLength(DEPTH + 5);
    expect(named(chain)).toBe('sub(x) float64[2]');
    expect(chain.toString()).toBe('sub float64[2]');
    expect(print(chain).split('\n')).toHaveLength(DEPTH + 5);
  });

  it('have a value and a gradient', async () => {
    expect([...(await evaluate(chain)).data]).toEqual([1 + DEPTH / 4, 2 + DEPTH / 4]);
    expect([...(await evaluate(grad(chain.square().sum(), x))).data]).toEqual([2 * (1 + DEPTH / 4), 2 * (2 + DEPTH / 4)]);
  });

  it('of which one tensor is an operand have a gradient in linear time', async () => {
    const sum = repeated(x, DEPTH, (h) => h.add(x));
    expect([...(await evaluate(grad(sum.sum(), x))).data]).toEqual([DEPTH + 1, DEPTH + 1]);
  });

  it('are named in errors', () => {
    const other = variable([1, 2], { name: 'other', dtype: 'float64' });
    expect(() => grad(chain.sum(), other)).toThrow(GraphError);
    expect(() => chain.reshape([3])).toThrow('reshape: sub(x) float64[2] has 2 elements, which do not fill [3]');
  });
});

it('a concat of two hundred thousand parts is printed and named', () => {
  const part = variable([1], { name: 'part' });
  const whole = concat(Array.from({ length: 200_000 }, () => part));
  expect(named(whole)).toBe('concat(part) float32[200000]');
  expect(topological([whole])).toHaveLength(2);
});

it('a thousand slices that cover a tensor join their gradients', async () => {
  const x = variable({ data: Float64Array.from({ length: 4000 }, (_, k) => k), shape: [4000] }, { dtype: 'float64' });
  const parts = Array.from({ length: 2000 }, (_, k) => x.slice([2 * k, 2 * k + 2]).square().sum());
  const g = grad(parts.reduce((a, b) => a.add(b)), x);
  expect(g.node.kind).toBe('concat');
  expect([...(await evaluate(g)).data].slice(-2)).toEqual([2 * 3998, 2 * 3999]);
});

it('the body of a loop may be deep, and sum many products', async () => {
  const w = variable([[0.5, 0.25], [0, 0.5]], { dtype: 'float64' });
  const start = variable([[1, 2]], { dtype: 'float64' });
  const { carry } = scan((h) => ({ carry: repeated(h.matmul(w).mul(0), 5000, (sum) => sum.add(h.matmul(w).mul(1 / 5000))) }), { carry: start, length: 2 });
  // The mean of equal products is one: two steps are start w w.
  const close = (actual: ArrayLike<number>, expected: readonly number[]): void => Array.from(actual).forEach((value, k) => expect(value).toBeCloseTo(expected[k] ?? NaN, 9));
  close((await evaluate(carry)).data, [0.25, 0.75]);
  close((await evaluate(grad(carry.sum(), w))).data, [1.25, 1, 2.75, 2.25]);
});

it('what is computed again may be deep', async () => {
  const x = variable([1, 2], { dtype: 'float64' });
  const again = remat((a) => repeated(a, 20_000, (h) => h.add(a)), x);
  expect([...(await evaluate(grad(again.sum(), x))).data]).toEqual([20_001, 20_001]);
});

it('the interpreter takes a recurrence of twenty thousand steps as a backend', async () => {
  const x = variable([0.5], { dtype: 'float64' });
  const h = repeated(x, 20_000, (e) => e.mul(0.5).add(x));
  const step = await compile({ outputs: { h, g: grad(h.sum(), x) } }, interpreter());
  const { h: value, g } = await step();
  // The fixed point h = h / 2 + x is 2 x.
  expect([await value.read(), await g.read()].map(([n]) => n)).toEqual([1, 2]);
});
