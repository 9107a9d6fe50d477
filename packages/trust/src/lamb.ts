import { addScaled, biasCorrection, defineOptimizer, norm, range, setting, sub, zerosLike } from '@pappus/core';
import { trustRatio } from './trust-ratio.js';

/**
 * LAMB: a step of Adam, with weight decay in it, made as long as the parameter's norm times the rate, for large batches.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay param
 * param <- param - learningRate |param| / |u| * u        the norms are over all elements of the parameter
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-6, `weightDecay` 0 (the
 * paper trains BERT with 0.01). Where a norm is 0 the ratio is 1, as in the authors' code and in Optax. `minNorm` is the lower bound of the
 * paper's phi; there is no upper one. Biases and norms are usually left out: `trust: ({ param }) => (param.rank > 1 ? 1 : 0)`, and the same
 * for `weightDecay`. Code that leaves out the correction of biases (NVIDIA's, pytorch_optimizer's) is `correctBias: false`.
 *
 * Source: You, Li, Reddi et al. (2019), "Large batch optimization for deep learning: training BERT in 76 minutes", arXiv:1904.00962,
 * algorithm 2.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: lamb(loss, params, { learningRate: 2e-3, weightDecay: 0.01 }) }, await cpu());
 */
export const lamb = defineOptimizer({
  name: 'lamb',
  defaults: {
    /** The norm of a step as a part of the parameter's, at least 0. Default 1e-3. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-6, the paper's. */
    epsilon: 1e-6,
    /** Added under the root, at least 0: Optax's `eps_root`. Default 0. */
    epsilonRoot: 0,
    /** The part of the parameter that is added to Adam's step, before its norm is taken, at least 0. Default 0. */
    weightDecay: 0,
    /** What norms count as where they are less, at least 0. Default 0. */
    minNorm: 0,
    /** 1, or 0 for parameters whose step is not made proportional to their norm, as a function of `param`. Default 1. */
    trust: 1,
  },
  ranges: {
    learningRate: range.nonNegative,
    beta1: range.decayRate,
    beta2: range.decayRate,
    epsilon: range.nonNegative,
    epsilonRoot: range.nonNegative,
    weightDecay: range.nonNegative,
    minNorm: range.nonNegative,
    trust: { min: 0, max: 1 },
  },
  settings: {
    /** Whether the means are divided by what they have of a whole one. Default true, the paper's. */
    correctBias: setting.flag(true),
  },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon, epsilonRoot, weightDecay, minNorm, trust, correctBias }) {
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(grad.square()));
    const mean = correctBias ? mNext.div(biasCorrection(beta1, t)) : mNext;
    const square = correctBias ? vNext.div(biasCorrection(beta2, t)) : vNext;
    const step = addScaled(mean.div(square.add(epsilonRoot).sqrt().add(epsilon)), weightDecay, param);
    const norms = { param: norm(param).maximum(minNorm), step: norm(step).maximum(minNorm) };
    const rate = learningRate.mul(trustRatio(norms, norms.param.div(norms.step), trust));
    return { param: param.sub(rate.mul(step)), m: mNext, v: vNext };
  },
});
