import { defineTransform, range, zerosLike } from '@pappus/core';

/**
 * Momentum over the updates of any rule: each step keeps a part of the one before.
 *
 * ```text
 * velocity <- momentum velocity + updates[param] - param
 * param <- param + velocity
 * ```
 *
 * `applyMomentum(updates, params?, { momentum })`, where `momentum` in [0, 1) is 0.9 by default; the answer is a copy of
 * the updates. Without `params` it covers the parameters and not the state of the base rule: an accumulator that is
 * carried on by momentum can fall below 0, and its root is NaN from then on, as happens to `rmsprop` within 20 steps.
 * Lasagne and Dandelion do cover it; passing every key of the updates, as in `[...updates.keys()]`, gives what they do,
 * where no key is an integer (`adam` counts its steps in one; leave that out).
 *
 * Source: Lasagne's `updates.apply_momentum`.
 *
 * @throws {OptimizerError|DTypeError} if a variable of `params` is not among the updates, is given twice or is no float
 * @example const updates = applyMomentum(rmsprop(loss, [w, b], { learningRate: 1e-4 }));
 */
export const applyMomentum = defineTransform({
  name: 'applyMomentum',
  defaults: {
    /** The part of the velocity that stays in a step, in [0, 1). Default 0.9, Lasagne's. */
    momentum: 0.9,
  },
  ranges: { momentum: range.decayRate },
  state: (param) => ({ velocity: zerosLike(param) }),
  update({ param, next, velocity, momentum }) {
    const carried = momentum.mul(velocity).add(next);
    return { param: carried, velocity: carried.sub(param) };
  },
});
