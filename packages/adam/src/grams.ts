import { addScaled, biasCorrection, defineOptimizer, div, range, setting, sqrt, sub, zerosLike } from '@pappus/core';

/**
 * Grams: the magnitude of Adam's step, and the sign of the gradient of now, so that momentum cannot carry an element uphill.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
 * step = sign(g) |m| / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * param <- param - learningRate (step + weightDecay param)
 * ```
 *
 * Options: `learningRate` 1e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1), `epsilon` 1e-6, the authors'. Their class adds epsilon to the root
 * that is not corrected, `epsilonPlace: 'uncorrected'`; the paper to the corrected one. An element whose gradient is 0 rests.
 *
 * Source: Cao, Li & Song (2024), "Grams: gradient descent with adaptive momentum scaling", arXiv:2412.17107.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = grams(loss, params, { learningRate: 1e-3, weightDecay: 0.1 });
 */
export const grams = defineOptimizer({
  name: 'grams',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the authors'. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-6, the authors'. */
    epsilon: 1e-6,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** Which root epsilon is added to: `corrected` of its bias, or `uncorrected` as in the authors' class. Default `corrected`, the paper's. */
    epsilonPlace: setting.oneOf('corrected', 'uncorrected'),
    /** Whether the biases of the means are corrected. Default true, the paper's. */
    correctBias: setting.flag(true),
  },
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, v, t, learningRate, beta1, beta2, epsilon, weightDecay, epsilonPlace, correctBias }) {
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(grad.square()));
    const size = grad.sign().mul(mNext.abs());
    // sqrt(v / c2) + epsilon = (sqrt(v) + sqrt(c2) epsilon) / sqrt(c2)
    const root = sqrt(biasCorrection(beta2, t));
    const added = correctBias && epsilonPlace === 'corrected' ? epsilon.mul(root) : epsilon;
    const step = size.div(sqrt(vNext).add(added));
    const corrected = correctBias ? root.mul(div(1, biasCorrection(beta1, t))).mul(step) : step;
    return { param: param.sub(learningRate.mul(addScaled(corrected, weightDecay, param))), m: mNext, v: vNext };
  },
});
