import { defineOptimizer, range, sqrt, sub, zerosLike } from '@pappus/core';

/**
 * Adam: steps along an exponential mean of the gradient, divided by the root of one of its square.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * param <- param - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-8.
 * This is the second form of section 2, as in Lasagne and Dandelion: epsilon is added to the root before the correction
 * of its bias. PyTorch adds it after.
 *
 * Source: Kingma & Ba (2014), "Adam: a method for stochastic optimization", arXiv:1412.6980.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adam(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const adam = defineOptimizer({
  name: 'adam',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the paper's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon }) {
    const rate = learningRate.mul(sqrt(sub(1, beta2.pow(t)))).div(sub(1, beta1.pow(t)));
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(grad.square()));
    return { param: param.sub(rate.mul(mNext).div(vNext.sqrt().add(epsilon))), m: mNext, v: vNext };
  },
});
