/** A rate that falls when a loss no longer does: the one schedule with a state of its own. */
import { checkOptions, type Expr, formatShape, type Hyperparameter, hyperparameter, InputError, option, type OptionTest, range, requireFloat, ShapeError, Updates, type Variable, variable, where } from '@pappus/core';

/** Options of `reduceOnPlateau`; the defaults are PyTorch's. */
export interface PlateauOptions {
  /** The rate of the first steps, above 0. Required. */
  readonly initial: number;
  /** Whether the loss should fall, `'min'`, or rise, `'max'`, as an accuracy does. Default `'min'`. */
  readonly mode?: 'min' | 'max';
  /** What the rate is multiplied by, from 0 to 1 (excluded). Default 0.1. */
  readonly factor?: Hyperparameter;
  /** How many losses in a row may be no better than the best one; the next one reduces the rate. A whole number from 0 to 2^31 - 2. Default 10. */
  readonly patience?: number;
  /** By how much a loss must be better than the best one to count as better, at least 0. Default 1e-4. */
  readonly threshold?: Hyperparameter;
  /** Whether the threshold is a share of the best loss, `'relative'`, or a difference, `'absolute'`. Default `'relative'`. */
  readonly thresholdMode?: 'relative' | 'absolute';
  /** For how many losses after a reduction none counts as bad. A whole number from 0 to 2^31 - 2. Default 0. */
  readonly cooldown?: number;
  /** The least rate, at least 0. Default 0. */
  readonly minRate?: Hyperparameter;
  /** A reduction by no more than this is not made, at least 0. Default 1e-8. */
  readonly epsilon?: Hyperparameter;
  /** The first part of the names of the state, as in `reduceOnPlateau/rate`. Default `'reduceOnPlateau'`. */
  readonly name?: string;
}

/** What `reduceOnPlateau` answers. */
export interface Plateau {
  /** The rate from before the loss was seen: a variable of the loss's dtype, for the option `learningRate` of a rule. */
  readonly rate: Variable;
  /** What the rate and the rest of the state become once the loss is seen. Hand them to `compile` with the updates of the rule, or in a step of their own. */
  readonly updates: Updates;
}

const whole: OptionTest = { wanted: 'a whole number from 0 to 2^31 - 2', takes: (value) => Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31 - 1 };
const positive: OptionTest = { wanted: 'a finite number above 0', takes: (value) => typeof value === 'number' && value > 0 && value < Infinity };
const named: OptionTest = { wanted: 'a text of at least one letter', takes: (value) => typeof value === 'string' && value !== '' };

/**
 * A rate that is reduced by a factor once so many losses in a row were no better than the best one.
 *
 * A loss is better if it is below `best (1 - threshold)`, or `best - threshold` in absolute terms (above `best (1 + threshold)` and `best + threshold` where it should
 * rise). One that is not better, or NaN, is bad. After more than `patience` bad ones in a row the rate becomes `max(factor rate, minRate)`, and for `cooldown` losses
 * none is bad.
 *
 * The loss is seen in every call of the step that has the updates. For a loss of each epoch, such as that of held-out data, make them a step of their own: the rate is a
 * variable, and steps share it. What it was in the last step is in `rate`, and `rate.set(value)` sets it.
 *
 * Peers: torch's `ReduceLROnPlateau`, of which this has all options; `optax.contrib.reduce_on_plateau` answers a factor instead of a rate.
 *
 * @param loss a float scalar: an input, or what a step computes
 * @throws {InputError|DTypeError|ShapeError} if the loss is no float scalar
 * @throws {InputError|OptimizerError} for an option that does not exist, is missing or is out of its range
 * @example
 * const heldOut = input('float64', []);
 * const plateau = reduceOnPlateau(heldOut, { initial: 0.1, patience: 3 });
 * const train = await compile({ inputs, outputs: { loss }, updates: sgd(loss, params, { learningRate: plateau.rate }) }, backend);
 * const endEpoch = await compile({ inputs: { heldOut }, updates: plateau.updates }, backend);
 */
export function reduceOnPlateau(loss: Expr, options: PlateauOptions): Plateau {
  const operation = 'reduceOnPlateau';
  requireFloat(operation, loss, 'the loss');
  if (loss.rank !== 0) throw new ShapeError(`${operation}: the loss must be a scalar, and has the shape ${formatShape(loss.shape)}; reduce it with .mean()`);
  const given = checkOptions(operation, options, {
    initial: positive, mode: ['min', 'max'], factor: option.unchecked, patience: whole, threshold: option.unchecked, thresholdMode: ['relative', 'absolute'], cooldown: whole,
    minRate: option.unchecked, epsilon: option.unchecked, name: named,
  });
  const { initial, mode = 'min', patience = 10, thresholdMode = 'relative', cooldown = 0, name = operation } = given;
  if (initial === undefined) throw new InputError(`${operation}: the option initial is required`);
  const { dtype } = loss;
  const scalarOf = (key: 'factor' | 'threshold' | 'minRate' | 'epsilon', fallback: number): Expr =>
    hyperparameter(given[key] ?? fallback, dtype, `${operation}: ${key}`, key === 'factor' ? range.decayRate : range.nonNegative);
  const [factor, threshold, minRate, epsilon] = [scalarOf('factor', 0.1), scalarOf('threshold', 1e-4), scalarOf('minRate', 0), scalarOf('epsilon', 1e-8)];

  const rate = variable(initial, { name: `${name}/rate`, dtype });
  const best = variable(mode === 'min' ? Infinity : -Infinity, { name: `${name}/best`, dtype });
  const bad = variable(0, { name: `${name}/bad`, dtype: 'int32' });
  const rest = variable(0, { name: `${name}/cooldown`, dtype: 'int32' });

  // An infinite best loss stays what it is as a product; as a difference it would be NaN.
  const limit = thresholdMode === 'absolute' ? (mode === 'min' ? best.sub(threshold) : best.add(threshold)) : best.mul(mode === 'min' ? threshold.neg().add(1) : threshold.add(1));
  const better = mode === 'min' ? loss.lt(limit) : loss.gt(limit);
  const resting = rest.gt(0);
  const inRow = where(better.or(resting), 0, bad.add(1));
  const exhausted = inRow.gt(patience);
  const reduced = rate.mul(factor).maximum(minRate);
  const updates = new Updates()
    .setState(rate, where(exhausted.and(rate.sub(reduced).gt(epsilon)), reduced, rate))
    .setState(best, where(better, loss, best))
    .setState(bad, where(exhausted, 0, inRow))
    .setState(rest, where(exhausted, cooldown, where(resting, rest.sub(1), rest)));
  return { rate, updates };
}
