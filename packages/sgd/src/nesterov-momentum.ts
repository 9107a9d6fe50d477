import { defineOptimizer, range, setting, zerosLike } from '@pappus/core';
import { withDecay } from './decay.js';

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
 * The rate is part of the velocity, as in Lasagne and Keras. In PyTorch and Optax it multiplies the velocity, which differs once the rate
 * changes: `ratePlace: 'outsideVelocity'` is
 *
 * ```text
 * velocity <- momentum velocity + g
 * param <- param - learningRate (g + momentum velocity')
 * ```
 *
 * `weightDecay`, default 0, is added to the gradient, or with `decay: 'decoupled'` taken from the parameter, as in SGDW of Loshchilov &
 * Hutter (2017, arXiv:1711.05101). PyTorch's `SGD(momentum=..., nesterov=True)` is this rule with the rate outside the velocity.
 *
 * Source: Nesterov (1983), "A method of solving a convex programming problem with convergence rate O(1/k^2)";
 * Sutskever, Martens, Dahl & Hinton (2013), "On the importance of initialization and momentum in deep learning";
 * Lasagne's `updates.nesterov_momentum`; `torch.optim.SGD` for the options.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: nesterovMomentum(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const nesterovMomentum = defineOptimizer({
  name: 'nesterovMomentum',
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
  ranges: { momentum: range.decayRate, weightDecay: range.nonNegative },
  settings: {
    /** Whether weight decay is part of the gradient, `coupled`, or taken from the parameter times the learning rate. Default `coupled`, as in PyTorch. */
    decay: setting.oneOf('coupled', 'decoupled'),
    /** Whether the learning rate multiplies what joins the velocity, or the velocity, as in PyTorch. Default `insideVelocity`, Lasagne's. */
    ratePlace: setting.oneOf('insideVelocity', 'outsideVelocity'),
  },
  state: (param) => ({ velocity: zerosLike(param) }),
  update(context) {
    const { velocity, learningRate, momentum, ratePlace } = context;
    const { grad, from } = withDecay(context);
    if (ratePlace === 'outsideVelocity') {
      const next = momentum.mul(velocity).add(grad);
      return { param: from.sub(learningRate.mul(grad.add(momentum.mul(next)))), velocity: next };
    }
    const step = learningRate.mul(grad);
    const next = momentum.mul(velocity).sub(step);
    return { param: from.add(momentum.mul(next).sub(step)), velocity: next };
  },
});
