import { addScaled, defineOptimizer, range, sign, sub, sqrt, zerosLike } from '@pappus/core';
import { ratio, total } from './totals.js';

/**
 * Lion with D-Adaptation: its rate is the distance d to the solution, which is estimated from below as it goes.
 *
 * ```text
 * L = d learningRate        b = sqrt(beta2)        u = sign(beta1 m + (1 - beta1) g)
 * x <- x - L (u + weightDecay x)        m <- beta2 m + (1 - beta2) L g
 * N <- b N + (1 - b) L <u, s>, by s from before the step        s <- b s + (1 - b) L u        d <- max(d, N / ((1 - b) |s|_1))
 * ```
 *
 * The mean m carries L while g beside it does not, as in the authors' code: while d is small u is nearly the sign of the gradient.
 * Sums go over all parameters, which share d. Where all gradients have been 0, d stays. In float32 d, a quotient of sums, is kept to about 1e-6;
 * the first steps, of the size of d0, are below the rounding of parameters near 1, but s and m do not depend on that.
 *
 * Defaults are those of the authors' code, github.com/facebookresearch/dadaptation, which this follows. They call
 * this rule experimental. Its parameters move in steps of one size, so that an estimate that rounds otherwise can turn a sign.
 *
 * Source: Defazio & Mishchenko (2023), "Learning-rate-free learning by D-Adaptation", arXiv:2301.07733.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dAdaptLion(loss, [w, b]) }, await cpu());
 */
export const dAdaptLion = defineOptimizer({
  name: 'dAdaptLion',
  defaults: {
    /** Times the estimated rate, at least 0: 1, or a schedule that ends at 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the mean in what the sign is taken of, in [0, 1). Default 0.9, Lion's. */
    beta1: 0.9,
    /** The part of the mean `m` that stays in a step, in [0, 1). Default 0.99, Lion's. */
    beta2: 0.99,
    /** Decoupled weight decay, at least 0. Default 0. */
    weightDecay: 0,
    /** The first estimate d0 of the distance, above 0 and below what it is. Default 1e-6, the authors'; it hardly matters. */
    initialDistance: 1e-6,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, weightDecay: range.nonNegative, initialDistance: range.positive },
  shared: (_, { initialDistance }) => ({ d: initialDistance, numerator: 0 }),
  state: (param) => ({ m: zerosLike(param), s: zerosLike(param) }),
  updateAll({ each, d, numerator, learningRate, beta2 }) {
    const rate = d.mul(learningRate);
    const root = sqrt(beta2);
    const seen = each.map((one) => {
      const u = sign(one.beta1.mul(one.m).add(sub(1, one.beta1).mul(one.grad)));
      const own = sqrt(one.beta2);
      return { one, u, s: own.mul(one.s).add(sub(1, own).mul(rate.cast(one.param.dtype)).mul(u)) };
    });
    const numeratorNext = root.mul(numerator).add(sub(1, root).mul(rate).mul(total(seen.map(({ one, u }) => u.mul(one.s)), d)));
    const size = total(seen.map(({ s }) => s.abs()), d);
    return {
      each: seen.map(({ one: { param, grad, m, ...one }, u, s }) => {
        const own = rate.cast(param.dtype);
        return { param: param.sub(own.mul(addScaled(u, one.weightDecay, param))), m: one.beta2.mul(m).add(sub(1, one.beta2).mul(own).mul(grad)), s };
      }),
      d: d.maximum(ratio(numeratorNext, sub(1, root).mul(size), d)),
      numerator: numeratorNext,
    };
  },
});
