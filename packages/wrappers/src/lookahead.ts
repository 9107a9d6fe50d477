/** Look-ahead: slow weights that follow fast ones. */
import { checkOptions, option, OptimizerError, show, where, zerosLike } from '@pappus/core';
import { type Rule, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of `lookahead`. */
export interface LookaheadOptions extends WrapperOptions {
  /** How many steps the fast weights take before the slow ones follow, at least 1. Default 5, the paper's. */
  readonly steps?: number;
  /** How far the slow weights follow, from 0 to 1. Default 0.5, the paper's. */
  readonly alpha?: WrapperHyperparameter;
  /** Parts of the rule's state of each parameter that become 0 when the fast weights start anew, such as `velocity`. Default: none, the state goes on. */
  readonly reset?: readonly string[];
}

/**
 * The rule takes some steps from slow weights, then these go a part of the way, and it starts anew from there.
 *
 * ```text
 * every `steps` steps:   slow <- slow + alpha (param - slow)        param <- slow
 * ```
 *
 * The slow weights begin as the parameters. `reset: ['velocity']` is the peers' `pullback_momentum: 'reset'`.
 *
 * Source: Zhang, Lucas, Hinton & Ba (2019), "Lookahead optimizer: k steps forward, 1 step back", arXiv:1907.08610.
 *
 * @throws {OptimizerError|InputError} for options out of their range, or if the rule has no state of a name in `reset`
 * @example const updates = lookahead(adam, { steps: 5, alpha: 0.5 })(loss, params, { learningRate: 1e-3 });
 */
export function lookahead<A extends readonly unknown[]>(rule: Rule<A>, options?: LookaheadOptions): Rule<A> {
  const { name, steps = 5, alpha = 0.5, reset = [] } = checkOptions('lookahead', options, { name: option.text, steps: option.unchecked, alpha: option.unchecked, reset: { wanted: 'a list of names', takes: isNames } });
  if (!Number.isInteger(steps) || steps < 1) throw new OptimizerError(`lookahead: steps must be a whole number of at least 1, not ${show(steps)}`);
  return wrap('lookahead', name, rule, (call) => {
    const updates = call.apply();
    const isFirst = call.t.eq(1);
    const isLast = call.isLastOf(steps);
    for (const [param, next] of [...call.moved(updates)]) {
      const kept = call.state('slow', zerosLike(param), param);
      const slow = where(isFirst, param, kept);
      const followed = slow.add(next.sub(slow).mul(call.scalar(alpha, 'alpha', param.dtype, { min: 0, max: 1 })));
      updates.set(param, where(isLast, followed, next));
      call.keep(kept, where(isLast, followed, slow), 'slow', param);
      for (const slot of reset) {
        const part = updates.slot(param, slot);
        updates.modify(part, (value) => where(isLast, zerosLike(value), value));
      }
    }
    return updates;
  });
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
