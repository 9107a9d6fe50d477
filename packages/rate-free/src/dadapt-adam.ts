import { addScaled, biasCorrection, defineOptimizer, range, setting, sqrt, sub, zerosLike } from '@pappus/core';
import { grownAtMost, ratio, total } from './totals.js';

/**
 * Adam with D-Adaptation: its rate is the distance d to the solution, which is estimated from below as it goes.
 *
 * ```text
 * L = d learningRate        (correctBias: times sqrt(1 - beta2^t) / (1 - beta1^t))        b = sqrt(beta2)
 * N <- b N + (1 - b) L <g, s / (sqrt(v) + epsilon)>        by s and v from before the step
 * m <- beta1 m + (1 - beta1) L g        v <- beta2 v + (1 - beta2) g^2        s <- b s + (1 - b) L g
 * x <- x - m / (sqrt(v) + epsilon)        d <- max(d, min(N / ((1 - b) |s|_1), growthRate d))
 * ```
 *
 * Sums go over all parameters, which share d. Where all gradients have been 0, d stays. In float32 d, a quotient of sums, is kept to about 1e-6;
 * the first steps, of the size of d0, are below the rounding of parameters near 1, but s and m do not depend on that.
 * With `decay: 'coupled'`, the authors' default, weightDecay x is added to the gradient g; with `'decoupled'` L weightDecay x is taken off the parameter.
 *
 * Defaults are those of the authors' code, github.com/facebookresearch/dadaptation, which this follows. Optax's
 * `dadapt_adamw` is `{ decay: 'decoupled', correctBias: true }`.
 *
 * Source: Defazio & Mishchenko (2023), "Learning-rate-free learning by D-Adaptation", arXiv:2301.07733.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dAdaptAdam(loss, [w, b], { decay: 'decoupled', weightDecay: 0.01 }) }, await cpu());
 */
export const dAdaptAdam = defineOptimizer({
  name: 'dAdaptAdam',
  defaults: {
    /** Times the estimated rate, at least 0: 1, or a schedule that ends at 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the root that divides, above 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** Weight decay, at least 0. Default 0. */
    weightDecay: 0,
    /** The first estimate d0 of the distance, above 0 and below what it is. Default 1e-6, the authors'; it hardly matters. */
    initialDistance: 1e-6,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.positive, weightDecay: range.nonNegative,
    initialDistance: range.positive,
  },
  optional: {
    /** How many times d may grow in a step, at least 0; 1.02 makes a warm-up. Default: no bound, the authors'. */
    growthRate: range.bound,
  },
  settings: {
    /** `'coupled'`, the authors' default: added to the gradient. `'decoupled'`: the parameter shrinks apart from it. */
    decay: setting.oneOf('coupled', 'decoupled'),
    /** Correct the bias of the means, as Adam does. Default false, the authors'. */
    correctBias: setting.flag(false),
  },
  shared: (_, { initialDistance }) => ({ d: initialDistance, numerator: 0 }),
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param), s: zerosLike(param) }),
  updateAll({ each, t, d, numerator, learningRate, beta1, beta2, growthRate, decay, correctBias }) {
    const rate = d.mul(correctBias ? learningRate.mul(sqrt(biasCorrection(beta2, t))).div(biasCorrection(beta1, t)) : learningRate);
    const root = sqrt(beta2);
    const seen = each.map((one) => {
      const g = decay === 'coupled' ? addScaled(one.grad, one.weightDecay, one.param) : one.grad;
      const step = rate.cast(one.param.dtype).mul(g);
      const own = sqrt(one.beta2);
      return { one, g, step, agreement: g.mul(one.s).div(one.v.sqrt().add(one.epsilon)), s: own.mul(one.s).add(sub(1, own).mul(step)) };
    });
    const numeratorNext = root.mul(numerator).add(sub(1, root).mul(rate).mul(total(seen.map(({ agreement }) => agreement), d)));
    const size = total(seen.map(({ s }) => s.abs()), d);
    const estimate = ratio(numeratorNext, sub(1, root).mul(size), d);
    return {
      each: seen.map(({ one: { param, m, v, ...one }, g, step, s }) => {
        const mNext = one.beta1.mul(m).add(sub(1, one.beta1).mul(step));
        const vNext = one.beta2.mul(v).add(sub(1, one.beta2).mul(g.square()));
        const change = mNext.div(vNext.sqrt().add(one.epsilon));
        const shrunk = decay === 'decoupled' ? addScaled(change, one.weightDecay, rate.cast(param.dtype).mul(param)) : change;
        return { param: param.sub(shrunk), m: mNext, v: vNext, s };
      }),
      d: d.maximum(grownAtMost(estimate, d, growthRate)),
      numerator: numeratorNext,
    };
  },
});
