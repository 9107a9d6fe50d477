import { defineTransform, range, zerosLike } from '@pappus/core';

/**
 * Nesterov's momentum over the updates of any rule.
 *
 * ```text
 * velocity <- momentum velocity + updates[param] - param
 * param <- updates[param] + momentum velocity'        (velocity' is the new one)
 * ```
 *
 * `applyNesterovMomentum(updates, params?, { momentum })`, where `momentum` in [0, 1) is 0.9 by default; the answer is a
 * copy of the updates. Without `params` it covers the parameters and not the state of the base rule, since momentum on an
 * accumulator can make its root NaN; passing every key of the updates, as in `[...updates.keys()]`, gives what Lasagne
 * and Dandelion do (see `applyMomentum`). As in `nesterovMomentum`, the gradient is the one at the parameter.
 *
 * Source: Lasagne's `updates.apply_nesterov_momentum`.
 *
 * @throws {OptimizerError|DTypeError} if a variable of `params` is not among the updates, is given twice or is no float
 * @example const updates = applyNesterovMomentum(adagrad(loss, [w, b]), [w], { momentum: 0.5 });
 */
export const applyNesterovMomentum = defineTransform({
  name: 'applyNesterovMomentum',
  defaults: {
    /** The part of the velocity that stays in a step, in [0, 1). Default 0.9, Lasagne's. */
    momentum: 0.9,
  },
  ranges: { momentum: range.decayRate },
  state: (param) => ({ velocity: zerosLike(param) }),
  update({ param, next, velocity, momentum }) {
    const velocityNext = momentum.mul(velocity).add(next).sub(param);
    return { param: momentum.mul(velocityNext).add(next), velocity: velocityNext };
  },
});
