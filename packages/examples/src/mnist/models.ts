/** The classifiers that the MNIST example offers: each answers with the expressions of its logits and its loss. */
import { conv2d, crossEntropy, glorotUniform, heNormal, iota, maxPool2d, variable, zeros, type Expr, type Variable } from 'pappus';

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

/** Two convolutions of 5 x 5, each followed by `relu` and the largest of 2 x 2 pixels, and one affine layer: 28 x 28, 12 x 12, 4 x 4. */
const cnn: BuildModel = (images, labels, random) => {
  const params: Variable[] = [];
  const block = (x: Expr, channels: number, filters: number): Expr => {
    const w = variable(heNormal([filters, channels, 5, 5], { seed: drawSeed(random) }), { name: `w${params.length / 2 + 1}` });
    const b = variable(zeros([filters, 1, 1]), { name: `b${params.length / 2 + 1}` });
    params.push(w, b);
    return maxPool2d(conv2d(x, w).add(b).relu(), 2);
  };
  const [filters, last] = [16, 32];
  const features = block(block(images.reshape([-1, 1, 28, 28]), 1, filters), filters, last);
  const dense = layers([last * 4 * 4, classes], features.reshape([-1, last * 4 * 4]), labels, random, 3);
  return { ...dense, params: [...params, ...dense.params] };
};

export const models = { mlp, cnn, softmax } as const satisfies Record<string, BuildModel>;

export type ModelName = keyof typeof models;

/** Affine layers of the given widths, with `relu` between them; the first has the number `first` in its name. */
function layers(widths: readonly number[], inputs: Expr, labels: Expr, random: Random, first = 1): Model {
  const params: Variable[] = [];
  let hidden = inputs;
  widths.slice(1).forEach((outputs, index) => {
    const width = widths[index] ?? 0;
    const w = variable(glorotUniform([width, outputs], { seed: drawSeed(random) }), { name: `w${first + index}` });
    const b = variable(zeros([outputs]), { name: `b${first + index}` });
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
