/** The classifiers that the MNIST example offers: each answers with the expressions of its logits and its loss. */
import { crossEntropy, glorotUniform, iota, variable, zeros, type Expr, type Variable } from 'pappus';

import { drawSeed, type Random } from '../random.js';

export const pixels = 784;
export const classes = 10;

export interface Model {
  readonly params: readonly Variable[];
  /** [batch, 10] */
  readonly logits: Expr;
  /** Scalar: the mean cross-entropy over the batch. */
  readonly loss: Expr;
}

/** Builds a model over `images` [batch, 784] and `labels` [batch]; `random` decides the initial weights. */
export type BuildModel = (images: Expr, labels: Expr, random: Random) => Model;

/** Logistic regression: one affine layer. */
const softmax: BuildModel = (images, labels, random) => layers([pixels, classes], images, labels, random);

/** A multilayer perceptron with two hidden layers of rectified linear units. */
const mlp: BuildModel = (images, labels, random) => layers([pixels, 256, 128, classes], images, labels, random);

export const models = { mlp, softmax } as const satisfies Record<string, BuildModel>;

export type ModelName = keyof typeof models;

/** Affine layers of the given widths, with `relu` between them. */
function layers(widths: readonly number[], images: Expr, labels: Expr, random: Random): Model {
  const params: Variable[] = [];
  let hidden = images;
  widths.slice(1).forEach((outputs, index) => {
    const inputs = widths[index] ?? 0;
    const w = variable(glorotUniform([inputs, outputs], { seed: drawSeed(random) }), { name: `w${index + 1}` });
    const b = variable(zeros([outputs]), { name: `b${index + 1}` });
    params.push(w, b);
    hidden = (index === 0 ? hidden : hidden.relu()).matmul(w).add(b);
  });
  return { params, logits: hidden, loss: crossEntropy(hidden, labels) };
}

/** Scalar: how many rows of `logits` [batch, 10] are greatest where their label says. */
export function countCorrect(logits: Expr, labels: Expr): Expr {
  const isLabel = iota([classes], 0).eq(labels.expandDims(1));
  const isGreatest = logits.ge(logits.max(1, { keepdims: true }));
  return isLabel.and(isGreatest).cast('float32').sum();
}
