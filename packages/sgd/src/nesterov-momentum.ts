import { defineOptimizer, range, zerosLike } from '@pappus/core';

/**
 * Gradient descent with Nesterov's momentum: the step looks ahead along the velocity that it will have.
 *
 * ```text
 * velocity <- momentum velocity - learningRate g
 * param <- param + momentum velocity' - learningRate g        (velocity' is the new one)
 * ```
 *
 * Options: `learningRate`, required as in Lasagne; `momentum` in [0, 1), default 0.9. A larger momentum also takes larger
 * steps: a learning rate scaled by `1 - momentum` counters that. Nesterov takes the gradient at the point ahead; here, as
 * in Lasagne and in the simplified form of Bengio, Boulanger-Lewandowski & Pascanu (2012, arXiv:1212.0901), the parameter
 * itself is that point, so that the gradient is the one at hand.
 *
 * Source: Nesterov (1983), "A method of solving a convex programming problem with convergence rate O(1/k^2)";
 * Sutskever, Martens, Dahl & Hinton (2013), "On the importance of initialization and momentum in deep learning";
 * Lasagne's `updates.nesterov_momentum`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: nesterovMomentum(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const nesterovMomentum = defineOptimizer({
  name: 'nesterovMomentum',
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
    const step = learningRate.mul(grad);
    const next = momentum.mul(velocity).sub(step);
    return { param: param.add(momentum.mul(next).sub(step)), velocity: next };
  },
});
