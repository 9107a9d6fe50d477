import { addScaled, biasCorrection, defineOptimizer, range, setting, sub, zerosLike } from '@pappus/core';
import { modelStep } from './model-step.js';
import { total } from './totals.js';

/**
 * MoMo-Adam: Adam whose rate follows from a model of the loss, as that of `momo`, so that `learningRate` is only its upper bound.
 *
 * The loss, gradients and <g, x> have exponential means, by which the loss is modelled as a plane that ends at `lowerBound`; the rate leads to
 * where the plane ends, and is at most `learningRate`. It needs the loss itself: call it with the loss, or with gradients and the option
 * `loss`. With `maximize` the loss counts with the other sign here, too: `lowerBound` is then minus an upper bound.
 *
 * ```text
 * f <- beta1 f + (1 - beta1) loss        m <- beta1 m + (1 - beta1) g        c <- beta1 c + (1 - beta1) <g, x>
 * v <- beta2 v + (1 - beta2) g^2         D = sqrt(v / (1 - beta2^t)) + epsilon
 * k = 1 + learningRate weightDecay       p = 1 - beta1^t
 * rate = min(learningRate / p, max(k (f - p lowerBound - c) + <m, x>, 0) / <m, m / D>)        x <- (x - rate m / D) / k
 * ```
 *
 * All means begin at 0. With `decay: 'decoupled'` the parameter is multiplied by 1 - learningRate weightDecay first, as AdamW does, in the place of
 * the division by k. With `estimateBound` the bound rises by what the model says of the least loss, from `lowerBound` on. Sums go over all
 * parameters, which share the rate. The numerator is a difference of sums of products with x: in float32 it is as exact as 1e-7 of |m| |x|.
 *
 * Defaults are those of the authors' code, github.com/fabian-sp/MoMo, which this follows.
 *
 * Source: Schaipp et al. (2023), "MoMo: momentum models for adaptive learning rates", arXiv:2305.07583.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, or without a loss
 * @example const train = await compile({ updates: momoAdam(loss, [w, b]) }, await cpu());
 */
export const momoAdam = defineOptimizer({
  name: 'momoAdam',
  defaults: {
    /** The largest rate, at least 0. Default 1e-2, the authors'. */
    learningRate: 1e-2,
    /** The part of the means of loss and gradients that stays in a step, in [0, 1). Default 0.9, Adam's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, Adam's. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, Adam's. */
    epsilon: 1e-8,
    /** Weight decay, at least 0. Default 0. */
    weightDecay: 0,
    /** A lower bound of the loss. Default 0. */
    lowerBound: 0,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /** `'proximal'`, the paper's: the parameter is divided by k. `'decoupled'`: multiplied first, the authors' `divide=False`. */
    decay: setting.oneOf('proximal', 'decoupled'),
    /** Estimate the lower bound, from `lowerBound` on. Default false, the authors' `use_fstar`. */
    estimateBound: setting.flag(false),
    /** The loss, where gradients are given. */
    loss: setting.loss,
  },
  shared: (_, { lowerBound, estimateBound }) => ({ f: 0, c: 0, bound: estimateBound ? lowerBound : undefined }),
  state: (param) => ({ m: zerosLike(param), v: zerosLike(param) }),
  updateAll({ each, t, loss, f, c, bound, learningRate, beta1, weightDecay, lowerBound, decay }) {
    const next = each.map((one) => {
      const m = one.beta1.mul(one.m).add(sub(1, one.beta1).mul(one.grad));
      const v = one.beta2.mul(one.v).add(sub(1, one.beta2).mul(one.grad.square()));
      return { one, m, v, direction: m.div(v.div(biasCorrection(one.beta2, one.t)).sqrt().add(one.epsilon)) };
    });
    const fNext = beta1.mul(f).add(sub(1, beta1).mul(loss.cast(f.dtype)));
    const cNext = beta1.mul(c).add(sub(1, beta1).mul(total(each.map(({ param, grad }) => param.mul(grad)), c)));
    const along = total(next.map(({ one, m }) => one.param.mul(m)), c);
    const squares = total(next.map(({ m, direction }) => m.mul(direction)), c);
    const { rate, shrink, bound: boundNext } = modelStep({ f: fNext, c: cNext, along, squares, t, decay: beta1, learningRate, weightDecay, lowerBound, bound });
    return {
      each: next.map(({ one, m, v, direction }) => {
        const { param } = one;
        const step = rate.cast(param.dtype).mul(direction);
        const moved = decay === 'proximal' ? shrink(param.sub(step), param.dtype) : param.sub(addScaled(step, one.weightDecay, one.learningRate.mul(param)));
        return { param: moved, m, v };
      }),
      f: fNext,
      c: cNext,
      bound: boundNext,
    };
  },
});
