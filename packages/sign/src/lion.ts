import { addScaled, defineOptimizer, range, setting, sign, sub, zerosLike } from '@pappus/core';

/**
 * Lion: the sign of a mean of gradients in which the gradient of now counts more than in the mean that is kept. Every element moves by the
 * learning rate; one moment is all that it needs in memory.
 *
 * ```text
 * param <- param - learningRate (sign(beta1 m + (1 - beta1) g) + weightDecay param)        m <- beta2 m + (1 - beta2) g
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-4, `beta1` 0.9 and `beta2` 0.99 in [0, 1), `weightDecay` 0 (Optax has 1e-3). The
 * paper takes a rate 3 to 10 times smaller than AdamW's, and a decay as many times larger.
 *
 * Source: Chen et al. (2023), "Symbolic discovery of optimization algorithms", arXiv:2302.06675.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = lion(loss, params, { learningRate: 1e-4, weightDecay: 1 });
 */
export const lion = defineOptimizer({
  name: 'lion',
  defaults: {
    /** By how much every element moves in a step, at least 0. Default 1e-4, the paper's. */
    learningRate: 1e-4,
    /** The weight of the mean beside the gradient in the step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.99, the paper's. */
    beta2: 0.99,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is times the learning rate, by itself, or added to the gradient. Default `decoupled`, the paper's. */
    decay: setting.oneOf('decoupled', 'independent', 'coupled'),
  },
  state: (param) => ({ m: zerosLike(param) }),
  update({ param, grad, m, learningRate, beta1, beta2, weightDecay, decay }) {
    const g = decay === 'coupled' ? addScaled(grad, weightDecay, param) : grad;
    const step = sign(beta1.mul(m).add(sub(1, beta1).mul(g)));
    const kept = decay === 'independent' ? param.mul(sub(1, weightDecay)) : param;
    return {
      param: kept.sub(learningRate.mul(decay === 'decoupled' ? addScaled(step, weightDecay, param) : step)),
      m: beta2.mul(m).add(sub(1, beta2).mul(g)),
    };
  },
});
