/** Averages of the parameters along the way, and evaluation at them. */
import { biasCorrection, checkOptions, type Expr, floor, hyperparameter, option, OptimizerError, range, requireUpdates, show, type Updates, type Variable, where, zerosLike } from '@pappus/core';
import { type Rule, type WrappedCall, wrap, type WrapperHyperparameter, type WrapperOptions } from './wrapped-rule.js';

/** Options of every average. */
export interface AverageOptions extends WrapperOptions {
  /** The step, counted from 1, after which the first values are taken. Default 1. */
  readonly start?: number;
  /** How many steps lie between the values that are taken. Default 1, every step. */
  readonly every?: number;
}

/** Options of `exponentialAverage`. */
export interface ExponentialAverageOptions extends AverageOptions {
  /** The part of the average that stays, in [0, 1). Default 0.999, torch's. */
  readonly decay?: WrapperHyperparameter;
  /**
   * Whether the first values weigh as all others: the average is `sum((1 - decay) decay^(n - k) x_k) / (1 - decay^n)`, as Optax's `ema`
   * with `debias`. Without it the first weigh as if they had been there forever, as torch has it. Default false.
   */
  readonly debias?: boolean;
}

/** Options of `polynomialAverage`. */
export interface PolynomialAverageOptions extends AverageOptions {
  /** How fast the beginning is forgotten, at least 0; 0 weighs all values alike. Default 8, that of DoG. */
  readonly gamma?: WrapperHyperparameter;
}

/** How the average of a variable is read: it is the parameter itself until a value was taken. */
const readings = new WeakMap<Variable, Expr>();

/**
 * An exponential average of the parameters beside a rule, whose steps stay as they are: `averagesOf` has it.
 *
 * ```text
 * the first value taken:   mean <- param
 * each further:            mean <- decay mean + (1 - decay) param
 * ```
 *
 * As torch's `AveragedModel` with `get_ema_multi_avg_fn`; with `debias` as Optax's `ema`, whose first value is a copy too.
 *
 * Source: Polyak & Juditsky (1992), "Acceleration of stochastic approximation by averaging"; the exponential form as in Kingma & Ba
 * (2014), arXiv:1412.6980, section 7.2.
 *
 * @throws {OptimizerError|InputError} for options out of their range
 * @example
 * const updates = exponentialAverage(adam, { decay: 0.99 })(loss, params, { learningRate: 1e-3 });
 * const [smoothLoss] = substitute([loss], averagesOf(updates));
 */
export function exponentialAverage<A extends readonly unknown[]>(rule: Rule<A>, options?: ExponentialAverageOptions): Rule<A> {
  const { decay = 0.999, debias = false, ...common } = checkOptions('exponentialAverage', options, { ...COMMON, decay: option.unchecked, debias: option.flag });
  return averaged('exponentialAverage', rule, common, (call, n) => {
    const stays = call.scalar(decay, 'decay', 'float64', range.decayRate);
    return debias ? stays.neg().add(1).div(biasCorrection(stays, n)) : where(n.eq(1), 1, stays.neg().add(1));
  });
}

/**
 * The mean of all values that the parameters have taken, each with the same weight: `mean <- mean + (param - mean) / n`. With `start`
 * near the end, and `every` the length of a cycle of the learning rate, it is stochastic weight averaging. As torch's `AveragedModel`.
 *
 * Source: Polyak & Juditsky (1992), "Acceleration of stochastic approximation by averaging"; Izmailov et al. (2018), "Averaging weights
 * leads to wider optima and better generalization", arXiv:1803.05407.
 *
 * @throws {OptimizerError|InputError} for options out of their range
 * @example const updates = equalAverage(momentum, { start: 1000 })(loss, params, { learningRate: 0.05 });
 */
export function equalAverage<A extends readonly unknown[]>(rule: Rule<A>, options?: AverageOptions): Rule<A> {
  return averaged('equalAverage', rule, checkOptions('equalAverage', options, COMMON), (_, n) => n.reciprocal());
}

/**
 * An average that forgets its beginning, whatever the number of steps: `mean <- mean + (gamma + 1) / (gamma + n) (param - mean)` for the
 * n-th value. As `PolynomialDecayAverager` of DoG.
 *
 * Source: Shamir & Zhang (2013), "Stochastic gradient descent for non-smooth optimization", arXiv:1212.1824; Ivgi, Hinder & Carmon
 * (2023), arXiv:2302.12022.
 *
 * @throws {OptimizerError|InputError} for options out of their range
 * @example const updates = polynomialAverage(sgd, { gamma: 8 })(loss, params, { learningRate: 0.1 });
 */
export function polynomialAverage<A extends readonly unknown[]>(rule: Rule<A>, options?: PolynomialAverageOptions): Rule<A> {
  const { gamma = 8, ...common } = checkOptions('polynomialAverage', options, { ...COMMON, gamma: option.unchecked });
  return averaged('polynomialAverage', rule, common, (call, n) => {
    const forgets = call.scalar(gamma, 'gamma', 'float64', range.nonNegative);
    return forgets.add(1).div(forgets.add(n));
  });
}

const COMMON = { name: option.text, start: option.unchecked, every: option.unchecked } as const;

/** @param weightOf the weight of the n-th value, in float64; 1 for the first */
function averaged<A extends readonly unknown[]>(wrapper: string, rule: Rule<A>, options: AverageOptions, weightOf: (call: WrappedCall, n: Expr) => Expr): Rule<A> {
  const { name, start = 1, every = 1 } = options;
  for (const [what, value] of [['start', start], ['every', every]] as const) {
    if (!Number.isInteger(value) || value < 1) throw new OptimizerError(`${wrapper}: ${what} must be a whole number of at least 1, not ${show(value)}`);
  }
  return wrap(wrapper, name, rule, (call) => {
    const updates = call.apply();
    const isTaken = call.t.ge(start).and(call.isLastOf(every, start));
    // Rounded where one is taken, so that a quotient of a device is exact then.
    const n = floor(call.t.sub(start).div(every).add(0.5)).add(1);
    // Where none is taken yet the weight is not used, and of a number that has one.
    const weight = weightOf(call, n.maximum(1));
    for (const [param, next] of call.moved(updates)) {
      const mean = call.state('mean', zerosLike(param), param);
      const moved = where(n.eq(1), next, mean.add(next.sub(mean).mul(hyperparameter(weight, param.dtype, wrapper))));
      call.keep(mean, where(isTaken, moved, mean), 'mean', param);
      readings.set(mean, where(call.t.gt(start), mean, param));
    }
    return updates;
  });
}

/**
 * The averages of parameters that updates keep, as expressions by parameter, for `substitute`: the value before the step, and the
 * parameter itself until a first value was taken.
 *
 * @param name that of the average where there are several: `exponentialAverage`, or the option `name`
 * @throws {OptimizerError} if the updates keep no average, or several of one parameter
 * @example const evaluateLoss = await compile({ inputs, outputs: { loss: substitute([loss], averagesOf(updates))[0] } }, backend);
 */
export function averagesOf(updates: Updates, name?: string): Map<Variable, Expr> {
  requireUpdates(updates, 'averagesOf');
  const found = new Map<Variable, Expr>();
  for (const mean of updates.state) {
    const reading = readings.get(mean);
    const role = updates.roleOf(mean);
    if (reading === undefined || role?.of === undefined) continue;
    if (name !== undefined && role.slot !== `${name}/mean` && !role.slot.endsWith(`/${name}/mean`)) continue;
    if (found.has(role.of)) throw new OptimizerError(`averagesOf: there are several averages of ${role.of.name}; say which, as in averagesOf(updates, 'exponentialAverage')`);
    found.set(role.of, reading);
  }
  if (found.size === 0) throw new OptimizerError(`averagesOf: the updates keep no average${name === undefined ? '' : ` named ${name}`}; make them by exponentialAverage(rule), equalAverage(rule) or polynomialAverage(rule)`);
  return found;
}
