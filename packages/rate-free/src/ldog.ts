import { addScaled, defineOptimizer, range, where } from '@pappus/core';

/**
 * LDoG: `dog` for each parameter by itself, so that each has a rate of its own.
 *
 * ```text
 * g = grad + weightDecay x        G <- G + |g|^2, from epsilon
 * r <- max(r, |x - x0|), and relativeDistance (1 + |x0|) in the first step
 * x <- x - learningRate r / sqrt(G) g
 * ```
 *
 * A parameter that is 0 at first, such as a bias, begins with steps of `relativeDistance`. Defaults are those of the authors' code,
 * github.com/formll/dog, which this follows; what `dog` says of float32 and of averages holds here, too.
 *
 * Source: Ivgi, Hinder & Carmon (2023), "DoG is SGD's best friend: a parameter-free dynamic step size schedule", arXiv:2302.12022, appendix.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: ldog(loss, [w, b]) }, await cpu());
 */
export const ldog = defineOptimizer({
  name: 'ldog',
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
  state: (param, { epsilon }) => ({ x0: param, distance: 0, squares: epsilon }),
  update({ param, grad, t, x0, distance, squares, learningRate, relativeDistance, weightDecay, initialRate }) {
    const first = t.eq(1);
    const g = addScaled(grad, weightDecay, param);
    const begun = param.square().sum().sqrt().add(1).mul(relativeDistance);
    const distanceNext = where(first, initialRate === undefined ? begun : distance, distance.maximum(param.sub(x0).square().sum().sqrt()));
    const squaresNext = squares.add(g.square().sum());
    const found = learningRate.mul(distanceNext).div(squaresNext.sqrt());
    const rate = initialRate === undefined ? found : where(first, initialRate, found);
    return { param: param.sub(rate.mul(g)), x0, distance: distanceNext, squares: squaresNext };
  },
});
