import { addScaled, defineOptimizer, range } from '@pappus/core';

/**
 * Stochastic gradient descent: a step against the gradient.
 *
 * ```text
 * param <- param - learningRate (g + weightDecay param)
 * ```
 *
 * Options: `learningRate`, default 1e-4 as in Dandelion; `weightDecay`, default 0. Without momentum it makes no difference whether
 * decay is coupled with the gradient or not.
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
    /** How much of the parameter is added to its gradient, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, weightDecay: range.nonNegative },
  update: ({ param, grad, learningRate, weightDecay }) => ({ param: param.sub(learningRate.mul(addScaled(grad, weightDecay, param))) }),
});
