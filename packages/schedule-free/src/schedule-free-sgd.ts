import { addScaled, defineOptimizer, range } from '@pappus/core';
import { averaging, interpolationRange, sharedFirst, stepAlong, warmedUp } from './averaging.js';

/**
 * Schedule-free SGD: gradients are taken at y, between the iterate z and an average x of it, which replaces both momentum and the decay
 * of the rate. The parameter is y; it is evaluated at x, which `evaluationParameters` answers.
 *
 * ```text
 * rate = learningRate min(1, t / warmupSteps)      w = t^stepPower max(rate so far)^ratePower      c = w / sum(w so far)
 * d = grad + weightDecay y        z <- z - rate d        x <- (1 - c) x + c z        y <- (1 - momentum) z + momentum x
 * ```
 *
 * Kept are y and z; x follows from them. Weight decay is taken at y, as the authors' code does.
 *
 * Train by the updates as by those of any rule, and evaluate `substitute([loss], evaluationParameters(updates))`. Defaults are the authors'
 * of github.com/facebookresearch/schedule_free, which this follows. Optax's `schedule_free_sgd` weighs a step by the rate of the next one
 * while it warms up (`averagingRate`).
 *
 * Source: Defazio et al. (2024), "The road less scheduled", arXiv:2405.15682.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example
 * const updates = scheduleFreeSgd(loss, [w, b], { learningRate: 0.5, warmupSteps: 100 });
 * const [atAverage] = substitute([loss], evaluationParameters(updates));
 */
export const scheduleFreeSgd = defineOptimizer({
  name: 'scheduleFreeSgd',
  defaults: {
    /** The rate once it is warmed up, at least 0; it needs no schedule. Default 1, the authors'. */
    learningRate: 1,
    /** How far from z towards x gradients are taken, between 0 and 1. Default 0.9, the paper's. */
    momentum: 0.9,
    /** Times the parameter (y), added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** In how many steps the rate grows from 0 to its full size, at least 0. Default 0: it is there from the first. */
    warmupSteps: 0,
    /** The average weighs step t by t to this power, at least 0: late ones count more. Default 0, the authors' `r`. */
    stepPower: 0,
    /** The average weighs a step by the largest rate so far to this power, at least 0. Default 2, the authors' `weight_lr_power`. */
    ratePower: 2,
  },
  ranges: { learningRate: range.nonNegative, momentum: interpolationRange, weightDecay: range.nonNegative, warmupSteps: range.nonNegative, stepPower: range.nonNegative, ratePower: range.nonNegative },
  optional: {
    /** The rate that weighs a step in the average, at least 0. Default: that of the step. */
    averagingRate: range.nonNegative,
  },
  shared: sharedFirst,
  state: (param) => ({ z: param }),
  updateAll({ each, t, learningRate, averagingRate, momentum, warmupSteps, stepPower, ratePower, rateMax, weightSum }) {
    const rate = warmedUp(learningRate, warmupSteps, t);
    const step = averaging({ t, rate, averagingRate: averagingRate ?? rate, beta: momentum, stepPower, ratePower, rateMax, weightSum });
    return { each: each.map((one) => stepAlong(addScaled(one.grad, one.weightDecay, one.param), one, step)), ...step.shared };
  },
});
