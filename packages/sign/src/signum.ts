import { addScaled, defineOptimizer, range, setting, sign, sub, zerosLike } from '@pappus/core';

/**
 * Signum: sign descent along a running mean of gradients.
 *
 * ```text
 * m <- momentum m + (1 - momentum) g        param <- param - learningRate (sign(m) + weightDecay param)
 * ```
 *
 * Options: `learningRate` 1e-3, as in kozistr's pytorch_optimizer, `momentum` 0.9 in [0, 1), the paper's, `weightDecay` 0. A dampening, by
 * which a new gradient counts less, multiplies `m` and not its sign: there is no option for it, nor a correction of the bias.
 *
 * Source: Bernstein, Wang, Azizzadenesheli & Anandkumar (2018), "signSGD: compressed optimisation for non-convex problems", arXiv:1802.04434.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = signum(loss, params, { learningRate: 1e-3, momentum: 0.95 });
 */
export const signum = defineOptimizer({
  name: 'signum',
  defaults: {
    /** By how much every element moves in a step, at least 0. Default 1e-3, pytorch_optimizer's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    momentum: 0.9,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, momentum: range.decayRate, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is taken from the parameter or added to the gradient. Default `decoupled`. */
    decay: setting.oneOf('decoupled', 'coupled'),
  },
  state: (param) => ({ m: zerosLike(param) }),
  update({ param, grad, m, learningRate, momentum, weightDecay, decay }) {
    const g = decay === 'coupled' ? addScaled(grad, weightDecay, param) : grad;
    const mNext = momentum.mul(m).add(sub(1, momentum).mul(g));
    return { param: param.sub(learningRate.mul(decay === 'coupled' ? sign(mNext) : addScaled(sign(mNext), weightDecay, param))), m: mNext };
  },
});
