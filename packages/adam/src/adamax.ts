import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { adamaxStep } from './adamax-step.js';
import { decayedGradient, decayedStep } from './decay.js';

/**
 * Adamax: Adam with an infinity norm in place of the root of the second moment, so that the step of an element is bounded
 * by the learning rate however its gradient changes.
 *
 * ```text
 * m <- beta1 m + (1 - beta1) g        u <- max(beta2 u, |g|)
 * param <- param - learningRate / (1 - beta1^t) * m / (u + epsilon)
 * ```
 *
 * Options, with the paper's defaults: `learningRate` 2e-3, `beta1` 0.9 and `beta2` 0.999 in [0, 1). `epsilon`, 1e-8 as in
 * Lasagne, is not in the paper: without it an element whose gradient was always 0 is 0 / 0. PyTorch and Optax have it inside
 * the maximum, as `max(beta2 u, |g| + epsilon)`: `epsilonPlace: 'insideMaximum'`. `weightDecay` is off, and added to the gradient as in
 * PyTorch (`adamaxw` has it in the step).
 *
 * Source: Kingma & Ba (2014), "Adam: a method for stochastic optimization", section 7.1, arXiv:1412.6980.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adamax(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const adamax = defineOptimizer({
  name: 'adamax',
  defaults: {
    /** The most that a step changes an element by, at least 0. Default 2e-3, the paper's. */
    learningRate: 2e-3,
    /** The part of the mean of gradients `m` that stays in a step, in [0, 1). Default 0.9, the paper's. */
    beta1: 0.9,
    /** The part of the largest magnitude `u` that stays in a step, in [0, 1). Default 0.999, the paper's. */
    beta2: 0.999,
    /** Added to the magnitude that divides, at least 0. Default 1e-8, as in Lasagne; the paper has none. */
    epsilon: 1e-8,
    /** How much of the parameter is taken as a part of its gradient, at least 0. Default 0: the paper has none. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, beta1: range.decayRate, beta2: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  settings: {
    /**
     * Where weight decay enters: `coupled`, the gradient; `decoupled`, the step, as `learningRate weightDecay param`; `independent`, the
     * step, as `weightDecay param`. Default `coupled`, as in PyTorch.
     */
    decay: setting.oneOf('coupled', 'decoupled', 'independent'),
    /** What epsilon is added to: `u` where it divides, `outside`, or `|g|`, `insideMaximum`. Default `outside`, as in Lasagne. */
    epsilonPlace: setting.oneOf('outside', 'insideMaximum'),
  },
  state: (param) => ({ m: zerosLike(param), u: zerosLike(param) }),
  update(context) {
    const { step, ...moments } = adamaxStep({ ...context, grad: decayedGradient(context.grad, context) });
    return { param: context.param.sub(decayedStep(step, context)), ...moments };
  },
});
