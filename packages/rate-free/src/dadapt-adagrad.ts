import { addScaled, defineOptimizer, range, sub, zerosLike } from '@pappus/core';
import { grownAtMost, ratio, total } from './totals.js';

/**
 * Adagrad with D-Adaptation: its rate is the distance d to the solution, which is estimated from below as it goes.
 *
 * ```text
 * g = grad + weightDecay x        L = d learningRate        a <- a + g^2, from 1e-6        s <- s + L g
 * G <- G + L^2 sum(g^2 / (sqrt(a) + epsilon))
 * d <- max(d, min((sum(s^2 / (sqrt(a) + epsilon)) - G) / |s|_1, growthRate d))
 * x <- momentum x + (1 - momentum) (x0 - s / (sqrt(a) + epsilon))
 * ```
 *
 * Sums go over all parameters, which share d. Where all gradients have been 0, d stays. In float32 d, a quotient of sums, is kept to about 1e-6;
 * the first steps, of the size of d0, are below the rounding of parameters near 1, but they stay in s, from which the parameter is made anew.
 * The estimate is a difference of two sums and loses digits where gradients hardly agree. The authors advise `dAdaptAdam` or `dAdaptSgd` instead,
 * which find the rate sooner; they add up the changes of the sums over s, which is the sum itself.
 *
 * Defaults are those of the authors' code, github.com/facebookresearch/dadaptation, which this follows. Where their
 * documentation and their code have different epsilons, 1e-6 is the documented one.
 *
 * Source: Defazio & Mishchenko (2023), "Learning-rate-free learning by D-Adaptation", arXiv:2301.07733.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dAdaptAdagrad(loss, [w, b]) }, await cpu());
 */
export const dAdaptAdagrad = defineOptimizer({
  name: 'dAdaptAdagrad',
  defaults: {
    /** Times the estimated rate, at least 0: 1, or a schedule that ends at 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the parameter that stays in a step, in [0, 1): an average of the iterates, which acts as momentum. Default 0, the authors'. */
    momentum: 0,
    /** Times the parameter, added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** Added to the root that divides, at least 0. Default 1e-6, the authors'. */
    epsilon: 1e-6,
    /** Where the sum of squares of each element begins, above 0. Default 1e-6, the authors'. */
    initialAccumulator: 1e-6,
    /** The first estimate d0 of the distance, above 0 and below what it is. Default 1e-6, the authors'; it hardly matters. */
    initialDistance: 1e-6,
  },
  ranges: {
    learningRate: range.nonNegative, momentum: range.decayRate, weightDecay: range.nonNegative, epsilon: range.nonNegative,
    initialAccumulator: range.positive, initialDistance: range.positive,
  },
  optional: {
    /** How many times d may grow in a step, at least 0; 1.02 makes a warm-up. Default: no bound, the authors'. */
    growthRate: range.bound,
  },
  shared: (_, { initialDistance }) => ({ d: initialDistance, weighted: 0 }),
  state: (param, { initialAccumulator }) => ({ accumulator: zerosLike(param).add(initialAccumulator), s: zerosLike(param), x0: param }),
  updateAll({ each, d, weighted, learningRate, growthRate }) {
    const rate = d.mul(learningRate);
    const seen = each.map((one) => {
      const g = addScaled(one.grad, one.weightDecay, one.param);
      const accumulator = one.accumulator.add(g.square());
      const root = accumulator.sqrt().add(one.epsilon);
      return { one, g, accumulator, root, s: one.s.add(rate.cast(one.param.dtype).mul(g)) };
    });
    const weightedNext = weighted.add(rate.square().mul(total(seen.map(({ g, root }) => g.square().div(root)), d)));
    const sum = total(seen.map(({ s, root }) => s.square().div(root)), d);
    const size = total(seen.map(({ s }) => s.abs()), d);
    const estimate = ratio(sum.sub(weightedNext), size, d);
    return {
      each: seen.map(({ one: { param, x0, momentum }, accumulator, root, s }) => ({ param: momentum.mul(param).add(sub(1, momentum).mul(x0.sub(s.div(root)))), accumulator, s, x0 })),
      d: d.maximum(grownAtMost(estimate, d, growthRate)),
      weighted: weightedNext,
    };
  },
});
