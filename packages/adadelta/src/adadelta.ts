import { addScaled, defineOptimizer, range, sub, zerosLike } from '@pappus/core';

/**
 * Adadelta: RMSProp whose rate is the root mean square of the steps before, so that a step has the units of the parameter and
 * there is no rate to choose.
 *
 * ```text
 * meanSquare <- rho meanSquare + (1 - rho) g^2
 * delta = g sqrt(meanSquareDelta + epsilon) / sqrt(meanSquare' + epsilon)        (meanSquare' is the new one)
 * meanSquareDelta <- rho meanSquareDelta + (1 - rho) delta^2
 * param <- param - learningRate delta
 * ```
 *
 * Options: `learningRate` 1, which is not in the paper and is best left there; `rho` 0.95 in [0, 1) and `epsilon` 1e-6, the
 * paper's. Epsilon decides the first steps, since nothing else is in the numerator then. The mean of the steps is that of
 * `delta`, before the learning rate, as in Lasagne's code and PyTorch's, whose `rho` is 0.9. `weightDecay`, default 0, is added to
 * the gradient.
 *
 * Source: Zeiler (2012), "ADADELTA: an adaptive learning rate method", arXiv:1212.5701.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adadelta(loss, [w, b]) }, await cpu());
 */
export const adadelta = defineOptimizer({
  name: 'adadelta',
  defaults: {
    /** What the paper's step is multiplied by, at least 0. Default 1, which leaves it as it is. */
    learningRate: 1,
    /** The part of both means of squares that stays in a step, in [0, 1). Default 0.95, the paper's. */
    rho: 0.95,
    /** Added to both means inside their roots, at least 0; it decides the first steps. Default 1e-6, the paper's. */
    epsilon: 1e-6,
    /** How much of the parameter is added to its gradient, at least 0. Default 0. */
    weightDecay: 0,
  },
  ranges: { learningRate: range.nonNegative, rho: range.decayRate, epsilon: range.nonNegative, weightDecay: range.nonNegative },
  state: (param) => ({ meanSquare: zerosLike(param), meanSquareDelta: zerosLike(param) }),
  update({ param, grad, meanSquare, meanSquareDelta, learningRate, rho, epsilon, weightDecay }) {
    const g = addScaled(grad, weightDecay, param);
    const meanSquareNext = rho.mul(meanSquare).add(sub(1, rho).mul(g.square()));
    const delta = g.mul(meanSquareDelta.add(epsilon).sqrt()).div(meanSquareNext.add(epsilon).sqrt());
    const meanSquareDeltaNext = rho.mul(meanSquareDelta).add(sub(1, rho).mul(delta.square()));
    return { param: param.sub(learningRate.mul(delta)), meanSquare: meanSquareNext, meanSquareDelta: meanSquareDeltaNext };
  },
});
