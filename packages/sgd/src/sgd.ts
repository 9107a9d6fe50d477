import { defineOptimizer, range } from '@pappus/core';

/**
 * Stochastic gradient descent: `param <- param - learningRate * grad`.
 *
 * `learningRate`, default 1e-4 as in Dandelion, is a number of at least 0 or a scalar expression.
 *
 * Source: Robbins & Monro (1951), "A stochastic approximation method"; Lasagne's `updates.sgd`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: sgd(loss, [w, b], { learningRate: 0.1 }) }, await cpu());
 */
export const sgd = defineOptimizer({
  name: 'sgd',
  defaults: {
    /** What the gradient is multiplied by, at least 0. Default 1e-4, Dandelion's. */
    learningRate: 1e-4,
  },
  ranges: { learningRate: range.nonNegative },
  update: ({ param, grad, learningRate }) => ({ param: param.sub(learningRate.mul(grad)) }),
});
