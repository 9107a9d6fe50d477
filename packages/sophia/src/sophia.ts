import { addScaled, defineOptimizer, type Expr, range, scalar, setting, sub, where, zerosLike } from '@pappus/core';
import { hessianDiagonal } from './hutchinson.js';

/**
 * Sophia: a step along the mean of gradients, divided by a mean of the diagonal of the Hessian that is estimated now and then, and clipped.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g
 * every interval-th step: h <- beta2 h + (1 - beta2) u * H u        u random: Hutchinson's estimate of the diagonal of the Hessian H
 * param <- (1 - learningRate weightDecay) param - learningRate clip(m / max(gamma h, epsilon), -rho, rho)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 4e-4, `beta1` 0.96 and `beta2` 0.99 in [0, 1), `gamma` 0.01, `rho` 1, `epsilon` 1e-12,
 * `interval` 10, `weightDecay` 0 (the paper trains with 0.2). The Hessian is taken through the gradients, which must so depend on the
 * parameters: call it with the loss, or with `grad(loss, params)`. It costs about two further gradients, in every `interval`-th step, from
 * the first. Its vectors are normal, drawn from `seed` and the step; signs, as in Optax, are `vectors: 'signs'`.
 *
 * Diagonals that somebody else has, such as those of Gauss and Newton, are `hessian`, one for each parameter; `refresh` says in which steps
 * they, or the estimates, enter the mean. Where `h` is not above 0 every element moves by the rate times rho. pytorch_optimizer's `p` is
 * `rho` with a `gamma` of 1; the author's SophiaG has the same product in other letters: its `rho` times the batch is gamma. Optax corrects
 * the bias of `m`, and divides by the `h` of the step before.
 *
 * Source: Liu, Li, Hall, Liang & Ma (2023), "Sophia: a scalable stochastic second-order optimizer for language model pre-training",
 * arXiv:2305.14342, algorithms 1 and 3.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: sophia(loss, params, { learningRate: 3e-4, weightDecay: 0.2 }) }, await cpu());
 */
export const sophia = defineOptimizer({
  name: 'sophia',
  defaults: {
    /** The size of a clipped step in each element, where rho is 1, at least 0. Default 4e-4, of the paper's GPT-2 medium. */
    learningRate: 4e-4,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.96, the paper's. */
    beta1: 0.96,
    /** The part of the mean of Hessians `h` that stays where there is a new one, in [0, 1). Default 0.99, the paper's. */
    beta2: 0.99,
    /** Multiplies the Hessian: the less, the more is clipped; at least 0. Default 0.01, the paper's for Hutchinson's estimate. */
    gamma: 0.01,
    /** The most that an element moves, before the rate, at least 0. Default 1, the paper's. */
    rho: 1,
    /** The least that divides, above 0. Default 1e-12, the paper's. */
    epsilon: 1e-12,
    /** The part of the parameter that decays in a step, times the rate where it is decoupled, at least 0. Default 0. */
    weightDecay: 0,
  },
  optional: {
    /** Not 0 in steps whose Hessian enters the mean, such as `({ t }) => ...`, and 0 in others. Default: every `interval`-th, from the first. */
    refresh: range.finite,
  },
  ranges: {
    learningRate: range.nonNegative,
    beta1: range.decayRate,
    beta2: range.decayRate,
    gamma: range.nonNegative,
    rho: range.nonNegative,
    epsilon: range.positive,
    weightDecay: range.nonNegative,
  },
  settings: {
    /** How many steps there are from one estimate to the next. Default 10, the paper's. */
    interval: setting.wholeNumber(10, { min: 1 }),
    /** Diagonals of Hessians, one for each parameter, of its shape. Default: Hutchinson's estimate. */
    hessian: setting.perParameter,
    /** What random vectors are drawn from, beside the step. Default 0. */
    seed: setting.wholeNumber(0, { max: 2 ** 31 - 1 }),
    /** How many estimates the mean is taken of, each of the cost of two gradients. Default 1, the paper's. */
    samples: setting.wholeNumber(1, { min: 1, max: 100 }),
    /** The elements of random vectors: normal, or 1 and -1, which vary less. Default `'normal'`, the paper's. */
    vectors: setting.oneOf('normal', 'signs'),
    /** Whether decay is taken off the parameter, or added to the gradient. Default `'decoupled'`, the paper's. */
    decay: setting.oneOf('decoupled', 'coupled'),
  },
  state: (param) => ({ m: zerosLike(param), h: zerosLike(param) }),
  updateAll({ each, t, interval, seed, samples, vectors, decay }) {
    const estimated = each.some(({ hessian }) => hessian === undefined) ? hessianDiagonal(each, { seed, t, samples, vectors }) : [];
    return {
      each: each.map((context, k) => {
        const { param, m, h, learningRate, beta1, beta2, gamma, rho, epsilon, weightDecay, hessian = estimated[k] ?? h } = context;
        const grad = decay === 'coupled' ? addScaled(context.grad, weightDecay, param) : context.grad;
        const mNext = beta1.mul(m).add(sub(1, beta1).mul(grad));
        const hNext = where(isTime(context.refresh, t, interval), beta2.mul(h).add(sub(1, beta2).mul(hessian)), h);
        const step = mNext.div(gamma.mul(hNext).maximum(epsilon)).clip(rho.neg(), rho);
        const decayed = decay === 'decoupled' ? addScaled(param, learningRate.mul(weightDecay).neg(), param) : param;
        return { param: decayed.sub(learningRate.mul(step)), m: mNext, h: hNext };
      }),
    };
  },
});

/** Whether a Hessian enters the mean in this step: where the option says so, or in the steps 1, 1 + interval, 1 + 2 interval. */
function isTime(refresh: Expr | undefined, t: Expr, interval: number): Expr {
  if (refresh !== undefined) return refresh.ne(0);
  // In whole numbers, which are exact on every device: a quotient of a GPU is not.
  return interval === 1 ? scalar(true, 'bool') : t.cast('int32').sub(1).mod(interval).eq(0);
}
