import { addScaled, clip, defineOptimizer, div, type Expr, neg, onesLike, range, zerosLike } from '@pappus/core';

/**
 * FTRL-Proximal: follows the regularized leader with Adagrad's rates. The parameter is the minimum of all gradients so far as linear
 * functions, of the distances to where it was, and of L1 and L2 penalties; L1 leaves it exactly 0 where gradients do not outweigh it.
 *
 * ```text
 * accumulator' = accumulator + g^2
 * linear <- linear + g + 2 l2Shrinkage param - (sqrt(accumulator') - sqrt(accumulator)) / learningRate param
 * param <- (clip(linear', -l1, l1) - linear') / ((beta + sqrt(accumulator')) / learningRate + 2 l2)
 * ```
 *
 * where `linear'` is the new one. This is TensorFlow's and Keras' `Ftrl`; in the paper `2 l2` is lambda 2. With another
 * `learningRatePower` than the paper's -1/2 roots are powers: `accumulator^-learningRatePower`.
 *
 * The rule is one for parameters that begin at 0, as the paper has them: `linear` begins at 0, and what another first value is worth shrinks
 * with the first gradient to the part `1 - sqrt(accumulator / accumulator')`, as in TensorFlow.
 *
 * It wants a rate that stays: parameters are in proportion to the rate of the step, so that a schedule that falls to 0 takes them to 0
 * with it, wherever the minimum is. The root that divides grows, which is schedule enough.
 *
 * Options, with Keras' defaults: `learningRate` 1e-3, `beta` 0, `l1` 0, `l2` 0, `l2Shrinkage` 0, which is a penalty on the loss and not
 * on the leader, `initialAccumulator` 0.1 (0 with `beta` 1 in the paper).
 *
 * Source: McMahan et al. (2013), "Ad click prediction: a view from the trenches", KDD, algorithm 1; `keras.optimizers.Ftrl`.
 *
 * @throws {OptimizerError} for parameters, gradients or options that do not fit
 * @example const updates = ftrl(loss, [weights], { learningRate: 0.1, l1: 1e-3 });
 */
export const ftrl = defineOptimizer({
  name: 'ftrl',
  defaults: {
    /** Times the gradient over the root, what a step is without penalties, above 0. Default 1e-3, Keras'. */
    learningRate: 1e-3,
    /** Added to the root that divides, at least 0. Default 0, Keras'; 1 in the paper. */
    beta: 0,
    /** The strength of the L1 penalty, at least 0: elements whose `linear` is within it are 0. Default 0, Keras'. */
    l1: 0,
    /** The strength of the L2 penalty, at least 0; half of the paper's. Default 0, Keras'. */
    l2: 0,
    /** How much of twice the parameter is added to its gradient, at least 0, but not to what is accumulated. Default 0, Keras'. */
    l2Shrinkage: 0,
    /** Where the sum of squares begins, at least 0. Default 0.1, Keras'. */
    initialAccumulator: 0.1,
  },
  optional: {
    /** The power of the sum of squares that the rate goes by, at most 0; with 0 the rate stays. Default -1/2, the paper's, as a root. */
    learningRatePower: { min: -Number.MAX_VALUE, max: 0 },
  },
  ranges: {
    learningRate: range.positive, beta: range.nonNegative, l1: range.nonNegative, l2: range.nonNegative, l2Shrinkage: range.nonNegative,
    initialAccumulator: range.nonNegative,
  },
  state: (param, { initialAccumulator }) => ({ accumulator: onesLike(param).mul(initialAccumulator), linear: zerosLike(param) }),
  update({ param, grad, accumulator, linear, learningRate, beta, l1, l2, l2Shrinkage, learningRatePower }) {
    const root = (sum: Expr): Expr => (learningRatePower === undefined ? sum.sqrt() : sum.pow(neg(learningRatePower)));
    const next = accumulator.add(grad.square());
    const [before, after] = [root(accumulator), root(next)];
    // A multiplication is several times as fast as a division, and the host has the inverse.
    const inverse = div(1, learningRate);
    const shrunk = addScaled(grad, l2Shrinkage, param.mul(2));
    const linearNext = linear.add(shrunk).sub(after.sub(before).mul(inverse).mul(param));
    const quadratic = beta.add(after).mul(inverse).add(l2.mul(2));
    return { param: clip(linearNext, neg(l1), l1).sub(linearNext).div(quadratic), accumulator: next, linear: linearNext };
  },
});
