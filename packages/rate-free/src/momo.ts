import { defineOptimizer, range, setting, sub, where, zerosLike } from '@pappus/core';
import { modelStep } from './model-step.js';
import { total } from './totals.js';

/**
 * MoMo: SGD with momentum whose rate follows from a model of the loss, so that `learningRate` is only its upper bound.
 *
 * The loss, gradients and <g, x> have exponential means, by which the loss is modelled as a plane that ends at `lowerBound`; the rate leads to
 * where the plane ends, and is at most `learningRate`. It needs the loss itself: call it with the loss, or with gradients and the option
 * `loss`. With `maximize` the loss counts with the other sign here, too: `lowerBound` is then minus an upper bound.
 *
 * ```text
 * f <- momentum f + (1 - momentum) loss        m <- momentum m + (1 - momentum) g        c <- momentum c + (1 - momentum) <g, x>
 * k = 1 + learningRate weightDecay        p = 1, or with correctBias 1 - momentum^t
 * rate = min(learningRate / p, max(k (f - p lowerBound - c) + <m, x>, 0) / |m|^2)        x <- (x - rate m) / k
 * ```
 *
 * The means begin at the first values, or with `correctBias` at 0. With `estimateBound` the bound rises by what the model says of the least
 * loss, from `lowerBound` on. Sums go over all parameters, which share the rate. The numerator is a difference of sums of products with x: in
 * float32 it is as exact as 1e-7 of |m| |x|.
 *
 * Defaults are those of the authors' code, github.com/fabian-sp/MoMo, which this follows.
 *
 * Source: Schaipp et al. (2023), "MoMo: momentum models for adaptive learning rates", arXiv:2305.07583.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit, or without a loss
 * @example const train = await compile({ updates: momo(loss, [w, b]) }, await cpu());
 */
export const momo = defineOptimizer({
  name: 'momo',
  defaults: {
    /** The largest rate, at least 0. Default 1, the authors'. */
    learningRate: 1,
    /** The part of the means that stays in a step, in [0, 1). Default 0.9, the authors' `beta`. */
    momentum: 0.9,
    /** Weight decay, at least 0: the parameter is divided by 1 + learningRate weightDecay. Default 0. */
    weightDecay: 0,
    /** A lower bound of the loss. Default 0. */
    lowerBound: 0,
  },
  ranges: { learningRate: range.nonNegative, momentum: range.decayRate, weightDecay: range.nonNegative },
  settings: {
    /** Begin the means at 0 and correct their bias. Default false, the authors': they begin at the first values. */
    correctBias: setting.flag(false),
    /** Estimate the lower bound, from `lowerBound` on. Default false, the authors' `use_fstar`. */
    estimateBound: setting.flag(false),
    /** The loss, where gradients are given. */
    loss: setting.loss,
  },
  shared: (_, { lowerBound, estimateBound }) => ({ f: 0, c: 0, bound: estimateBound ? lowerBound : undefined }),
  state: (param) => ({ m: zerosLike(param) }),
  updateAll({ each, t, loss, f, c, bound, learningRate, momentum, weightDecay, lowerBound, correctBias }) {
    // Nothing stays in the first step, in which means begin at the first values.
    const keep = correctBias ? momentum : where(t.eq(1), 0, momentum);
    const next = each.map((one) => {
      const own = correctBias ? one.momentum : where(one.t.eq(1), 0, one.momentum);
      return { param: one.param, m: own.mul(one.m).add(sub(1, own).mul(one.grad)) };
    });
    const fNext = keep.mul(f).add(sub(1, keep).mul(loss.cast(f.dtype)));
    const cNext = keep.mul(c).add(sub(1, keep).mul(total(each.map(({ param, grad }) => param.mul(grad)), c)));
    const along = total(next.map(({ param, m }) => param.mul(m)), c);
    const squares = total(next.map(({ m }) => m.square()), c);
    const { rate, shrink, bound: boundNext } = modelStep({ f: fNext, c: cNext, along, squares, t, decay: correctBias ? momentum : undefined, learningRate, weightDecay, lowerBound, bound });
    return {
      each: next.map(({ param, m }) => ({ param: shrink(param.sub(rate.cast(param.dtype).mul(m)), param.dtype), m })),
      f: fNext,
      c: cNext,
      bound: boundNext,
    };
  },
});
