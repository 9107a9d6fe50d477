import { addScaled, biasCorrection, defineOptimizer, div, exp, type Expr, log, minimum, range, sqrt, sub, where, zerosLike } from '@pappus/core';

/**
 * AdEMAMix: Adam with a second mean of gradients, so slow that gradients of ten thousands of steps ago count, beside the fast one.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        slow <- beta3_t slow + (1 - beta3_t) g        v <- beta2 v + (1 - beta2) g^2
 * step = (m / (1 - beta1^t) + alpha_t slow) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * param <- param - learningRate (step + weightDecay param)
 * alpha_t = alpha min(1, t / alphaWarmup)        beta3_t: from beta1 to beta3, its half-life growing linearly, until t = beta3Warmup
 * ```
 *
 * Options: `learningRate` 1e-3, `beta1` 0.9, `beta2` 0.999, `beta3` 0.9999 in [0, 1), `alpha` 5 (the paper's 5 to 10; 2 in the authors'
 * class), `epsilon` 1e-8, `weightDecay` 0. The slow mean's bias is not corrected. The paper warms up over the whole of training, and
 * recommends both: early, the slow mean makes it diverge. Here there is none unless it is given, as in the authors' class and Optax. To the
 * betas of the warm-up 1e-8 is added, as in that class: so `beta1: 0` has a half-life. Other schedules are functions: `alpha: ({ t }) => ...`.
 *
 * Source: Pagliardini, Ablin & Grangier (2024), "The AdEMAMix optimizer: better, faster, older", arXiv:2409.03137.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = ademamix(loss, params, { learningRate: 1e-3, weightDecay: 0.1, alphaWarmup: 20_000, beta3Warmup: 20_000 });
 */
export const ademamix = defineOptimizer({
  name: 'ademamix',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the authors'. */
    learningRate: 1e-3,
    /** The part of the fast mean `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** The part of the slow mean that stays in a step, in [0, 1). Default 0.9999, the paper's. */
    beta3: 0.9999,
    /** The weight of the slow mean beside the fast one, at least 0. Default 5, the paper's and Optax's. */
    alpha: 5,
    /** Added to the root that divides, at least 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0, the paper's and Optax's (`eps_root`). */
    epsilonRoot: 0,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  optional: {
    /** The number of steps in which the weight of the slow mean grows from 0 to `alpha`, above 0. Default: no warm-up. */
    alphaWarmup: range.positive,
    /** The number of steps in which the slow mean's part grows from `beta1` to `beta3`, above 0. Default: no warm-up. */
    beta3Warmup: range.positive,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, beta3: range.decayRate, alpha: range.nonNegative,
    epsilon: range.nonNegative, epsilonRoot: range.nonNegative, weightDecay: range.nonNegative,
  },
  state: (param) => ({ m: zerosLike(param), slow: zerosLike(param), v: zerosLike(param) }),
  update({ param, grad, m, slow, v, t, learningRate, beta1, beta2, beta3, alpha, epsilon, epsilonRoot, weightDecay, alphaWarmup, beta3Warmup }) {
    const weight = alphaWarmup === undefined ? alpha : alpha.mul(minimum(1, t.div(alphaWarmup)));
    const kept = beta3Warmup === undefined ? beta3 : where(t.lt(beta3Warmup), betweenHalfLives(beta1, beta3, t.div(beta3Warmup)), beta3);
    const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
    const slowNext = kept.mul(slow).add(sub(1, kept).mul(grad));
    const vNext = beta2.mul(v).add(sub(1, beta2).mul(grad.square()));
    const root = sqrt(vNext.mul(div(1, biasCorrection(beta2, t))).add(epsilonRoot)).add(epsilon);
    const step = mNext.mul(div(1, biasCorrection(beta1, t))).add(weight.mul(slowNext)).div(root);
    return { param: param.sub(learningRate.mul(addScaled(step, weightDecay, param))), m: mNext, slow: slowNext, v: vNext };
  },
});

/** The beta whose half-life, `log(1/2) / log(beta)`, is a share of the way from that of one to that of another. */
function betweenHalfLives(from: Expr, to: Expr, share: Expr): Expr {
  const [first, last] = [log(from.add(1e-8)), log(to.add(1e-8))];
  return exp(div(1, sub(1, share).div(first).add(share.div(last))));
}
