import { defineOptimizer, range, setting, sub, where, zerosLike } from '@pappus/core';
import { withDecay } from './decay.js';

/**
 * Gradient descent with momentum: the parameter is a ball that keeps a part of its velocity.
 *
 * ```text
 * velocity <- momentum velocity - learningRate g
 * param <- param + velocity
 * ```
 *
 * Options: `learningRate`, required as in Lasagne; `momentum` in [0, 1), default 0.9. A larger momentum also takes larger
 * steps: a learning rate scaled by `1 - momentum` counters that. The rate is part of the velocity, as in Lasagne and Keras; in
 * PyTorch it multiplies the velocity, which differs once the rate changes: `ratePlace: 'outsideVelocity'` is
 *
 * ```text
 * velocity <- momentum velocity + (1 - dampening) g        (g in the first step)
 * param <- param - learningRate velocity
 * ```
 *
 * `weightDecay`, default 0, is added to the gradient, or with `decay: 'decoupled'` taken from the parameter, as in SGDW of Loshchilov &
 * Hutter (2017, arXiv:1711.05101). PyTorch's `SGD(momentum=...)` is this rule with the rate outside the velocity.
 *
 * Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods"; Lasagne's
 * `updates.momentum`; `torch.optim.SGD` for the options.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: momentum(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const momentum = defineOptimizer({
  name: 'momentum',
  defaults: {
    /** The part of the velocity that stays in a step, in [0, 1). Default 0.9, Lasagne's. */
    momentum: 0.9,
    /** How much of the parameter is added to its gradient, or taken from it, at least 0. Default 0. */
    weightDecay: 0,
  },
  required: {
    /** What the gradient is multiplied by before it joins the velocity, at least 0. Required, as in Lasagne. */
    learningRate: range.nonNegative,
  },
  optional: {
    /** The part of the gradient that does not join the velocity, from 0 to 1; in the first step all of it does, as in PyTorch. Default: all of it always does. */
    dampening: { min: 0, max: 1 },
  },
  ranges: { momentum: range.decayRate, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is part of the gradient, `coupled`, or taken from the parameter times the learning rate. Default `coupled`, as in PyTorch. */
    decay: setting.oneOf('coupled', 'decoupled'),
    /** Whether the learning rate multiplies what joins the velocity, or the velocity, as in PyTorch. Default `insideVelocity`, Lasagne's. */
    ratePlace: setting.oneOf('insideVelocity', 'outsideVelocity'),
  },
  state: (param) => ({ velocity: zerosLike(param) }),
  update(context) {
    const { velocity, learningRate, momentum, dampening, ratePlace } = context;
    const { grad, from } = withDecay(context);
    const joins = dampening === undefined ? grad : where(context.t.eq(1), 1, sub(1, dampening)).mul(grad);
    if (ratePlace === 'outsideVelocity') {
      const next = momentum.mul(velocity).add(joins);
      return { param: from.sub(learningRate.mul(next)), velocity: next };
    }
    const next = momentum.mul(velocity).sub(learningRate.mul(joins));
    return { param: from.add(next), velocity: next };
  },
});
