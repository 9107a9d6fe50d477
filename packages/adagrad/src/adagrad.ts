import { defineOptimizer, range, zerosLike } from '@pappus/core';

/**
 * Adagrad: divides each element's step by the root of the sum of its squared gradients, so that rare features keep a large
 * rate and frequent ones get a small one.
 *
 * ```text
 * sumSquares <- sumSquares + g^2
 * param <- param - learningRate g / sqrt(sumSquares + epsilon)
 * ```
 *
 * Options, with Lasagne's defaults: `learningRate` 1, `epsilon` 1e-6. The paper's formula has no epsilon. Here, as in
 * Lasagne and Dandelion, it is inside the root; PyTorch, whose `eps` is 1e-10, adds it outside.
 *
 * Source: Duchi, Hazan & Singer (2011), "Adaptive subgradient methods for online learning and stochastic optimization",
 * JMLR 12, 2121-2159: the diagonal form.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const train = await compile({ updates: adagrad(loss, [w, b], { learningRate: 0.01 }) }, await cpu());
 */
export const adagrad = defineOptimizer({
  name: 'adagrad',
  defaults: {
    /** The size of the first step of an element, at least 0. Default 1, Lasagne's. */
    learningRate: 1,
    /** Added to the sum of squares inside the root, at least 0. Default 1e-6, Lasagne's; the paper has none. */
    epsilon: 1e-6,
  },
  ranges: { learningRate: range.nonNegative, epsilon: range.nonNegative },
  state: (param) => ({ sumSquares: zerosLike(param) }),
  update({ param, grad, sumSquares, learningRate, epsilon }) {
    const next = sumSquares.add(grad.square());
    return { param: param.sub(learningRate.mul(grad).div(next.add(epsilon).sqrt())), sumSquares: next };
  },
});
