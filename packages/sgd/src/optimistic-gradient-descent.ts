import { defineOptimizer, range } from '@pappus/core';

/**
 * Optimistic gradient descent: goes by where the gradient will be if it changes as it did in the last step, so that two players of a
 * game, each descending on a loss of its own, settle where plain gradient descent circles around the saddle.
 *
 * ```text
 * param <- param - learningRate ((alpha + beta) g - beta g_before)
 * ```
 *
 * In the first step the gradient before is the gradient itself, as in Optax.
 *
 * Options: `learningRate`, required as in Optax; `alpha` 1, the weight of the gradient, and `beta` 1, that of its change: the paper's
 * rule is with both 1, and that with others is the generalized one of Mokhtari, Ozdaglar & Pattathil (2019, arXiv:1901.08511).
 *
 * Source: Daskalakis, Ilyas, Syrgkanis & Zeng (2017), "Training GANs with optimism", arXiv:1711.00141; Optax's
 * `optimistic_gradient_descent`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example
 * const updates = mergeUpdates(
 *   optimisticGradientDescent(game, [x], { learningRate: 0.1 }),
 *   optimisticGradientDescent(game, [y], { learningRate: 0.1, maximize: true, name: 'other' }),
 * );
 */
export const optimisticGradientDescent = defineOptimizer({
  name: 'optimisticGradientDescent',
  defaults: {
    /** The weight of the gradient, at least 0. Default 1, the paper's. */
    alpha: 1,
    /** The weight of the gradient's change since the step before, at least 0. Default 1, the paper's. */
    beta: 1,
  },
  required: {
    /** What the gradient is multiplied by, at least 0. Required, as in Optax. */
    learningRate: range.nonNegative,
  },
  ranges: { alpha: range.nonNegative, beta: range.nonNegative },
  state: (_param, { grad }) => ({ before: grad }),
  update({ param, grad, before, learningRate, alpha, beta }) {
    const step = alpha.add(beta).mul(grad).sub(beta.mul(before));
    return { param: param.sub(learningRate.mul(step)), before: grad };
  },
});
