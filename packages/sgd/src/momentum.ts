import { defineOptimizer, range, zerosLike } from '@pappus/core';

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
 * PyTorch it multiplies the velocity, which differs once the rate changes.
 *
 * Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods"; Lasagne's
 * `updates.momentum`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: momentum(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const momentum = defineOptimizer({
  name: 'momentum',
  defaults: {
    /** The part of the velocity that stays in a step, in [0, 1). Default 0.9, Lasagne's. */
    momentum: 0.9,
  },
  required: {
    /** What the gradient is multiplied by before it joins the velocity, at least 0. Required, as in Lasagne. */
    learningRate: range.nonNegative,
  },
  ranges: { momentum: range.decayRate },
  state: (param) => ({ velocity: zerosLike(param) }),
  update({ param, grad, velocity, learningRate, momentum }) {
    const next = momentum.mul(velocity).sub(learningRate.mul(grad));
    return { param: param.add(next), velocity: next };
  },
});
