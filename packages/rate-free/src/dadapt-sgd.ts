import { addScaled, defineOptimizer, range, sub, zerosLike } from '@pappus/core';
import { grownAtMost, ratio, total } from './totals.js';

/**
 * SGD with D-Adaptation: the rate is the distance d to the solution, which is estimated from below as it goes, over the norm of the first gradient.
 *
 * ```text
 * g0 = |first gradient|      g = grad + weightDecay x      L = d learningRate / g0
 * N <- N + L <g, s>          s <- s + L g                  d <- max(d, min(2 N / |s|, growthRate d))
 * x <- momentum x + (1 - momentum) (x0 - s)
 * ```
 *
 * Sums go over all parameters, which share d. Where all gradients have been 0, d stays. In float32 d, a quotient of sums, is kept to about 1e-6;
 * the first steps, of the size of d0, are below the rounding of parameters near 1, but they stay in s, from which the parameter is made anew.
 * The first gradient is the first that is not 0, and without the decay, as in the authors' code. The d that a step finds serves from the next one on.
 *
 * Defaults are those of the authors' code, github.com/facebookresearch/dadaptation, which this follows.
 *
 * Source: Defazio & Mishchenko (2023), "Learning-rate-free learning by D-Adaptation", arXiv:2301.07733.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dAdaptSgd(loss, [w, b], { momentum: 0.9 }) }, await cpu());
 */
export const dAdaptSgd = defineOptimizer({
  name: 'dAdaptSgd',
  defaults: {
    /** Times the estimated rate, at least 0: 1, or a schedule that ends at 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the parameter that stays in a step, in [0, 1): an average of the iterates, which acts as momentum. Default 0, the authors'. */
    momentum: 0,
    /** Times the parameter, added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** The first estimate d0 of the distance, above 0 and below what it is. Default 1e-6, the authors'; it hardly matters. */
    initialDistance: 1e-6,
  },
  ranges: { learningRate: range.nonNegative, momentum: range.decayRate, weightDecay: range.nonNegative, initialDistance: range.positive },
  optional: {
    /** How many times d may grow in a step, at least 0; 1.02 makes a warm-up. Default: no bound, the authors'. */
    growthRate: range.bound,
  },
  shared: (_, { initialDistance }) => ({ d: initialDistance, firstNorm: 0, numerator: 0 }),
  state: (param) => ({ s: zerosLike(param), x0: param }),
  updateAll({ each, d, firstNorm, numerator, learningRate, growthRate }) {
    const norm = firstNorm.eq(0).where(total(each.map(({ grad }) => grad.square()), d).sqrt(), firstNorm);
    const rate = ratio(d.mul(learningRate), norm, d.mul(0));
    const seen = each.map((one) => {
      const g = addScaled(one.grad, one.weightDecay, one.param);
      return { one, agreement: g.mul(one.s), s: one.s.add(rate.cast(one.param.dtype).mul(g)) };
    });
    const numeratorNext = numerator.add(rate.mul(total(seen.map(({ agreement }) => agreement), d)));
    const length = total(seen.map(({ s }) => s.square()), d).sqrt();
    const estimate = ratio(numeratorNext.mul(2), length, d);
    return {
      each: seen.map(({ one: { param, x0, momentum }, s }) => ({ param: momentum.mul(param).add(sub(1, momentum).mul(x0.sub(s))), s, x0 })),
      d: d.maximum(grownAtMost(estimate, d, growthRate)),
      firstNorm: norm,
      numerator: numeratorNext,
    };
  },
});
