import { addScaled, defineOptimizer, norm, range, setting, zerosLike } from '@pappus/core';
import { trustRatio } from './trust-ratio.js';

/**
 * LARS: momentum whose rate is, for each parameter by itself, in proportion to the parameter's norm over the gradient's.
 *
 * ```text
 * rate = learningRate trustCoefficient |param| / (|g| + weightDecay |param| + epsilon)
 * v <- momentum v + rate (g + weightDecay param)
 * param <- param - v        nesterov: param - momentum v - rate (g + weightDecay param)
 * ```
 *
 * Options: `learningRate` 1, which multiplies the paper's `trustCoefficient` 0.001; `momentum` 0.9, the paper's; `weightDecay` 0 (the paper
 * trains with 0.0005); `epsilon` 0. The norms are over all elements of a parameter, and where one is 0 the ratio, with its coefficient,
 * counts as 1. Optax divides by the norm of the sum, |g + weightDecay param|, which is `divisor: 'normOfSum'`. Biases are usually left
 * out: `trust: ({ param }) => (param.rank > 1 ? 1 : 0)`, and the same for `weightDecay`.
 *
 * Source: You, Gitman & Ginsburg (2017), "Large batch training of convolutional networks", arXiv:1708.03888, algorithm 1.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: lars(loss, params, { learningRate: 2, weightDecay: 5e-4 }) }, await cpu());
 */
export const lars = defineOptimizer({
  name: 'lars',
  defaults: {
    /** The global rate, at least 0, which the trust coefficient makes small. Default 1. */
    learningRate: 1,
    /** The part of the velocity that stays in a step, in [0, 1). Default 0.9, the paper's. */
    momentum: 0.9,
    /** The part of the parameter that is added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** The length of a step as a part of the parameter's norm, where the rate is 1, at least 0. Default 0.001, the paper's. */
    trustCoefficient: 1e-3,
    /** Added to the norms that divide, at least 0. Default 0, as in the paper and in Optax. */
    epsilon: 0,
    /** 1, or 0 for parameters whose rate is the global one, as a function of `param`. Default 1. */
    trust: 1,
  },
  ranges: {
    learningRate: range.nonNegative,
    momentum: range.decayRate,
    weightDecay: range.nonNegative,
    trustCoefficient: range.nonNegative,
    epsilon: range.nonNegative,
    trust: { min: 0, max: 1 },
  },
  settings: {
    /** What divides: the paper's sum of two norms, or Optax's norm of the sum of gradient and decay. Default `'sumOfNorms'`. */
    divisor: setting.oneOf('sumOfNorms', 'normOfSum'),
    /** Look ahead along the velocity. Default false. */
    nesterov: setting.flag(false),
  },
  state: (param) => ({ v: zerosLike(param) }),
  update({ param, grad, v, learningRate, momentum, weightDecay, trustCoefficient, epsilon, trust, divisor, nesterov }) {
    const decayed = addScaled(grad, weightDecay, param);
    const length = norm(param);
    const divides = divisor === 'normOfSum' ? norm(decayed) : addScaled(norm(grad), weightDecay, length);
    const ratio = trustCoefficient.mul(length).div(divides.add(epsilon));
    const step = learningRate.mul(trustRatio({ param: length, step: divides }, ratio, trust)).mul(decayed);
    const vNext = momentum.mul(v).add(step);
    return { param: param.sub(nesterov ? momentum.mul(vNext).add(step) : vNext), v: vNext };
  },
});
