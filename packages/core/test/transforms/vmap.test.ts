// A function over many examples at once is the function of each: for every kind of node, whichever operand has the examples.
import { describe, expect, it } from 'vitest';
import {
  cholesky,
  concat,
  crossEntropy,
  customGradient,
  type Expr,
  eye,
  grad,
  GraphError,
  input,
  InputError,
  literal,
  norm,
  pad,
  remat,
  scan,
  scatterAdd,
  ShapeError,
  stack,
  stopGradient,
  take,
  variable,
  where,
  window,
} from '../../src/index.js';
import { evaluate } from '../../src/run/evaluate.js';
import { vmap } from '../../src/transforms/vmap.js';

const COUNT = 3;

function numbers(seed: number, length: number): number[] {
  return Array.from({ length }, (_, k) => Math.sin(seed * 1.7 + k * 2.3) * 1.5);
}

const x = literal(numbers(1, COUNT * 8), [COUNT, 4, 2], 'float64');
const y = literal(numbers(2, COUNT * 8), [COUNT, 4, 2], 'float64');
// Computed: a constant would be refused with such indices.
const rows = literal([3, 0, 1, 1, 2, 9, -1, 0, 0], [COUNT, 3], 'int32').maximum(-5);
const table = literal(numbers(3, 10), [5, 2], 'float64');
const w = literal(numbers(4, 6), [2, 3], 'float64');
const labels = literal([1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1], [COUNT, 4], 'int32');

/** Functions of two tensors, [4, 2] each. */
const FLOATS: Readonly<Record<string, (a: Expr, b: Expr) => Expr>> = {
  elementwise: (a, b) => a.mul(b).add(w.slice([0, 1], [0, 2])).exp(),
  'a branch of a choice': (a, b) => where(a.gt(0), b, a.neg()),
  'the sums over axes': (a, b) => a.sum(0).add(b.max(-2)).add(a.prod()),
  cumsum: (a) => a.cumsum(0, { reverse: true }),
  'shapes of others': (a, b) => a.reshape([2, 4]).transpose().add(b).squeeze().expandDims(1),
  broadcasts: (a, b) => a.sum(1).broadcastTo([3, 4]).sum(0).add(b.sum()),
  parts: (a, b) => pad(concat([a.slice([0, 3, 2]), b.slice([1, null]), w.slice([0, null], [0, 2])], 0), [[1, 0], [0, 2]]),
  windows: (a) => window(a, 0, 2, { stride: 1 }).sum(1),
  'products with what all have in common': (a) => a.matmul(w).add(w.transpose().matmul(a.transpose()).transpose()),
  'products of examples': (a, b) => a.matmul(b.transpose()).add(a.transpose().matmul(b).sum()),
  'looking up by what all have in common': (a) => take(a, literal([2, 0], [2], 'int32'), 0),
  'gradients that are said': (a, b) => customGradient(a.round(), [a, table], (g, [p, t]) => [g.mul(p ?? g), (t ?? g).mul(g.sum())]).add(b),
  norms: (a, b) => norm(a.sub(b), 1),
  'a body that is computed again': (a, b) => remat((p, q) => p.mul(q).tanh(), a, b),
  routines: (a) => cholesky(a.transpose().matmul(a).add(eye(2, 2, { dtype: 'float64' }))),
  'what no gradient flows through': (a, b) => stopGradient(a).mul(b).add(a),
};

const valuesOf = async (expr: Expr): Promise<{ readonly shape: readonly number[]; readonly data: readonly number[] }> => {
  const { data, shape } = await evaluate(expr);
  return { shape, data: [...data] };
};

async function expectEqual(actual: Expr, expected: Expr): Promise<void> {
  const [a, b] = [await valuesOf(actual), await valuesOf(expected)];
  expect(a.shape).toEqual(b.shape);
  for (const [k, value] of b.data.entries()) {
    if (Number.isNaN(value)) expect(a.data[k]).toBeNaN();
    else expect(a.data[k]).toBeCloseTo(value, 12);
  }
}

const example = (all: Expr, k: number): Expr => all.slice([k, k + 1]).squeeze(0);
const each = (f: (k: number) => Expr): Expr => stack(Array.from({ length: COUNT }, (_, k) => f(k)));

describe('vmap', () => {
  it.each(Object.entries(FLOATS))('of %s is that of each example, and so are its gradients', async (_, f) => {
    await expectEqual(vmap(f)(x, y), each((k) => f(example(x, k), example(y, k))));
    await expectEqual(vmap(f, { inAxes: [0, null] })(x, example(y, 0)), each((k) => f(example(x, k), example(y, 0))));
    const loss = (a: Expr, b: Expr): Expr => f(a, b).square().sum();
    // Of all examples together: the gradient flows back through the batched graph.
    await expectEqual(grad(vmap(loss)(x, y).sum(), x), grad(each((k) => loss(example(x, k), example(y, k))).sum(), x));
    // Of each example by itself, inside.
    await expectEqual(vmap((a, b) => grad(loss(a, b), a))(x, y), each((k) => { const a = example(x, k); return grad(loss(a, example(y, k)), a); }));
    await expectEqual(vmap((a, b) => grad(loss(a, b), a))(x, y), grad(vmap(loss)(x, y).sum(), x));
  });

  it.each([
    ['looking up by the indices of each', (i: Expr) => take(table, i, 0)],
    ['looking up in columns', (i: Expr) => take(table.transpose(), i, 1)],
  ] as const)('of %s', async (_, f) => expectEqual(vmap(f)(rows), each((k) => f(example(rows, k)))));

  it.each([
    ['in the table of each', (i: Expr, a: Expr) => take(a, i, 0)],
    ['in the columns of each', (i: Expr, a: Expr) => take(a.transpose(), i, 1)],
    ['adding at the indices of each', (i: Expr, a: Expr) => scatterAdd(table, i, a.slice([0, 3]), 0)],
    ['adding in the columns of each', (i: Expr, a: Expr) => scatterAdd(a.transpose(), i, a.transpose().slice([0, 2], [0, 3]), 1)],
  ] as const)('of looking up or adding %s, wherever indices lie outside', async (_, f) => {
    await expectEqual(vmap(f)(rows, x), each((k) => f(example(rows, k), example(x, k))));
    await expectEqual(vmap(f, { inAxes: [null, 0] })(example(rows, 0), x), each((k) => f(example(rows, 0), example(x, k))));
    await expectEqual(vmap(f, { inAxes: [0, null] })(rows, example(x, 1)), each((k) => f(example(rows, k), example(x, 1))));
    const inside = literal([3, 0, 1, 1, 2, 0, 2, 0, 0], [COUNT, 3], 'int32');
    await expectEqual(vmap((i, a) => grad(f(i, a).square().sum(), a))(inside, x), each((k) => { const a = example(x, k); return grad(f(example(inside, k), a).square().sum(), a); }));
  });

  it('of a scan, whose carries, inputs and constants have examples or not', async () => {
    const f = (a: Expr, b: Expr): Record<string, Expr> => {
      const { carry, outputs } = scan((h, { p, q }) => { const next = h.mul(0.5).add(p.mul(b.sum(0))).add(q); return { carry: next, outputs: next.mul(h) }; }, { carry: w.slice([0, 1], [0, 2]).squeeze(0), inputs: { p: a, q: table.slice([0, 4]) }, reverse: true });
      return { carry, outputs };
    };
    for (const name of ['carry', 'outputs']) {
      const part = (a: Expr, b: Expr): Expr => f(a, b)[name] ?? a;
      await expectEqual(vmap(part)(x, y), each((k) => part(example(x, k), example(y, k))));
      await expectEqual(vmap(part, { inAxes: [null, 0] })(example(x, 0), y), each((k) => part(example(x, 0), example(y, k))));
      await expectEqual(vmap((a, b) => grad(part(a, b).square().sum(), b))(x, y), each((k) => { const b = example(y, k); return grad(part(example(x, k), b).square().sum(), b); }));
    }
    const both = vmap(f)(x, y);
    expect(Object.keys(both)).toEqual(['carry', 'outputs']);
  });

  it('gives the gradient of each example by itself: of the loss of a network', async () => {
    const weights = variable({ data: Float64Array.from(numbers(7, 4)), shape: [2, 2] }, { name: 'weights' });
    const loss = (image: Expr, label: Expr): Expr => crossEntropy(image.matmul(weights), label);
    const perExample = vmap((image, label) => grad(loss(image, label), weights))(x, labels);
    expect(perExample.shape).toEqual([COUNT, 2, 2]);
    await expectEqual(perExample, each((k) => grad(loss(example(x, k), example(labels, k)), weights)));
    await expectEqual(perExample.mean(0), grad(vmap(loss)(x, labels).mean(), weights));
  });

  it('takes and puts examples along other axes, and of an open number', async () => {
    const f = (a: Expr): Expr => a.sum(0).mul(a);
    await expectEqual(vmap(f, { inAxes: 1, outAxes: -1 })(x.transpose([1, 0, 2])), vmap(f)(x).transpose([1, 2, 0]));
    const open = input('float64', ['batch', 4, 2]);
    const result = vmap(f)(open);
    expect(result.shape.map(String)).toEqual(['batch', '4', '2']);
    const { data } = await evaluate(result, [[open, { data: Float64Array.from(numbers(1, COUNT * 8)), shape: [COUNT, 4, 2] }]]);
    expect([...data]).toEqual((await valuesOf(vmap(f)(x))).data);
    // In two loops, one in the other.
    await expectEqual(vmap(vmap((row: Expr) => row.sum().mul(row)))(x), x.sum(2).expandDims(2).mul(x));
  });

  it('gives what no example is in to all of them', async () => expectEqual(vmap((_: Expr) => table)(x), each(() => table)));

  it('says what is wrong', () => {
    expect(() => vmap((a, b) => a.add(b))(x, table)).toThrow(new ShapeError('vmap: argument 1, a constant float64[5, 2], has 5 examples along axis 0, and one before it 3'));
    expect(() => vmap((a) => a, { inAxes: null })(x)).toThrow(GraphError);
    expect(() => vmap((a) => a, { inAxes: [0, 0] })(x)).toThrow(InputError);
    expect(() => vmap((a) => a, { inAxes: 3 })(x)).toThrow(ShapeError);
  });
});
