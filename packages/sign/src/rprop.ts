import { clip, defineOptimizer, onesLike, range, setting, sign, where, zerosLike } from '@pappus/core';

/**
 * Rprop: every element has a step size of its own, which grows while its gradient keeps its sign and shrinks when that changes. For
 * gradients without noise, of the whole data.
 *
 * ```text
 * s = sign(g) direction             size <- size etaPlus where s > 0, size etaMinus where s < 0, between minStep and maxStep
 * direction <- sign(g), but 0 where s < 0                              param <- param - direction size
 * ```
 *
 * Options, with torch.optim's defaults: `learningRate` 0.01, the first step size; `etaMinus` 0.5, `etaPlus` 1.2, `minStep` 1e-6, `maxStep`
 * 50. After a change of sign an element rests for one step, and nothing is taken back: this is iRprop- of Igel & Hüsken, as in PyTorch.
 * Optax applies what it has computed a step later, unless the sign has changed: `delayed`.
 *
 * Source: Riedmiller & Braun (1993), "A direct adaptive method for faster backpropagation learning: the RPROP algorithm"; Igel & Hüsken
 * (2003), "Empirical evaluation of the improved Rprop learning algorithms".
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = rprop(loss, params, { learningRate: 1e-3 });
 */
export const rprop = defineOptimizer({
  name: 'rprop',
  defaults: {
    /** The step size of each element in the first step, at least 0; later ones do not depend on it. Default 0.01, PyTorch's. */
    learningRate: 0.01,
    /** By what a step size shrinks when the gradient changes its sign, in [0, 1). Default 0.5, the paper's. */
    etaMinus: 0.5,
    /** By what a step size grows while the gradient keeps its sign, at least 1. Default 1.2, the paper's. */
    etaPlus: 1.2,
    /** The least step size, at least 0. Default 1e-6, the paper's. */
    minStep: 1e-6,
    /** The largest step size, at least 0. Default 50, the paper's. */
    maxStep: 50,
  },
  ranges: { learningRate: range.nonNegative, etaMinus: range.decayRate, etaPlus: { min: 1, max: Number.MAX_VALUE }, minStep: range.nonNegative, maxStep: range.bound },
  settings: {
    /** Whether a step is the one that was computed in the step before, none where the sign has changed since, as in Optax. Default false. */
    delayed: setting.flag(false),
  },
  state: (param, { learningRate }) => ({ size: onesLike(param).mul(learningRate), direction: zerosLike(param) }),
  update({ param, grad, size, direction, etaMinus, etaPlus, minStep, maxStep, delayed }) {
    const now = sign(grad);
    const same = now.mul(direction);
    const turned = same.lt(0);
    const changed = clip(size.mul(where(same.gt(0), etaPlus, where(turned, etaMinus, 1))), minStep, maxStep);
    // Optax leaves a size that neither grows nor shrinks as it is, even out of bounds.
    const sizeNext = delayed ? where(same.eq(0), size, changed) : changed;
    const directionNext = where(turned, 0, now);
    const step = delayed ? where(turned, 0, direction.mul(size)) : directionNext.mul(sizeNext);
    return { param: param.sub(step), size: sizeNext, direction: directionNext };
  },
});
