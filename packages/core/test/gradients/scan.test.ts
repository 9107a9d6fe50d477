// Gradients of loops against finite differences, first and second; and that they are those of the loop written out.
import { describe, expect, it } from 'vitest';
import { concat, type Expr, grad, input, literal, scalar, scan, stack } from '../../src/index.js';
import { topological } from '../../src/graph/describe.js';
import { interpret } from '../../src/interpreter/interpreter.js';
import { isProjection } from '../../src/graph/scan.js';
import { checkDerivatives, tensor, weigh } from './finite-differences.js';

const zeros = (...shape: readonly number[]): Expr => scalar(0, 'float64').broadcastTo(shape);

/** A recurrent net with tanh: h' = tanh(x U + h W + b). */
const recurrent = (x: Expr, h0: Expr, w: Expr, u: Expr, b: Expr, reverse = false): { carry: Expr; outputs: Expr } =>
  scan((h: Expr, xt: Expr) => {
    const next = xt.matmul(u).add(h.matmul(w)).add(b).tanh();
    return { carry: next, outputs: next };
  }, { carry: h0, inputs: x, reverse });

describe('the gradient of a scan', () => {
  it.each([false, true])('of a recurrent net by inputs, state and weights (reverse: %s)', (reverse) => {
    const shapes = [[3, 2, 2], [2, 3], [3, 3], [2, 3], [3]];
    checkDerivatives((x, h, w, u, b) => recurrent(x, h, w, u, b, reverse).outputs, shapes, { range: [-1, 1] });
    checkDerivatives((x, h, w, u, b) => recurrent(x, h, w, u, b, reverse).carry, shapes, { range: [-1, 1] });
  });

  it('of several carries, one of them an integer, and outputs that are carries', () => {
    checkDerivatives((x, a0) => {
      const { carry, outputs } = scan(({ a, b, n }, { xt }) => ({
        carry: { a: a.mul(xt).add(b), b: a.sin(), n: n.add(1) },
        outputs: { before: a, count: n.cast('float64').mul(xt), product: a.mul(b) },
      }), { carry: { a: a0, b: zeros(2), n: scalar(0, 'int32') }, inputs: { xt: x } });
      return concat([carry.a, carry.b, outputs.before.reshape([-1]), outputs.count.reshape([-1]), outputs.product.reshape([-1])]);
    }, [[3, 2], [2]]);
  });

  it('by what the step uses from outside, in products, sums, look-ups and otherwise', () => {
    const indices = literal([0, 2, 1, 2, 2, 0], [3, 2], 'int32');
    checkDerivatives((table, scale, m, shift) => scan((s, i) => {
      const row = table.take(i);
      const next = s.mul(scale).add(row.matmul(m.transpose()).sin()).add(shift);
      return { carry: next, outputs: next.mul(scale.exp()) };
    }, { carry: zeros(2, 2), inputs: indices }).outputs, [[3, 2], [2, 2], [2, 2], [2]], { range: [-1, 1] });
  });

  it('of scalars', () => {
    checkDerivatives((x, y) => scan((s, xt) => ({ carry: s.mul(y).add(xt.sin()) }), { carry: scalar(1, 'float64'), inputs: x }).carry, [[4], []]);
  });

  it('through a scan in a scan', () => {
    checkDerivatives((x, w) => scan((h, xt) => {
      const inner = scan((s, row) => ({ carry: s.matmul(w).add(row).tanh(), outputs: s }), { carry: h, inputs: xt });
      return { carry: inner.carry.mul(0.5), outputs: inner.outputs.sum(0) };
    }, { carry: zeros(1, 2), inputs: x }).outputs, [[2, 2, 1, 2], [2, 2]], { range: [-1, 1] });
  });

  it('is the one of the same steps written out', () => {
    const [x, h0, w, u, b] = [input('float64', [4, 2, 3]), input('float64', [2, 2]), input('float64', [2, 2]), input('float64', [3, 2]), input('float64', [2])];
    let h = h0;
    const steps: Expr[] = [];
    for (let t = 0; t < 4; t++) steps.push((h = x.slice(t).matmul(u).add(h.matmul(w)).add(b).tanh()));
    const unrolled = grad(weigh(stack(steps)), [x, h0, w, u, b]);
    const looped = grad(weigh(recurrent(x, h0, w, u, b).outputs), [x, h0, w, u, b]);
    const feeds = new Map([x, h0, w, u, b].map((e, k) => {
      const shape = e.shape.map(Number);
      return [e, tensor(shape, Array.from({ length: shape.reduce((p, q) => p * q, 1) }, (_, i) => Math.sin(1.3 * i + k)))];
    }));
    const values = interpret([...unrolled, ...looped], (e) => feeds.get(e), new Map());
    for (let k = 0; k < 5; k++) {
      const [expected, actual] = [values[k], values[5 + k]];
      for (const [i, e] of (expected?.data ?? []).entries()) expect(actual?.data[i]).toBeCloseTo(e, 12);
      expect(actual?.shape).toEqual(expected?.shape);
    }
  });

  it('runs the forward scan once and one scan backwards', () => {
    const [x, h0, w, u, b] = [input('float64', [4, 2, 3]), input('float64', [2, 2]), input('float64', [2, 2]), input('float64', [3, 2]), input('float64', [2])];
    const { carry, outputs } = recurrent(x, h0, w, u, b);
    const loss = carry.sum().add(weigh(outputs));
    const order = topological([loss, ...grad(loss, [x, h0, w, u, b])]);
    const runs = order.filter(isProjection).map(({ node, args }) => `${node.scan.id}(${args.map((a) => a.id).join()})`);
    expect(new Set(runs).size).toBe(2);
  });

  it('leaves out what no gradient reaches', () => {
    const [x, c] = [input('float64', [3]), input('float64', [])];
    const s = scan((h, xt) => ({ carry: h.add(xt.stopGradient().mul(c)) }), { carry: scalar(0, 'float64'), inputs: x }).carry;
    expect(() => grad(s, x)).toThrow('no gradient flows to an input');
    expect(grad(s, c).shape).toEqual([]);
  });
});
