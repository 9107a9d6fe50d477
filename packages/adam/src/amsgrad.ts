import { defineOptimizer, maximum, range, sqrt, sub, zerosLike } from '@pappus/core';

/**
 * AMSGrad: Adam that divides by the largest second moment so far, so that the rate of an element never grows again.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2        vMax <- max(vMax, v)
 * param <- param - learningRate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(vMax) + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults, which are Adam's: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1),
 * `epsilon` 1e-8. The paper corrects no bias; Lasagne corrects it as Adam does, and so does this. The maximum is that of
 * `v` before the correction, as in PyTorch; Optax takes it after. Epsilon is added to the uncorrected root; in PyTorch to
 * the corrected one.
 *
 * Source: Reddi, Kale & Kumar (2018), "On the convergence of Adam and beyond", arXiv:1904.09237.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: amsgrad(loss, [w, b], { learningRate: 3e-4 }) }, await cpu());
 */
export const amsgrad = defineOptimizer({
  name: 'amsgrad',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, Adam's. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, Adam's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, Adam's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, Adam's. */
    epsilon: 1e-8,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param), vMax: zerosLike(param) }),
  update({ param, grad, m, v, vMax, t, learningRate, beta1, beta2, epsilon }) {
    const rate = learningRate.mul(sqrt(sub(1, beta2.pow(t)))).div(sub(1, beta1.pow(t)));
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(grad.square()));
    const largest = maximum(vMax, vNext);
    return { param: param.sub(rate.mul(mNext).div(largest.sqrt().add(epsilon))), m: mNext, v: vNext, vMax: largest };
  },
});
