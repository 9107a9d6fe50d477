import { addScaled, defineOptimizer, range, sign } from '@pappus/core';

/**
 * Sign descent: every element moves by the learning rate against its gradient, however large that is; it rests where the gradient is 0.
 *
 * ```text
 * param <- param - learningRate (sign(g) + weightDecay param)
 * ```
 *
 * Options: `learningRate` 1e-3, as in kozistr's pytorch_optimizer (Optax has no default), `weightDecay` 0.
 *
 * Source: Bernstein, Wang, Azizzadenesheli & Anandkumar (2018), "signSGD: compressed optimisation for non-convex problems", arXiv:1802.04434.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = signSgd(loss, params, { learningRate: 1e-3 });
 */
export const signSgd = defineOptimizer({
  name: 'signSgd',
  defaults: {
    /** By how much every element moves in a step, at least 0. Default 1e-3, pytorch_optimizer's. */
    learningRate: 1e-3,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, weightDecay: range.nonNegative },
  update: ({ param, grad, learningRate, weightDecay }) => ({ param: param.sub(learningRate.mul(addScaled(sign(grad), weightDecay, param))) }),
});
