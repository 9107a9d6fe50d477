import { defineOptimizer, norm, range, scalar, sqrt, where } from '@pappus/core';
import { trustRatio } from './trust-ratio.js';

/**
 * Fromage: steps whose norm is that of the parameter times the rate, and the whole drawn in so that the parameter does not grow.
 *
 * ```text
 * param <- (param - learningRate |param| / |g| * g) / sqrt(1 + learningRate^2)        the norms are over all elements of the parameter
 * ```
 *
 * Options, with the paper's default: `learningRate` 0.01. Where a norm is 0 the step is that of gradient descent, as in the authors' code.
 * `minNorm` is a lower bound of both norms, 0 by default; Optax's is 1e-6. `normBound` is the authors' `p_bound`: the norm of a parameter
 * stays at most that many times what it was in the first step, which is kept for it.
 *
 * Source: Bernstein, Vahdat, Yue & Liu (2020), "On the distance between two neural networks and the stability of learning",
 * arXiv:2002.03432.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: fromage(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const fromage = defineOptimizer({
  name: 'fromage',
  defaults: {
    /** The norm of a step as a part of the parameter's, at least 0. Default 0.01, the paper's. */
    learningRate: 0.01,
    /** What norms count as where they are less, at least 0. Default 0. */
    minNorm: 0,
  },
  optional: {
    /** The most that a parameter's norm may be, as a multiple of what it is in the first step, at least 0. Default: no bound. */
    normBound: range.nonNegative,
  },
  ranges: { learningRate: range.nonNegative, minNorm: range.nonNegative },
  state: (param, { normBound }) => (normBound === undefined ? { firstNorm: undefined } : { firstNorm: norm(param) }),
  update({ param, grad, firstNorm, learningRate, minNorm, normBound }) {
    const norms = { param: norm(param).maximum(minNorm), step: norm(grad).maximum(minNorm) };
    const rate = learningRate.mul(trustRatio(norms, norms.param.div(norms.step), scalar(1, param.dtype)));
    const next = param.sub(rate.mul(grad)).div(sqrt(learningRate.square().add(1)));
    if (firstNorm === undefined || normBound === undefined) return { param: next, firstNorm };
    const length = norm(next);
    const most = normBound.mul(firstNorm);
    return { param: where(length.gt(most), next.mul(most).div(length), next), firstNorm };
  },
});
