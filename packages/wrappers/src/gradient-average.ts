/** A running mean of gradients in their place. */
import { biasCorrection, checkOptions, hyperparameter, option, range, zerosLike } from '@pappus/core';
import { type Rule, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of `gradientAverage`. */
export interface GradientAverageOptions extends WrapperOptions {
  /** The part of the mean that stays in a step, in [0, 1). Default 0.9. */
  readonly decay?: WrapperHyperparameter;
  /** Whether the mean is divided by `1 - decay^t`, since it begins at 0. Default true, as in Optax. */
  readonly debias?: boolean;
}

/**
 * The rule's step by an exponential mean of the gradients.
 *
 * ```text
 * mean <- decay mean + (1 - decay) g
 * the rule's updates by mean / (1 - decay^t)
 * ```
 *
 * As Optax's `ema` before a rule. Over `sgd` it is momentum that keeps the size of a step.
 *
 * @throws {OptimizerError|InputError} for options out of their range
 * @example const updates = gradientAverage(sgd, { decay: 0.9 })(loss, params, { learningRate: 0.1 });
 */
export function gradientAverage<A extends readonly unknown[]>(rule: Rule<A>, options?: GradientAverageOptions): Rule<A> {
  const { name, decay = 0.9, debias = true } = checkOptions('gradientAverage', options, { name: option.text, decay: option.unchecked, debias: option.flag });
  return wrap('gradientAverage', name, rule, (call) => {
    const averaged = call.gradients().map((g, k) => {
      const stays = call.scalar(decay, 'decay', g.dtype, range.decayRate);
      const mean = call.state('mean', zerosLike(g), call.params[k]);
      const next = stays.mul(mean).add(stays.neg().add(1).mul(g));
      call.keep(mean, next, 'mean', call.params[k]);
      return debias ? next.div(biasCorrection(stays, hyperparameter(call.t, g.dtype, 'gradientAverage: t'))) : next;
    });
    return call.applyGradients(averaged);
  });
}
