import { addScaled, defineOptimizer, range, where } from '@pappus/core';
import { total } from './totals.js';

/**
 * DoG, distance over gradients: SGD whose rate is the furthest that the parameters have been from where they began, over the root of the sum
 * of all squared gradients. Nothing is to be tuned.
 *
 * ```text
 * g = grad + weightDecay x        G <- G + |g|^2, from epsilon
 * r <- max(r, |x - x0|), and relativeDistance (1 + |x0|) in the first step
 * x <- x - learningRate r / sqrt(G) g
 * ```
 *
 * Norms go over all parameters together; `ldog` has one for each. The gradient and the distance of a step count before it. The paper evaluates an
 * average of the iterates, by polynomial decay: its code advises that, too. In float32 the first steps, a millionth of the parameters'
 * size, are rounded to what a parameter can hold, and so is the distance that they make; it grows all the same.
 *
 * Defaults are those of the authors' code, github.com/formll/dog, which this follows.
 *
 * Source: Ivgi, Hinder & Carmon (2023), "DoG is SGD's best friend: a parameter-free dynamic step size schedule", arXiv:2302.12022.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: dog(loss, [w, b]) }, await cpu());
 */
export const dog = defineOptimizer({
  name: 'dog',
  defaults: {
    /** Times the rate that is found, at least 0. Default 1, the authors', who advise against another. */
    learningRate: 1,
    /** The first distance, as a part of 1 + |x0|, above 0. Default 1e-6, the authors'; 1e-4 with batch normalisation. */
    relativeDistance: 1e-6,
    /** Times the parameter, added to the gradient, at least 0. Default 0. */
    weightDecay: 0,
    /** Where the sum of squared gradients begins, above 0. Default 1e-8, the authors'. */
    epsilon: 1e-8,
  },
  ranges: { learningRate: range.nonNegative, relativeDistance: range.positive, weightDecay: range.nonNegative, epsilon: range.positive },
  optional: {
    /** The rate of the first step, above 0, in the place of one by `relativeDistance`; the distance then begins with what that step makes. Default: none. */
    initialRate: range.positive,
  },
  shared: (_, { epsilon }) => ({ distance: 0, squares: epsilon }),
  state: (param) => ({ x0: param }),
  updateAll({ each, t, distance, squares, learningRate, relativeDistance, initialRate }) {
    const first = t.eq(1);
    const seen = each.map(({ param, x0, grad, weightDecay }) => ({ param, x0, g: addScaled(grad, weightDecay, param) }));
    const begun = total(each.map(({ param }) => param.square()), distance).sqrt().add(1).mul(relativeDistance);
    const made = total(each.map(({ param, x0 }) => param.sub(x0).square()), distance).sqrt();
    const distanceNext = where(first, initialRate === undefined ? begun : distance, distance.maximum(made));
    const squaresNext = squares.add(total(seen.map(({ g }) => g.square()), squares));
    const found = learningRate.mul(distanceNext).div(squaresNext.sqrt());
    const rate = initialRate === undefined ? found : where(first, initialRate, found);
    return { each: seen.map(({ param, x0, g }) => ({ param: param.sub(rate.cast(param.dtype).mul(g)), x0 })), distance: distanceNext, squares: squaresNext };
  },
});
