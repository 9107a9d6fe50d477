// Every kind of access in a debug build: none reads or writes outside of its tensor, and what is computed is what the definition says.
import { concat, conv2d, cumsum, type DimensionLike, type Expr, gather, grad, literal, maxPool2d, pad, scan, scatterAdd, stack, take, type Variable } from '@pappus/core';
import { expectAgreement, fromList, spread, type Subject } from '@pappus/testing/conformance';
import { adapterOrComplaint } from '@pappus/test-support/webgpu';
import { describe, it } from 'vitest';
import { webgpu } from '../../src/index.js';

/** Below an axis of four, beyond it, and at the ends of int32. */
const WILD = [0, 3, -1, 4, 1, 2 ** 31 - 1, -(2 ** 31), 2, -(2 ** 31) + 4, 5];

const wild = (): Expr => literal(WILD, [WILD.length], 'int32').add(0);

/** Two steps of tensors of float32, and what is made of them. */
function of(shapes: readonly (readonly number[])[], make: (...tensors: Expr[]) => Record<string, Expr>, open?: readonly DimensionLike[]): Subject {
  const step = (seed: number): NonNullable<Subject['steps']>[number] =>
    Object.fromEntries(shapes.map((shape, k) => [`x${k}`, { ...spread('float32', shape, { seed: seed + k }), ...(open === undefined ? {} : { open }) }]));
  return { steps: [step(1), step(20)], build: ({ inputs }) => ({ outputs: make(...Object.values(inputs)) }) };
}

const KINDS: Readonly<Record<string, readonly Subject[]>> = {
  'loops, with whole vectors and without, over broadcast and turned tensors': [
    of([[4, 6], [6], [6, 4]], (a, b, c) => ({ even: a.add(b).mul(c.transpose()), turned: c.transpose().tanh() })),
    of([[3, 7], [7], [7, 3]], (a, b, c) => ({ odd: a.add(b).mul(c.transpose()), first: a.slice([0, 1]).add(b), flat: a.reshape([-1]).add(1) })),
    of([[5]], (a) => ({ chosen: a.gt(0).where(a, a.neg()), bits: a.cast('int32').add(3), truth: a.gt(0) })),
  ],
  'reductions, alone, by many and in chunks, along each axis': [
    of([[3, 5, 7]], (a) => ({ all: a.sum(), first: a.max(0), middle: a.mul(2).min(1), last: a.prod(2), any: a.gt(1).any(1) })),
    of([[3, 90]], (a) => ({ rows: a.sum(1), softmax: a.softmax(1), columns: a.sum(0) })),
    of([[20_011]], (a) => ({ chunks: a.sum(), largest: a.max(), square: a.square().mean() })),
    of([[9001, 3]], (a) => ({ columns: a.sum(0) })),
    of([[5, 66]], (a) => ({ running: cumsum(a, 1), down: cumsum(a, 0) })),
  ],
  'products, single and in tiles, turned, in batches, with what is fused': [
    of([[1, 9], [9, 1]], (a, b) => ({ dot: a.matmul(b), outer: b.matmul(a).relu() })),
    of([[70, 33], [33, 65]], (a, b) => ({ tiles: a.matmul(b).add(1), left: a.transpose().matmul(a), right: b.matmul(b.transpose()) })),
    of([[3, 5, 7], [3, 7, 2]], (a, b) => ({ batches: a.tanh().matmul(b), dx: grad(a.matmul(b).square().sum(), a) })),
  ],
  'taking by indices in range and out of it': [
    of([[4, 7], [7, 4]], (a, b) => ({ rows: take(a, wild()), along: take(b, wild(), 1).mul(2), clamp: take(a, wild(), 0, { mode: 'clamp' }), wrap: take(b, wild(), 1, { mode: 'wrap' }), end: take(a, wild(), 0, { fromEnd: true }) })),
    of([[3, 4]], (a) => ({ one: gather(a, wild().reshape([1, WILD.length]).broadcastTo([3, WILD.length]), 1), sum: take(a, wild(), 1).isNan().any() })),
  ],
  'adding by indices in range and out of it, and many at one place': [
    of([[4, 7], [WILD.length, 7]], (a, u) => ({ added: scatterAdd(a, wild(), u), wrap: scatterAdd(a, wild(), u, 0, { mode: 'wrap' }), gradient: grad(take(a, wild(), 0, { mode: 'clamp' }).mul(u).sum(), a) })),
    of([[2, 600]], (u) => ({ one: scatterAdd(literal([0, 0, 0], [3], 'float32'), u.gt(5).cast('int32').slice(0), u.slice(1)) })),
  ],
  'windows, with padding, strides and their gradients': [
    of([[2, 3, 7, 6], [4, 3, 3, 2]], (x, w) => {
      const y = conv2d(x, w, { padding: 'same', stride: 2 });
      return { y, dx: grad(y.square().sum(), x), dw: grad(y.square().sum(), w) };
    }),
    of([[1, 2, 5, 5]], (x) => ({ pooled: maxPool2d(x, 2), gradient: grad(maxPool2d(x, 3, { stride: 2, padding: 'same' }).mul(2).sum(), x) })),
  ],
  'movements: slices, steps back, padding, parts put together, views of views': [
    of([[6, 5], [4, 5]], (a, b) => ({
      cut: a.slice([1, 5], [null, null, -2]), back: a.slice([null, null, -1]).slice([2, null]).add(1), padded: pad(a, [[1, 2], [0, 3]]), joined: concat([a, b, a.mul(2)]),
      beside: stack([b, b.neg()], 1), view: a.transpose().slice([1, 4]).transpose().slice([null, null, 3]).sum(0), around: pad(a, [[0, 1], [2, 0]]).slice([5, 7]).sum(),
    })),
  ],
  'axes that are empty': [
    of([[0, 3], [0, 3]], (a, b) => ({ sum: a.mul(b).sum(0), product: a.transpose().matmul(b), joined: concat([a, b.slice([1, 4]), a]), padded: pad(a, [[1, 1], [0, 0]]), none: a.slice(null, [0, 0]).sum(1) }), ['n', 3]),
    of([[0, 3], [2, 3]], (a, u) => ({ added: scatterAdd(u, literal([], [0], 'int32').add(0), a) })),
  ],
  'loops over time, forwards and backwards, in a loop, and their gradients': [
    of([[5, 3], [3, 3]], (x, w) => {
      const run = (reverse: boolean): Expr => {
        const { carry, outputs } = scan((h, now) => ({ carry: h.matmul(w).add(now).tanh(), outputs: take(h, now.sum().cast('int32').reshape([1])) }), { carry: w.slice(0), inputs: x, reverse });
        return outputs.isNan().where(0, outputs).sum().add(carry.sum());
      };
      return { there: run(false), back: run(true), dw: grad(run(false), w), dx: grad(run(true), x) };
    }),
    of([[4, 2, 3]], (x) => ({ inner: scan((h, row) => ({ carry: scan((g, e) => ({ carry: g.mul(0.5).add(e) }), { carry: h, inputs: row }).carry, outputs: h }), { carry: x.slice(0, 0), inputs: x }).outputs })),
  ],
  'code that runs over many tensors, alone and beside others': [{
    steps: [{ x: spread('float32', [90]) }, { x: spread('float32', [90], { seed: 2 }) }],
    variables: Object.fromEntries([[1], [28], [3, 5], [], [300], [64]].map((shape, k) => [`v${k}`, fromList('float32', shape, [0.5, -0.25, 0.125])])),
    build: ({ inputs, variables }) => {
      const own: readonly Variable[] = Object.values(variables);
      const [x] = Object.values(inputs);
      const norm = [...own, ...(x === undefined ? [] : [x])].map((v) => v.square().sum()).reduce((a, b) => a.add(b)).sqrt();
      return { outputs: { norm }, updates: new Map(own.map((v) => [v, v.sub(v.mul(0.1).div(norm.add(1)))])) };
    },
  }],
};

describe.runIf(adapterOrComplaint('debug builds of WebGPU'))('a debug build', () => {
  const backend = webgpu({ debug: true });
  for (const [kind, subjects] of Object.entries(KINDS)) {
    it(`computes ${kind}`, async () => {
      for (const subject of subjects) await expectAgreement(subject, await backend, { relative: { float32: 1e-5, float64: 0 }, scale: 4 });
    });
  }
});
