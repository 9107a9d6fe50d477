import { defineOptimizer, range, setting, where } from '@pappus/core';
import { total } from './totals.js';

/**
 * SGD with Polyak's rate: how far the loss is above its minimum, over the squared norm of the gradient, and at most a largest rate. It needs the
 * loss itself, and to know about the minimum; 0 will do for models that can fit all of their data.
 *
 * ```text
 * rate = learningRate min((loss - lowerBound) / (|g|^2 + epsilon), maxLearningRate)        x <- x - rate g
 * ```
 *
 * Call it with the loss, or with gradients and the option `loss`. The norm goes over all parameters; where it and epsilon are 0, nothing moves. With
 * `maximize` the loss counts with the other sign here, too: `lowerBound` is then minus the maximum.
 *
 * Defaults are Optax's `polyak_sgd`, whose `scaling` is no rate: it multiplies the gradients before their norm is taken. It stops where
 * |g|^2 + epsilon is below 2.2e-16.
 *
 * Source: Loizou et al. (2021), "Stochastic Polyak step-size for SGD", arXiv:2002.10542; the positive part: Garrigos et al. (2023), arXiv:2307.14528.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, or without a loss
 * @example const train = await compile({ updates: polyakSgd(loss, [w, b]) }, await cpu());
 */
export const polyakSgd = defineOptimizer({
  name: 'polyakSgd',
  defaults: {
    /** Times the rate that is found, at least 0. Default 1. */
    learningRate: 1,
    /** The largest rate before that, at least 0. Default 1, Optax's. */
    maxLearningRate: 1,
    /** About the least that the loss can be. Default 0. */
    lowerBound: 0,
    /** Added to the squared norm that divides, at least 0. Default 0. */
    epsilon: 0,
  },
  ranges: { learningRate: range.nonNegative, maxLearningRate: range.bound, epsilon: range.nonNegative },
  settings: {
    /** `'signed'`: a loss below the bound leads uphill. `'positive'`: it leads nowhere, Optax's `sps+`. */
    gap: setting.oneOf('signed', 'positive'),
    /** The loss, where gradients are given. */
    loss: setting.loss,
  },
  updateAll({ each, loss, learningRate, maxLearningRate, lowerBound, epsilon, gap }) {
    const above = loss.cast(learningRate.dtype).sub(lowerBound);
    const divisor = total(each.map(({ grad }) => grad.square()), above).add(epsilon);
    const found = (gap === 'positive' ? above.maximum(0) : above).div(divisor).minimum(maxLearningRate);
    const rate = learningRate.mul(where(divisor.gt(0), found, 0));
    return { each: each.map(({ param, grad }) => ({ param: param.sub(rate.cast(param.dtype).mul(grad)) })) };
  },
});
