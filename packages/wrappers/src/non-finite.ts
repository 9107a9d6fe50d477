/** Steps whose gradients are not finite: left out, and with a scale of the loss that adapts to them. */
import { all, cast, checkOptions, type Expr, isFinite, type Hyperparameter, hyperparameter, option, OptimizerError, range, scalar, type Updates, where } from '@pappus/core';
import { lossOf, type Rule, type WrappedCall, wrap, type WrapperOptions } from './wrapped-rule.js';

/**
 * A step whose gradients hold NaN or an infinity changes nothing, neither parameters nor the rule's state and count, and is counted in
 * the slot `skipped`. As Optax's `apply_if_finite`, without its limit in a row.
 *
 * @throws {OptimizerError|InputError} for options that do not fit
 * @example
 * const updates = skipNonFinite(adam)(loss, params, { learningRate: 1e-3 });
 * const skipped = updates.slot('skipped');
 */
export function skipNonFinite<A extends readonly unknown[]>(rule: Rule<A>, options?: WrapperOptions): Rule<A> {
  const { name } = checkOptions('skipNonFinite', options, { name: option.text });
  return wrap('skipNonFinite', name, rule, (call) => {
    const grads = call.gradients();
    return onlyIf(call, allFinite(grads), call.applyGradients(grads));
  });
}

/** Options of `lossScaling`. */
export interface LossScalingOptions extends WrapperOptions {
  /** The scale in the first step, above 0. Default 65536, torch's. */
  readonly initial?: number;
  /** What the scale is multiplied by after `interval` finite steps in a row, at least 1. Default 2, torch's. */
  readonly growth?: Hyperparameter;
  /** What the scale is multiplied by after a step that was not finite, from 0 to 1. Default 0.5, torch's. */
  readonly backoff?: Hyperparameter;
  /** How many finite steps in a row make the scale grow, at least 1. Default 2000, torch's. */
  readonly interval?: number;
}

/**
 * Gradients of the loss times a scale, divided by it again: what would vanish below the smallest numbers of a short format does not. A
 * step whose scaled gradients are not finite changes nothing, is counted in the slot `skipped`, and makes the scale smaller; after
 * `interval` finite steps in a row it grows, unless it would be infinite. The slots are `scale`, `streak` and `skipped`. As torch's
 * `GradScaler`.
 *
 * Source: Micikevicius et al. (2017), "Mixed precision training", arXiv:1710.03740.
 *
 * @throws {OptimizerError|InputError} if it is called with gradients, or for options out of their range
 * @example const updates = lossScaling(adam, { initial: 1024 })(loss, params, { learningRate: 1e-3 });
 */
export function lossScaling<A extends readonly unknown[]>(rule: Rule<A>, options?: LossScalingOptions): Rule<A> {
  const { name, initial = 65536, growth = 2, backoff = 0.5, interval = 2000 } = checkOptions('lossScaling', options, {
    name: option.text, initial: option.finite, growth: option.unchecked, backoff: option.unchecked, interval: option.finite,
  });
  if (!(initial > 0)) throw new OptimizerError(`lossScaling: initial must be above 0, not ${initial}`);
  if (!Number.isInteger(interval) || interval < 1) throw new OptimizerError(`lossScaling: interval must be a whole number of at least 1, not ${interval}`);
  return wrap('lossScaling', name, rule, (call) => {
    const loss = lossOf(call, 'which it multiplies');
    const scale = call.state('scale', initial, undefined, loss.dtype);
    const streak = call.state('streak', 0, undefined, 'int32');
    const scaled = call.gradients(loss.mul(scale));
    const isFiniteStep = allFinite(scaled);
    const updates = onlyIf(call, isFiniteStep, call.applyGradients(scaled.map((g) => g.div(cast(scale, g.dtype)))));
    const grown = scale.mul(hyperparameter(growth, scale.dtype, 'lossScaling: growth', { min: 1, max: range.finite.max }));
    const smaller = scale.mul(hyperparameter(backoff, scale.dtype, 'lossScaling: backoff', { min: 0, max: 1 }));
    const isFull = streak.add(1).ge(interval);
    call.keep(scale, where(isFiniteStep, where(isFull.and(isFinite(grown)), grown, scale), smaller), 'scale');
    call.keep(streak, where(isFiniteStep.and(isFull.not()), streak.add(1), 0), 'streak');
    return updates;
  });
}

/** Whether all elements of all gradients are finite. */
function allFinite(grads: readonly Expr[]): Expr {
  return grads.reduce<Expr>((so, g) => so.and(all(isFinite(g))), scalar(true, 'bool'));
}

/** The updates where the condition holds; else all stays, and the step is counted. */
function onlyIf(call: WrappedCall, condition: Expr, updates: Updates): Updates {
  const skipped = call.state('skipped', 0, undefined, 'int32');
  call.keep(skipped, where(condition, skipped, skipped.add(1)), 'skipped');
  return updates.mapValues((next, variable) => where(condition, next, variable));
}
