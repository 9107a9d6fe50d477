// Operations that are composed of others, compiled for the CPU, against the interpreter: values and gradients.
import { expectAgreement, spread } from '@pappus/testing/conformance';
import { describe, expect, it } from 'vitest';
import {
  arange,
  argMax,
  argMin,
  batchNorm,
  binaryCrossEntropy,
  compile,
  cosineSimilarity,
  cpu,
  crossEntropy,
  einsum,
  elu,
  type Expr,
  flip,
  gelu,
  grad,
  groupNorm,
  huber,
  input,
  isFloat,
  klDivergence,
  layerNorm,
  leakyRelu,
  logSigmoid,
  norm,
  oneHot,
  pad,
  rmsNorm,
  scaledDotProductAttention,
  silu,
  softplus,
  split,
  stack,
  tile,
  tri,
  triu,
  variance,
} from '../src/index.js';

interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly build: (a: Expr, b: Expr, c: Expr) => Expr;
  /** How many of the inputs have gradients, from the first on. Default all. */
  readonly differentiable?: number;
}

/** Integers of [0, limit) from numbers of [-4, 4]. */
const labelsOf = (a: Expr, limit: number): Expr => a.mul(1000).cast('int32').mod(limit);
/** Sums side by side. */
const joined = (parts: readonly Expr[]): Expr => stack(parts.map((part) => part.sum()));

const CASES: Readonly<Record<string, Case>> = {
  activations: { shapes: [[5, 37]], build: (a) => stack([softplus(a), logSigmoid(a.mul(9)), leakyRelu(a), elu(a), gelu(a), gelu(a, { approximate: 'tanh' }), silu(a)]) },
  'argMax and argMin': { shapes: [[6, 33]], build: (a) => stack([argMax(a, 0, { keepdims: true }).broadcastTo([6, 33]), argMin(a, 1, { keepdims: true }).broadcastTo([6, 33])]) },
  variance: { shapes: [[6, 33]], build: (a) => variance(a.add(30), 1, { correction: 1 }) },
  norms: { shapes: [[6, 33]], build: (a) => stack([norm(a, 1), norm(a, 1, { order: 1 }), norm(a, 1, { order: Infinity })]) },
  'pad, flip, tile, split': { shapes: [[4, 6]], build: (a) => { const [x = a, y = a] = split(pad(flip(tile(a, [1, 2]), 1), [[0, 1], 2], { value: 3 }), 2, 1); return x.mul(y); } },
  'triangles and oneHot': { shapes: [[7, 7], [7]], differentiable: 1, build: (a, b) => triu(a, 1).add(oneHot(labelsOf(b, 7), 7, { dtype: a.dtype })).mul(arange(7).cast(a.dtype)).add(tri(7).cast(a.dtype)) },
  'einsum of heads': { shapes: [[2, 5, 3, 4], [2, 6, 3, 4]], build: (a, b) => einsum('bqhd,bkhd->bhqk', a, b) },
  'einsum of a trace': { shapes: [[5, 5, 3], [3, 4]], build: (a, b) => einsum('iij,jk->ki', a, b) },
  huber: { shapes: [[5, 9], [5, 9]], build: (a, b) => huber(a, b) },
  'crossEntropy with everything': {
    shapes: [[33, 10], [33]],
    differentiable: 1,
    build: (a, b) => crossEntropy(a, labelsOf(b, 10), { labelSmoothing: 0.1, classWeights: [1, 2, 3, 1, 2, 3, 1, 2, 3, 4], ignoreLabel: 3 }),
  },
  'crossEntropy of probabilities': { shapes: [[7, 10], [7, 10]], build: (a, b) => crossEntropy(a, b.softmax(), { reduction: 'none' }) },
  'losses of logits': { shapes: [[7, 10], [7, 10]], build: (a, b) => joined([binaryCrossEntropy(a, b.sigmoid()), klDivergence(a, b.softmax()), cosineSimilarity(a, b)]) },
  layerNorm: { shapes: [[9, 40], [40], [40]], build: (a, scale, bias) => layerNorm(a, { scale, bias }) },
  rmsNorm: { shapes: [[9, 40], [40]], build: (a, scale) => rmsNorm(a, { scale }) },
  groupNorm: { shapes: [[2, 4, 3, 5], [4], [4]], build: (a, scale, bias) => groupNorm(a, { groups: 2, scale, bias }) },
  batchNorm: { shapes: [[8, 3, 2, 5], [3], [3]], build: (a, scale, bias) => batchNorm(a, { scale, bias }) },
  'causal attention': { shapes: [[2, 3, 9, 8], [2, 3, 9, 8], [2, 3, 9, 4]], build: (q, k, v) => scaledDotProductAttention(q, k, v, { causal: true }) },
  'attention under a mask': { shapes: [[2, 9, 8], [2, 9, 8], [9, 9]], differentiable: 2, build: (q, k, m) => scaledDotProductAttention(q, k, k, { mask: m.gt(0.5), causal: true }) },
};

/** The case's result, and the gradients of a loss that weighs its elements by whole numbers of -5 to 5. */
function outputsOf({ shapes, build, differentiable }: Case, inputs: Readonly<Record<string, Expr>>): Record<string, Expr> {
  const leaves = shapes.map((_, k) => inputs[`x${k}`]).filter((x) => x !== undefined);
  const [a, b = a, c = a] = leaves;
  if (a === undefined || b === undefined || c === undefined) throw new Error('a case has an input');
  const result = build(a, b, c);
  if (!isFloat(result.dtype)) return { result };
  const flat = result.reshape([-1]);
  const loss = flat.mul(arange(Number(flat.shape[0])).mul(7).mod(11).sub(5).cast(flat.dtype)).sum();
  const gradients = grad(loss, leaves.slice(0, differentiable));
  return { result, ...Object.fromEntries(gradients.map((g, k) => [`gradient${k}`, g])) };
}

describe.each(['float32', 'float64'] as const)('compiled for the CPU in %s', (dtype) => {
  it.each(Object.entries(CASES))('%s', async (_, subject) => {
    const steps = [Object.fromEntries(subject.shapes.map((shape, k) => [`x${k}`, spread(dtype, shape, { seed: k + 1, low: -4, high: 4 })]))];
    await expectAgreement({ steps, build: ({ inputs }) => ({ outputs: outputsOf(subject, inputs) }) }, await cpu(), {
      relative: { float32: 2 ** -20, float64: 2 ** -48 },
      scale: 16,
    });
  });
});

it.each([
  ['huber', 1],
  ['einsum of heads', 1],
  ['layerNorm', 4],
  ['causal attention', 5],
] as const)('%s runs as at most %i kernels', async (name, most) => {
  const subject = CASES[name];
  if (subject === undefined) throw new Error(`no case '${name}'`);
  const inputs = Object.fromEntries(subject.shapes.map((shape, k) => [`x${k}`, input('float32', shape)]));
  const { result } = outputsOf(subject, inputs);
  if (result === undefined) throw new Error('a case has a result');
  const run = await compile({ inputs, outputs: { result } }, await cpu());
  await run(Object.fromEntries(subject.shapes.map((shape, k) => [`x${k}`, new Float32Array(shape.reduce((a, b) => a * b, 1))])));
  expect(run.program.kernels.length).toBeLessThanOrEqual(most);
});
