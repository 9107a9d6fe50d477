import { defineOptimizer, range, sub, zerosLike } from '@pappus/core';

/**
 * RMSProp: divides the gradient by the root of a running mean of its square, so that its sign counts more than its size.
 *
 * ```text
 * meanSquare <- rho meanSquare + (1 - rho) g^2
 * param <- param - learningRate g / sqrt(meanSquare + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults: `learningRate` 1, which is large for most problems, `rho` 0.9 in [0, 1), `epsilon`
 * 1e-6. A rho close to 1 forgets slowly. Epsilon is inside the root, as in Lasagne and Dandelion; PyTorch, whose `alpha` is
 * 0.99, adds it outside.
 *
 * Source: Tieleman & Hinton (2012), "Lecture 6.5 - rmsprop", Neural networks for machine learning, Coursera.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: rmsprop(loss, [w, b], { learningRate: 1e-3 }) }, await cpu());
 */
export const rmsprop = defineOptimizer({
  name: 'rmsprop',
  defaults: {
    /** About the size of a step in each element, at least 0. Default 1, Lasagne's, which is large for most problems. */
    learningRate: 1,
    /** The part of the mean of squares that stays in a step, in [0, 1). Default 0.9, the lecture's and Lasagne's. */
    rho: 0.9,
    /** Added to the mean of squares inside the root, at least 0. Default 1e-6, Lasagne's. */
    epsilon: 1e-6,
  },
  ranges: { learningRate: range.nonNegative, rho: range.decayRate, epsilon: range.nonNegative },
  state: (param) => ({ meanSquare: zerosLike(param) }),
  update({ param, grad, meanSquare, learningRate, rho, epsilon }) {
    const next = rho.mul(meanSquare).add(sub(1, rho).mul(grad.square()));
    return { param: param.sub(learningRate.mul(grad).div(next.add(epsilon).sqrt())), meanSquare: next };
  },
});
