import { addScaled, biasCorrection, defineOptimizer, div, range, setting, sqrt, sub, zerosLike } from '@pappus/core';
import { averaging, float64, interpolationRange, sharedFirst, stepAlong, warmedUp } from './averaging.js';

/**
 * Schedule-free AdamW: `scheduleFreeSgd` along the gradient divided by the root of an exponential mean of its square. The parameter is y;
 * it is evaluated at x, which `evaluationParameters` answers.
 *
 * ```text
 * rate = learningRate min(1, t / warmupSteps)      w = t^stepPower max(rate so far)^ratePower      c = w / sum(w so far)
 * v <- beta2 v + (1 - beta2) grad^2        d = grad / (sqrt(v / (1 - beta2^t)) + epsilon) + weightDecay y
 * z <- z - rate d        x <- (1 - c) x + c z        y <- (1 - beta1) z + beta1 x
 * ```
 *
 * Kept are y, z and v; x follows from y and z. Weight decay is taken at y, as the authors' code does.
 *
 * Train by the updates as by those of any rule, and evaluate `substitute([loss], evaluationParameters(updates))`. Defaults are the authors'
 * of github.com/facebookresearch/schedule_free, which this follows. Optax's `schedule_free_adamw` weighs a step by the rate of the next
 * one while it warms up (`averagingRate`).
 *
 * Source: Defazio et al. (2024), "The road less scheduled", arXiv:2405.15682.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example
 * const updates = scheduleFreeAdamw(loss, [w, b], { learningRate: 2.5e-3, weightDecay: 0.1, warmupSteps: 500 });
 * const [atAverage] = substitute([loss], evaluationParameters(updates));
 */
export const scheduleFreeAdamw = defineOptimizer({
  name: 'scheduleFreeAdamw',
  defaults: {
    /** About the size of a step of z in each element once it is warmed up, at least 0; it needs no schedule. Default 2.5e-3, the authors'. */
    learningRate: 2.5e-3,
    /** How far from z towards x gradients are taken, between 0 and 1. Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the authors'. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the authors'. */
    epsilon: 1e-8,
    /** Times the parameter (y), added to the divided gradient, at least 0. Default 0, the authors'. */
    weightDecay: 0,
    /** In how many steps the rate grows from 0 to its full size, at least 0. Default 0: it is there from the first. */
    warmupSteps: 0,
    /** The average weighs step t by t to this power, at least 0: late ones count more. Default 0, the authors' `r`. */
    stepPower: 0,
    /** The average weighs a step by the largest rate so far to this power, at least 0. Default 2, the authors' `weight_lr_power`. */
    ratePower: 2,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: interpolationRange, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative,
    warmupSteps: range.nonNegative, stepPower: range.nonNegative, ratePower: range.nonNegative,
  },
  optional: {
    /** The rate that weighs a step in the average, at least 0. Default: that of the step. */
    averagingRate: range.nonNegative,
    /** The part of a corrected mean of gradients that stays in a step, in [0, 1), where one shall stand in the gradient's place. Default: none. */
    innerMomentum: range.decayRate,
  },
  settings: {
    /** Where the bias of v is corrected: `'moment'` divides v, `'rate'` multiplies the rate by sqrt(1 - beta2^t), as the authors' code did at first. */
    correction: setting.oneOf('moment', 'rate'),
  },
  shared: sharedFirst,
  state: (param, { innerMomentum }) => ({ z: param, v: zerosLike(param), m: innerMomentum === undefined ? undefined : zerosLike(param) }),
  updateAll({ each, t, learningRate, averagingRate, beta1, beta2, warmupSteps, stepPower, ratePower, correction, rateMax, weightSum }) {
    const full = warmedUp(learningRate, warmupSteps, t);
    const rate = correction === 'rate' ? full.mul(sqrt(biasCorrection(float64(beta2), float64(t)))) : full;
    const step = averaging({ t, rate, averagingRate: averagingRate ?? rate, beta: beta1, stepPower, ratePower, rateMax, weightSum });
    return {
      each: each.map((one) => {
        const { param, grad, v, m, epsilon, weightDecay, innerMomentum } = one;
        const vNext = one.beta2.mul(v).add(sub(1, one.beta2).mul(grad.square()));
        const root = (correction === 'rate' ? vNext : vNext.mul(div(1, biasCorrection(one.beta2, one.t)))).sqrt().add(epsilon);
        const mNext = m !== undefined && innerMomentum !== undefined ? innerMomentum.mul(m).add(sub(1, innerMomentum).mul(grad)) : undefined;
        const mean = mNext !== undefined && innerMomentum !== undefined ? mNext.mul(div(1, biasCorrection(innerMomentum, one.t))) : grad;
        return { ...stepAlong(addScaled(mean.div(root), weightDecay, param), one, step), v: vNext, m: mNext };
      }),
      ...step.shared,
    };
  },
});
