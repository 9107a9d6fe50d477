import { addScaled, averageLength, biasCorrection, defineOptimizer, div, range, setting, sqrt, sub, where, zerosLike } from '@pappus/core';
import { as, averaging, float64, interpolationRange, sharedFirst, stepAlong } from './averaging.js';

/**
 * Schedule-free RAdam: `scheduleFreeAdamw` with the rectified rate of RAdam in the place of a warm-up. The parameter is y; it is evaluated
 * at x, which `evaluationParameters` answers.
 *
 * ```text
 * n = 2 / (1 - beta2) - 1        q = n - 2 t beta2^t / (1 - beta2^t)        v <- beta2 v + (1 - beta2) grad^2
 * where q > 4:   rate = learningRate sqrt((q - 4) (q - 2) n / ((n - 4) (n - 2) q))      d = grad / (sqrt(v / (1 - beta2^t)) + epsilon)
 * before:        rate = 0, or learningRate where `silent` is false                       d = grad
 * d <- d + weightDecay y      w = t^stepPower max(rate so far)^ratePower      c = w / sum(w so far), and 0 while that is 0
 * z <- z - rate d        x <- (1 - c) x + c z        y <- (1 - beta1) z + beta1 x
 * ```
 *
 * Kept are y, z and v; x follows from y and z. Train by the updates as by those of any rule, and evaluate
 * `substitute([loss], evaluationParameters(updates))`. Defaults are the authors' of github.com/facebookresearch/schedule_free, which this follows.
 *
 * Sources: Defazio et al. (2024), "The road less scheduled", arXiv:2405.15682; Liu et al. (2019), arXiv:1908.03265.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example
 * const updates = scheduleFreeRadam(loss, [w, b]);
 * const [atAverage] = substitute([loss], evaluationParameters(updates));
 */
export const scheduleFreeRadam = defineOptimizer({
  name: 'scheduleFreeRadam',
  defaults: {
    /** About the size of a step of z in each element later on, at least 0; it needs neither warm-up nor schedule. Default 2.5e-3, the authors'. */
    learningRate: 2.5e-3,
    /** How far from z towards x gradients are taken, between 0 and 1. Default 0.9, the authors'. */
    beta1: 0.9,
    /** The part of the mean of squares `v` that stays in a step, in [0, 1). Default 0.999, the authors'. */
    beta2: 0.999,
    /** Added to the root that divides, at least 0. Default 1e-8, the authors'. */
    epsilon: 1e-8,
    /** Times the parameter (y), added to the direction, at least 0. Default 0, the authors'. */
    weightDecay: 0,
    /** The average weighs step t by t to this power, at least 0: late ones count more. Default 0, the authors' `r`. */
    stepPower: 0,
    /** The average weighs a step by the largest rate so far to this power, at least 0. Default 2, the authors' `weight_lr_power`. */
    ratePower: 2,
  },
  ranges: {
    learningRate: range.nonNegative, beta1: interpolationRange, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative,
    stepPower: range.nonNegative, ratePower: range.nonNegative,
  },
  settings: {
    /** Whether the first steps, in which too little is known of the squares, move nothing; otherwise they are steps of SGD. Default true, the authors'. */
    silent: setting.flag(true),
  },
  shared: sharedFirst,
  state: (param) => ({ z: param, v: zerosLike(param) }),
  updateAll(all) {
    const { each, learningRate, beta1, stepPower, ratePower, silent, rateMax, weightSum } = all;
    const [beta2, t] = [float64(all.beta2), float64(all.t)];
    const n = sub(2, sub(1, beta2)).div(sub(1, beta2));
    const q = averageLength(beta2, t);
    const rectified = q.gt(4);
    const factor = sqrt(q.sub(4).mul(q.sub(2)).mul(n).div(n.sub(4).mul(n.sub(2)).mul(q)));
    const rate = float64(learningRate).mul(where(rectified, factor, silent ? 0 : 1));
    const step = averaging({ t, rate, averagingRate: rate, beta: beta1, stepPower, ratePower, rateMax, weightSum });
    return {
      each: each.map((one) => {
        const { param, grad, v, epsilon, weightDecay } = one;
        const vNext = one.beta2.mul(v).add(sub(1, one.beta2).mul(grad.square()));
        const root = vNext.mul(as(div(1, biasCorrection(beta2, t)), param.dtype)).sqrt().add(epsilon);
        return { ...stepAlong(addScaled(where(rectified, grad.div(root), grad), weightDecay, param), one, step), v: vNext };
      }),
      ...step.shared,
    };
  },
});
