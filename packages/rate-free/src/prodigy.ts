import { addScaled, biasCorrection, defineOptimizer, type Expr, range, setting, sqrt, sub, type Variable, zeros, zerosLike } from '@pappus/core';
import { grownAtMost, ratio, total } from './totals.js';

/**
 * Prodigy: Adam whose rate is the distance d to the solution, which it estimates from below as it goes: how far gradients agree with the way
 * that has been made, over the size of their sum. Nothing is to be tuned; a schedule goes from 1 to 0.
 *
 * ```text
 * L = d learningRate        (correctBias: times sqrt(1 - beta2^t) / (1 - beta1^t))
 * N <- beta3 N + d / d0 L <g, x0 - x>            s <- beta3 s + d / d0 L g        (safeguardWarmup: d in the place of L)
 * m <- beta1 m + (1 - beta1) d g                  v <- beta2 v + (1 - beta2) d^2 g^2
 * estimate = distanceFactor N / |s|_1            dMax <- max(dMax, estimate)
 * d' = min(dMax, growthRate d), where before the first growth max(d, estimate) stands for d
 * x <- x - L weightDecay x - L m / (sqrt(v) + d' epsilon)            d <- d'
 * ```
 *
 * Sums go over all parameters, which share d, dMax and N. Where all gradients have been 0, d stays. With `decay: 'coupled'`
 * weightDecay x is added to the gradient g instead. The authors' code skips a step altogether where the rate is 0; here its means and sums go on.
 *
 * In float32 the first steps, of the size of d0, are hardly above the rounding of parameters near 1, and <g, x0 - x> is then rough until d
 * has grown by some 10 times; d itself, a quotient of sums, is kept to 6e-8.
 *
 * Defaults are those of the authors' code, github.com/konstmish/prodigy. Optax's `prodigy` corrects the bias (`correctBias`).
 *
 * Source: Mishchenko & Defazio (2023), "Prodigy: an expeditiously adaptive parameter-free learner", arXiv:2306.06101.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: prodigy(loss, [w, b], { weightDecay: 0.01, correctBias: true }) }, await cpu());
 */
export const prodigy = defineOptimizer({
  name: 'prodigy',
  defaults: {
    /** Times the estimated rate, at least 0: 1, or a schedule that ends at 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Times d, added to the root that divides, above 0. Default 1e-8, the paper's. */
    epsilon: 1e-8,
    /** Weight decay, at least 0. Default 0. */
    weightDecay: 0,
    /** The first estimate d0 of the distance, above 0 and below what it is. Default 1e-6, the paper's; it hardly matters. */
    initialDistance: 1e-6,
    /** Times the estimate, above 0: what to tune if anything, from 0.5 to 2. Default 1, the authors' `d_coef`. */
    distanceFactor: 1,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.positive, weightDecay: range.nonNegative,
    initialDistance: range.positive, distanceFactor: range.positive,
  },
  optional: {
    /** The part of the sums `N` and `s` that stays in a step, in [0, 1). Default: the root of `beta2`. */
    beta3: range.decayRate,
    /** How many times d may grow in a step, at least 0; 1.02 makes a warm-up. Default: no bound, the authors'. */
    growthRate: range.bound,
  },
  settings: {
    /** `'decoupled'`, the authors' default: the parameter shrinks apart from the gradient. `'coupled'`: it is added to the gradient. */
    decay: setting.oneOf('decoupled', 'coupled'),
    /** Correct the bias of the means, as Adam does. Default false, the authors'. */
    correctBias: setting.flag(false),
    /** Leave the learning rate out of the sum that divides the estimate, for a warm-up of it. Default false, the authors'. */
    safeguardWarmup: setting.flag(false),
    /** Sum every how manieth element only for the estimate, which saves memory; the authors' `slice_p`, who suggest 11. Default 1: all. */
    sumEvery: setting.wholeNumber(1, { min: 1 }),
  },
  shared: (_, { initialDistance }) => ({ d: initialDistance, dMax: initialDistance, first: initialDistance, numerator: 0 }),
  state: (param, { sumEvery }) => ({
    m: zerosLike(param),
    v: zerosLike(param),
    s: sumEvery === 1 ? zerosLike(param) : zeros([Math.ceil(size(param) / sumEvery)], { dtype: param.dtype }),
    x0: some(param, sumEvery),
  }),
  updateAll({ each, t, d, dMax, first, numerator, learningRate, beta1, beta2, beta3 = sqrt(beta2), distanceFactor, growthRate, decay, correctBias, safeguardWarmup, sumEvery }) {
    const rate = d.mul(correctBias ? learningRate.mul(sqrt(biasCorrection(beta2, t))).div(biasCorrection(beta1, t)) : learningRate);
    const weight = d.div(first).mul(safeguardWarmup ? d : rate);
    const seen = each.map((one) => {
      const g = decay === 'coupled' ? addScaled(one.grad, one.weightDecay, one.param) : one.grad;
      const part = some(g, sumEvery);
      const { beta3: own = sqrt(one.beta2) } = one;
      return { one, g, agreement: part.mul(one.x0.sub(some(one.param, sumEvery))), s: own.mul(one.s).add(weight.cast(one.param.dtype).mul(part)) };
    });
    const numeratorNext = beta3.mul(numerator).add(d.div(first).mul(rate).mul(total(seen.map(({ agreement }) => agreement), d)));
    const size1 = total(seen.map(({ s }) => s.abs()), d);
    const estimate = ratio(distanceFactor.mul(numeratorNext), size1, d);
    const dMaxNext = dMax.maximum(estimate);
    const before = d.eq(first).where(d.maximum(estimate), d);
    const dNext = grownAtMost(dMaxNext, before, growthRate);
    return {
      each: seen.map(({ one: { param, m, v, d: own, ...one }, g, s }) => {
        const mNext = one.beta1.mul(m).add(sub(1, one.beta1).mul(own).mul(g));
        const vNext = one.beta2.mul(v).add(sub(1, one.beta2).mul(own.mul(g).square()));
        const ownRate = rate.cast(param.dtype);
        const direction = mNext.div(vNext.sqrt().add(dNext.cast(param.dtype).mul(one.epsilon)));
        const decayed = decay === 'decoupled' ? addScaled(direction, one.weightDecay, param) : direction;
        return { param: param.sub(ownRate.mul(decayed)), m: mNext, v: vNext, s, x0: one.x0 };
      }),
      d: dNext,
      dMax: dMaxNext,
      first,
      numerator: numeratorNext,
    };
  },
});

function size(param: Variable): number {
  return param.shape.reduce((product, length) => product * length, 1);
}

/** Every how manieth element, in a row; all in their shape where it is 1. */
function some(tensor: Expr, every: number): Expr {
  return every === 1 ? tensor : tensor.reshape([-1]).slice([null, null, every]);
}
