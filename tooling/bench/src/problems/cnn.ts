/** The convolutional network of the MNIST example: two convolutions of 5 x 5 with max pooling, and one dense layer. */
import { adam, compile, conv2d, crossEntropy, input, interpreter, maxPool2d, variable, type Expr, type Variable } from 'pappus';
import { randomSource, uniform } from '../random.js';
import { hyperparameters } from './adam.js';
import type { Batch } from './mlp.js';
import type { Checked, Parameter, TrainingProblem } from './training.js';

export const kernel = 5;
export const pool = 2;

export interface CnnSizes {
  readonly batch: number;
  /** Of the images, which are square and have one channel. */
  readonly side: number;
  readonly filters: readonly [number, number];
  readonly classes: number;
}

export interface CnnProblem extends TrainingProblem<Batch> {
  readonly sizes: CnnSizes;
  /** Whether a step is one of training; otherwise it is a forward pass and ends with the loss. */
  readonly learns: boolean;
  /** The side of what the dense layer reads, `[filters, last, last]`. */
  readonly last: number;
}

/** The parameters, or what a library made of each. */
export interface Network<T> {
  /** `[filters, channels, 5, 5]`, and `[filters]`. */
  readonly blocks: readonly { readonly weights: T; readonly bias: T }[];
  /** `[filters last last, classes]`, and `[classes]`. */
  readonly dense: { readonly weights: T; readonly bias: T };
}

export function network<T>(list: readonly T[]): Network<T> {
  const [w1, b1, w2, b2, w3, b3] = list;
  if (w1 === undefined || b1 === undefined || w2 === undefined || b2 === undefined || w3 === undefined || b3 === undefined) {
    throw new RangeError(`The network has 6 parameters, not ${list.length}.`);
  }
  return { blocks: [{ weights: w1, bias: b1 }, { weights: w2, bias: b2 }], dense: { weights: w3, bias: b3 } };
}

export function cnnProblem(sizes: CnnSizes, learns: boolean, batches = 8): CnnProblem {
  const { batch, side, filters: [first, second], classes } = sizes;
  const after = (length: number): number => (length - kernel + 1) / pool;
  const last = after(after(side));
  const parameters: Parameter[] = [];
  const parameter = (shape: readonly number[], fanIn: number): void => {
    const [size, bound] = [shape.reduce((product, dimension) => product * dimension, 1), Math.sqrt(3 / fanIn)];
    parameters.push({ name: `parameter ${parameters.length}`, shape, values: uniform(size, -bound, bound, parameters.length + 1) });
  };
  const layer = (shape: readonly number[], fanIn: number, outputs: number): void => {
    parameter(shape, fanIn);
    parameter([outputs], fanIn);
  };
  layer([first, 1, kernel, kernel], kernel ** 2, first);
  layer([second, first, kernel, kernel], first * kernel ** 2, second);
  layer([second * last ** 2, classes], second * last ** 2, classes);
  const label = randomSource(99);
  return {
    sizes,
    learns,
    last,
    parameters,
    batches: Array.from({ length: batches }, (_, i) => ({
      images: uniform(batch * side ** 2, 0, 1, 1000 + i),
      labels: Int32Array.from({ length: batch }, () => Math.floor(classes * label())),
    })),
  };
}

export interface CnnGraph {
  readonly inputs: { readonly images: Expr; readonly labels: Expr };
  readonly loss: Expr;
  readonly params: readonly Variable[];
}

/** The network in Pappus: what its contender compiles, and what the interpreter evaluates for the reference. */
export function cnnGraph({ sizes, parameters }: CnnProblem): CnnGraph {
  const images = input('float32', [sizes.batch, 1, sizes.side, sizes.side]);
  const labels = input('int32', [sizes.batch]);
  const params = parameters.map(({ name, shape, values }) => variable({ data: values, shape }, { name }));
  const { blocks, dense } = network(params);
  const features = blocks.reduce<Expr>((x, { weights, bias }) => maxPool2d(conv2d(x, weights).add(bias.reshape([-1, 1, 1])).relu(), pool), images);
  const logits = features.reshape([sizes.batch, -1]).matmul(dense.weights).add(dense.bias);
  return { inputs: { images, labels }, loss: crossEntropy(logits, labels), params };
}

/** The problem with a small one of all its parts, and the latter's reference. */
export function checkedCnn(problem: CnnProblem): Checked<CnnProblem> {
  const small = cnnProblem({ batch: 3, side: 16, filters: [3, 4], classes: 5 }, problem.learns);
  let known: Promise<readonly number[]> | undefined;
  const losses = async (steps: number): Promise<readonly number[]> => {
    const { inputs, loss, params } = cnnGraph(small);
    const updates = adam(loss, params, hyperparameters);
    const step = await compile({ inputs, outputs: { loss }, ...(small.learns && { updates }) }, interpreter());
    const taken: number[] = [];
    for (const { images, labels } of small.batches.slice(0, steps)) taken.push(await (await step({ images, labels })).loss.item());
    return taken;
  };
  return { problem, small, reference: (steps) => (known ??= losses(steps)) };
}
