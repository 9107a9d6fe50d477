import { add, addScaled, biasCorrection, defineOptimizer, div, minimum, range, setting, sqrt, sub, where, zerosLike } from '@pappus/core';

/**
 * Adan: Adam with Nesterov's momentum, whose look ahead is made of differences between gradients that follow each other.
 *
 * ```text
 * d = g - previous, 0 in the first step         m <- beta1 m + (1 - beta1) g        w <- beta2 w + (1 - beta2) d
 * v <- beta3 v + (1 - beta3) (g + beta2 d)^2    step = (m / (1 - beta1^t) + beta2 w / (1 - beta2^t)) / (sqrt(v / (1 - beta3^t)) + epsilon)
 * param <- (param - learningRate step) / (1 + learningRate weightDecay)
 * ```
 *
 * Options, with the defaults of the authors' code: `learningRate` 1e-3, `beta1` 0.98, `beta2` 0.92 and `beta3` 0.99 in [0, 1), `epsilon`
 * 1e-8. A beta is the part that stays in a step, as in that code and all rules here; the paper writes what is new in it, 1 - beta. The paper
 * corrects no bias, the code does, and so does this. The paper's decay is the proximal one above; the code's `no_prox`, and Optax, take
 * `learningRate weightDecay param` off: `decay: 'decoupled'`. Optax adds 1e-8 inside of the root, too, `epsilonRoot`,
 * and weighs differences by `1 - beta2`: the paper's formula, but of a beta that is the part that stays. The paper's restarts are not here.
 *
 * Source: Xie, Zhou, Li, Lin & Yan (2022), "Adan: adaptive Nesterov momentum algorithm for faster optimizing deep models", arXiv:2208.06677.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = adan(loss, params, { learningRate: 1e-3, weightDecay: 0.02, maxGradNorm: 1 });
 */
export const adan = defineOptimizer({
  name: 'adan',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1e-3, the authors'. */
    learningRate: 1e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.98, the paper's 1 - 0.02. */
    beta1: 0.98,
    /** The part of the mean of differences `w` that stays in a step, in [0, 1). Default 0.92, the paper's 1 - 0.08. */
    beta2: 0.92,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.99, the paper's 1 - 0.01. */
    beta3: 0.99,
    /** Added to the root that divides, at least 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** Added to the second moment inside of that root, at least 0. Default 0; Optax's `eps_root` is 1e-8. */
    epsilonRoot: 0,
    /** How much of the parameter is taken from it in a step, times the learning rate, at least 0. Default 0, the authors'. */
    weightDecay: 0,
  },
  optional: {
    /** The largest norm of all gradients together, above which they are scaled down to it: times `min(1, maxGradNorm / (norm + epsilon))`. Default: none. */
    maxGradNorm: range.bound,
    /** The weight of differences beside gradients, in `v` and in the step. Default `beta2`, the paper's; Optax has `1 - beta2`. */
    differenceWeight: range.nonNegative,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, beta3: range.decayRate, epsilon: range.nonNegative,
    epsilonRoot: range.nonNegative, weightDecay: range.nonNegative,
  },
  settings: {
    /** Whether a decayed parameter is divided by `1 + learningRate weightDecay`, or loses its part as in AdamW. Default `proximal`, the paper's. */
    decay: setting.oneOf('proximal', 'decoupled'),
  },
  state: (param) => ({ m: zerosLike(param), w: zerosLike(param), v: zerosLike(param), previous: zerosLike(param) }),
  updateAll(all) {
    const { each, maxGradNorm } = all;
    // Norms of parameters of several dtypes meet in the widest, which is that of the shared scalars.
    const factor = maxGradNorm === undefined ? undefined : minimum(1, maxGradNorm.div(sqrt(each.map(({ grad }) => grad.square().sum().cast(maxGradNorm.dtype)).reduce((sum, part) => sum.add(part))).add(all.epsilon)));
    return {
      each: each.map((context) => {
        const { param, m, w, v, previous, t, learningRate, beta1, beta2, beta3, epsilon, epsilonRoot, weightDecay, decay } = context;
        const weight = context.differenceWeight ?? beta2;
        const grad = factor === undefined ? context.grad : context.grad.mul(factor.cast(param.dtype));
        const difference = where(t.eq(1), 0, grad.sub(previous));
        const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
        const wNext = beta2.mul(w).add(sub(1, beta2).mul(difference));
        const vNext = beta3.mul(v).add(sub(1, beta3).mul(grad.add(weight.mul(difference)).square()));
        const ahead = mNext.mul(div(1, biasCorrection(beta1, t))).add(wNext.mul(weight.div(biasCorrection(beta2, t))));
        const step = ahead.div(sqrt(vNext.mul(div(1, biasCorrection(beta3, t))).add(epsilonRoot)).add(epsilon));
        const next = decay === 'decoupled'
          ? param.sub(learningRate.mul(addScaled(step, weightDecay, param)))
          : param.sub(learningRate.mul(step)).mul(div(1, add(1, learningRate.mul(weightDecay))));
        return { param: next, m: mNext, w: wNext, v: vNext, previous: grad };
      }),
    };
  },
});
