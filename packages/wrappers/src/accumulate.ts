/** Gradients of several steps as one. */
import { checkOptions, hyperparameter, option, OptimizerError, range, StepCount, where, zerosLike } from '@pappus/core';
import { type Rule, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of `accumulate`. */
export interface AccumulateOptions extends WrapperOptions {
  /** How many steps make one update: a whole number of at least 1, a scalar, or a function whose `t` counts updates, 1 in the first. */
  readonly steps: WrapperHyperparameter;
}

/**
 * Updates by the mean of the gradients of several steps, as of one batch that is as large as theirs together. In between nothing
 * changes, and what the rule would compute is not computed.
 *
 * ```text
 * sum <- g in the first of the steps, sum + g in the others
 * in the last: the rule's updates by sum / steps
 * ```
 *
 * The rule counts its updates, not the steps; a `t` of its options is not handed on. Averages of parameters belong inside:
 * `accumulate(exponentialAverage(adam))`. A rule that reads the loss is given it as an option, and sees that of the last step.
 * Optax's `MultiSteps` keeps the running mean in the place of the sum.
 *
 * @throws {OptimizerError} if `steps` is no whole number of at least 1 and no scalar
 * @example const updates = accumulate(adam, { steps: 4 })(loss, params, { learningRate: 1e-3 });
 */
export function accumulate<A extends readonly unknown[]>(rule: Rule<A>, options: AccumulateOptions): Rule<A> {
  const { steps, name } = checkOptions('accumulate', options, { steps: option.unchecked, name: option.text });
  if (steps === undefined) throw new OptimizerError('accumulate: steps is required, as in accumulate(adam, { steps: 4 })');
  if (typeof steps === 'number' && !(Number.isInteger(steps) && steps >= 1)) throw new OptimizerError(`accumulate: steps must be a whole number of at least 1, not ${steps}`);
  return wrap('accumulate', name, rule, (call) => {
    const done = call.state('step', 0, undefined, 'int32');
    const updatesMade = new StepCount(call.prefix, undefined);
    const wanted = call.scalar(steps, 'steps', 'float64', range.positive, () => hyperparameter(updatesMade.next(), 'float64', 'accumulate: t'));
    const count = hyperparameter(done.add(1), 'float64', 'accumulate: step');
    const isLast = count.ge(wanted);
    const isFirst = done.eq(0);
    const sums = call.gradients().map((g, k) => {
      const param = call.params[k];
      const sum = call.state('sum', zerosLike(g), param);
      return { param, sum, next: where(isFirst, g, sum.add(g)) };
    });
    const means = sums.map(({ next }) => next.div(hyperparameter(count, next.dtype, 'accumulate: step')));
    const updates = call.apply(means, { t: undefined }).mapValues((next, variable) => where(isLast, next, variable));
    for (const { param, sum, next } of sums) call.keep(sum, where(isLast, sum, next), 'sum', param);
    call.keep(done, where(isLast, 0, done.add(1)), 'step');
    if (updatesMade.variable !== undefined) call.keep(updatesMade.variable, where(isLast, updatesMade.next(), updatesMade.variable), 't');
    return updates;
  });
}
