// One computation by us and by TensorFlow.js on its plain JavaScript backend: values and gradients.
import { evaluate, type Expr, grad, input, literal } from '@pappus/core';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// In Node, TF.js's core brings no gradients along; importing its layers registers them.
import '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { difference } from '@pappus/testing/conformance';

export interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly ours: (a: Expr, b: Expr, c: Expr, d: Expr, e: Expr) => Expr;
  readonly theirs: (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor, d: tf.Tensor, e: tf.Tensor) => tf.Tensor;
  /** How many of the inputs have gradients in TF.js, from the first on. Default all. */
  readonly differentiable?: number;
}

/** Numbers of [-3, 3] that float32 holds. */
const values = (shape: readonly number[], seed: number): Float32Array =>
  Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => 3 * Math.sin(12.9898 * (i + 1) + 78.233 * seed));
/** Weights of a result's elements in the loss. */
const weights = (size: number): number[] => Array.from({ length: size }, (_, i) => ((7 * i) % 11) - 5);

const [none, unused] = [input('float64', []), (): tf.Tensor => tf.scalar(0)];

/** TF.js computes in float32. */
function expectClose(found: Float64Array, expected: tf.Tensor, shape: readonly number[]): void {
  expect(shape).toEqual(expected.shape);
  const given = { dtype: 'float64', shape: expected.shape } as const;
  const theirs = { ...given, data: Float64Array.from(expected.dataSync()) };
  expect(difference({ ...given, data: found }, theirs, { relative: { float32: 2e-6, float64: 2e-6 }, scale: 10 })).toBeUndefined();
}

export function besideTfjs(title: string, cases: Readonly<Record<string, Case>>): void {
  describe(title, () => {
    beforeAll(async () => {
      await tf.setBackend('cpu');
    });

    it.each(Object.entries(cases))('%s', async (_, { shapes, ours, theirs, differentiable = shapes.length }) => {
      const inputs = shapes.map((shape) => input('float64', shape));
      const data = shapes.map((shape, k) => values(shape, k));
      const given = inputs.map((x, k) => [x, Float64Array.from(data[k] ?? [])] as const);
      const tensors = data.map((d, k) => tf.tensor(d, [...(shapes[k] ?? [])]));
      const [a = none, b = none, c = none, d = none, e = none] = inputs;
      const f = (x = unused(), y = unused(), z = unused(), u = unused(), v = unused()): tf.Tensor => theirs(x, y, z, u, v);
      const result = ours(a, b, c, d, e);
      const { data: found, shape } = await evaluate(result, given);
      expectClose(found, f(...tensors), shape);
      if (differentiable === 0) return;
      const weighed = weights(found.length);
      const expected = tf.grads((...xs: tf.Tensor[]) => tf.sum(tf.mul(f(...xs, ...tensors.slice(differentiable)), tf.tensor(weighed, [...shape]))))(tensors.slice(0, differentiable));
      const loss = result.mul(literal(weighed, shape, result.dtype)).sum();
      for (const [k, g] of grad(loss, inputs.slice(0, differentiable)).entries()) {
        const value = await evaluate(g, given);
        const other = expected[k];
        if (other === undefined) throw new Error('TF.js gives no gradient');
        expectClose(value.data, other, value.shape);
      }
    });
  });
}
