/** Values that fall by a factor: exponentially, in stairs, at milestones; and as the inverse of the count and of its root. */
import { type Expr, type Hyperparameter, range, where } from '@pappus/core';
import { boundariesOf, type Count, countOf, factor as factorRange, kind, optionsOf, rateOf } from './arguments.js';
import { number, pieceAt, stretch } from './curves.js';

/** Options of `exponentialDecay`. */
export interface ExponentialOptions {
  /** The value up to the count `begin`. Required. */
  readonly initial: Hyperparameter;
  /** What it is multiplied by in every `every` steps, at least 0. Required. */
  readonly factor: Hyperparameter;
  /** In how many steps it is multiplied by the factor, above 0. Default 1. */
  readonly every?: number;
  /** The count at which it leaves the first value, at least 0. Default 0. */
  readonly begin?: number;
  /** In stairs: it is multiplied at the end of every `every` steps only. Default false. */
  readonly staircase?: boolean;
  /** The value that it does not pass: the least where the factor is below 1, else the largest. Default: none. */
  readonly final?: Hyperparameter;
}

/** Options of `stepDecay`. */
export interface StepOptions {
  /** The value of the first steps. Required. */
  readonly initial: Hyperparameter;
  /** How many steps a value lasts, above 0. Required. */
  readonly every: number;
  /** What it is multiplied by, at least 0. Default 0.1, PyTorch's. */
  readonly factor?: Hyperparameter;
}

/** Options of `multiStepDecay`. */
export interface MultiStepOptions {
  /** The value before the first milestone. Required. */
  readonly initial: Hyperparameter;
  /** The counts from which on it is multiplied once more, in ascending order. Required. */
  readonly milestones: readonly number[];
  /** What it is multiplied by, at least 0. Default 0.1, PyTorch's. */
  readonly factor?: Hyperparameter;
}

/** Options of `inverseTimeDecay`. */
export interface InverseTimeOptions {
  /** The value at the count 0. Required. */
  readonly initial: Hyperparameter;
  /** How fast it falls, at least 0: in the first `every` steps to `1 / (1 + rate)` of what it was. Required. */
  readonly rate: Hyperparameter;
  /** The unit in which the steps are counted, above 0. Default 1. */
  readonly every?: number;
  /** In stairs: it changes at the end of every `every` steps only. Default false. */
  readonly staircase?: boolean;
}

/** Options of `inverseSquareRoot`. */
export interface InverseSquareRootOptions {
  /** The largest value, that at the count `warmup`. Required. */
  readonly peak: Hyperparameter;
  /** How many steps it rises from `initial` to the peak, above 0. Required. */
  readonly warmup: number;
  /** The value at the count 0. Default 0; the peak itself holds it until the root falls, as in T5. */
  readonly initial?: Hyperparameter;
}

/**
 * Falls by a factor in every so many steps: `initial factor^((count - begin) / every)`.
 *
 * Peers: `optax.exponential_decay`; torch's `ExponentialLR`; Keras's `ExponentialDecay`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example exponentialDecay(t, { initial: 0.1, factor: 0.5, every: 1000, final: 1e-4 })
 */
export function exponentialDecay(count: Count, options: ExponentialOptions): Expr {
  const name = 'exponentialDecay';
  const table = { initial: kind.rate, factor: kind.rate, every: kind.someSteps, begin: kind.steps, staircase: kind.flag, final: kind.rate };
  return exponentialFrom(name, countOf(name, count), optionsOf(name, options, table, ['initial', 'factor']));
}

/** The same with options that are checked by name. */
export function exponentialFrom(name: string, count: Expr, { initial, factor, every = 1, begin = 0, staircase = false, final }: ExponentialOptions, initialName = 'initial'): Expr {
  const [first, base] = [rateOf(name, initialName, initial), rateOf(name, 'factor', factor, factorRange)];
  const periods = count.sub(begin).maximum(0).div(every);
  const decayed = first.mul(base.pow(staircase ? periods.floor() : periods));
  if (final === undefined) return decayed;
  const last = rateOf(name, 'final', final);
  return where(base.lt(1), decayed.maximum(last), decayed.minimum(last));
}

/**
 * Stairs: multiplied by a factor after every so many steps, `initial factor^floor(count / every)`.
 *
 * Peers: torch's `StepLR`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example stepDecay(t, { initial: 0.1, every: 1000, factor: 0.5 })
 */
export function stepDecay(count: Count, options: StepOptions): Expr {
  const name = 'stepDecay';
  const { initial, every, factor = 0.1 } = optionsOf(name, options, { initial: kind.rate, every: kind.someSteps, factor: kind.rate }, ['initial', 'every']);
  return exponentialFrom(name, countOf(name, count), { initial, every, factor, staircase: true });
}

/**
 * Stairs of any length: multiplied by a factor at each milestone that the count reaches.
 *
 * ```text
 * initial factor^n        where n milestones are at most count
 * ```
 *
 * Peers: torch's `MultiStepLR`. Values of their own in place of one factor: `piecewiseConstant`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as milestones that are not sorted
 * @example multiStepDecay(t, { initial: 0.1, milestones: [3000, 6000, 8000], factor: 0.2 })
 */
export function multiStepDecay(count: Count, options: MultiStepOptions): Expr {
  const name = 'multiStepDecay';
  const t = countOf(name, count);
  const { initial, milestones, factor = 0.1 } = optionsOf(name, options, { initial: kind.rate, milestones: kind.list, factor: kind.rate }, ['initial', 'milestones']);
  const [first, base] = [rateOf(name, 'initial', initial), rateOf(name, 'factor', factor, factorRange)];
  const boundaries = boundariesOf(name, 'milestones', milestones);
  const passed = pieceAt(t, boundaries, [number(0), ...boundaries.map((_, k) => number(k + 1))]);
  return first.mul(base.pow(passed));
}

/**
 * Falls as the inverse of the count: `initial / (1 + rate count / every)`.
 *
 * Peers: Keras's and TF.js's decay of SGD, Keras's `InverseTimeDecay`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example inverseTimeDecay(t, { initial: 0.1, rate: 0.5, every: 1000 })
 */
export function inverseTimeDecay(count: Count, options: InverseTimeOptions): Expr {
  const name = 'inverseTimeDecay';
  const t = countOf(name, count);
  const table = { initial: kind.rate, rate: kind.rate, every: kind.someSteps, staircase: kind.flag };
  const { initial, rate, every = 1, staircase = false } = optionsOf(name, options, table, ['initial', 'rate']);
  const periods = t.maximum(0).div(every);
  const speed = rateOf(name, 'rate', rate, range.nonNegative);
  return rateOf(name, 'initial', initial).div(speed.mul(staircase ? periods.floor() : periods).add(1));
}

/**
 * Warm-up along a line, then falling as the inverse square root of the count: `peak √(warmup / count)`, the schedule of the first transformers.
 *
 * The paper's, also called Noam, is the one with the peak `(width warmup)^-0.5`. T5's has no warm-up but holds its peak `warmup^-0.5`: give `initial`
 * the same value.
 *
 * Source: Vaswani et al. (2017), "Attention is all you need", section 5.3, arXiv:1706.03762.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example inverseSquareRoot(t, { peak: (512 * 4000) ** -0.5, warmup: 4000 })
 */
export function inverseSquareRoot(count: Count, options: InverseSquareRootOptions): Expr {
  const name = 'inverseSquareRoot';
  const t = countOf(name, count);
  const { peak, warmup, initial = 0 } = optionsOf(name, options, { peak: kind.rate, warmup: kind.someSteps, initial: kind.rate }, ['peak', 'warmup']);
  const [first, top] = [rateOf(name, 'initial', initial), rateOf(name, 'peak', peak)];
  const rising = stretch(t, 0, warmup, first, top, 'linear');
  return where(t.lt(warmup), rising, top.mul(number(warmup).div(t.maximum(warmup)).sqrt()));
}
