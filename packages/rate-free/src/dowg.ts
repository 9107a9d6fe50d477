import { addScaled, defineOptimizer, range } from '@pappus/core';
import { total } from './totals.js';

/**
 * DoWG, distance over weighted gradients: as `dog`, with gradients weighed by the distance at their time. Nothing is to be tuned.
 *
 * ```text
 * g = grad + weightDecay x        q <- max(q, |x - x0|^2), from epsilon        V <- V + q |g|^2
 * x <- x - learningRate q / (sqrt(V) + epsilon) g
 * ```
 *
 * Norms go over all parameters together. As in the authors' code the squared distance q begins at epsilon, not at its square, and epsilon is
 * added to the root, too; `weightDecay` and `learningRate` are not theirs. In float32 a distance below the rounding of the parameters counts as none.
 *
 * Source: Khaled, Mishchenko & Jin (2023), "DoWG unleashed: an efficient universal parameter-free gradient descent method", arXiv:2305.16284.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dowg(loss, [w, b]) }, await cpu());
 */
export const dowg = defineOptimizer({
  name: 'dowg',
  defaults: {
    /** Times the rate that is found, at least 0. Default 1. */
    learningRate: 1,
    /** Times the parameter, added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** Where the squared distance begins, and what is added to the root, above 0. Default 1e-4, the authors'. */
    epsilon: 1e-4,
  },
  ranges: { learningRate: range.nonNegative, weightDecay: range.nonNegative, epsilon: range.positive },
  shared: (_, { epsilon }) => ({ squaredDistance: epsilon, squares: 0 }),
  state: (param) => ({ x0: param }),
  updateAll({ each, squaredDistance, squares, learningRate, epsilon }) {
    const seen = each.map(({ param, x0, grad, weightDecay }) => ({ param, x0, g: addScaled(grad, weightDecay, param) }));
    const distanceNext = squaredDistance.maximum(total(each.map(({ param, x0 }) => param.sub(x0).square()), squaredDistance));
    const squaresNext = squares.add(distanceNext.mul(total(seen.map(({ g }) => g.square()), squares)));
    const rate = learningRate.mul(distanceNext).div(squaresNext.sqrt().add(epsilon));
    return { each: seen.map(({ param, x0, g }) => ({ param: param.sub(rate.cast(param.dtype).mul(g)), x0 })), squaredDistance: distanceNext, squares: squaresNext };
  },
});
