/** Up and down: once, and again and again. */
import { type Expr, type Hyperparameter, InputError, range, where } from '@pappus/core';
import { type Count, countOf, kind, optionsOf, rateOf } from './arguments.js';
import { type Interpolation, number } from './curves.js';
import { throughPoints } from './piecewise.js';

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The largest value, that at the count `warmup`. Required. */
  readonly peak: Hyperparameter;
  /** The count at which it ends, above 0. Required. */
  readonly steps: number;
  /** The count of the peak, from 0 to `steps`. Default 0.3 `steps`. */
  readonly warmup?: number;
  /** The value at the count 0. Default a 25th of the peak. */
  readonly initial?: Hyperparameter;
  /** The value at the end, which is held. Default a 10,000th of the initial one. */
  readonly final?: Hyperparameter;
  /**
   * In three phases: the count at which it is back at the initial value, from `warmup` to `steps`, before it falls to the final one. Default: in two, from
   * the peak to the final value in one way.
   */
  readonly back?: number;
  /** The way from one value to the next: `'cosine'` or `'linear'`. Default `'cosine'`, as in PyTorch. */
  readonly interpolation?: Interpolation;
}

/** Options of `cyclic`. */
export interface CyclicOptions {
  /** The value at the beginning of a cycle. Required. */
  readonly low: Hyperparameter;
  /** The value at the top of the first cycle. Required. */
  readonly high: Hyperparameter;
  /** How many steps it rises, above 0. Default 2000, PyTorch's. */
  readonly up?: number;
  /** How many steps it falls, above 0. Default: as many as it rises. */
  readonly down?: number;
  /**
   * The height of the cycles over `low`: `'triangular'`, all the same; `'triangular2'`, each half of the one before; `'exponential'`, `factor^count` of the
   * first, at every step (PyTorch's `exp_range`). Default `'triangular'`.
   */
  readonly mode?: 'triangular' | 'triangular2' | 'exponential';
  /** What the height is multiplied by in each step of the mode `'exponential'`, at least 0. Default 1. */
  readonly factor?: Hyperparameter;
}

/**
 * Up to a peak once and down again, far below where it began, for the whole of a training.
 *
 * ```text
 * initial -> peak at warmup -> final at steps        with back: initial -> peak at warmup -> initial at back -> final at steps
 * from a to b: b + (a - b) (1 + cos(π p)) / 2, or linear: a + (b - a) p, for the share p of the way
 * ```
 *
 * PyTorch counts the steps of its `total_steps` from 0 and is at the end in the last one: its schedule is this one with `steps: total - 1`, `warmup: 0.3 total - 1`
 * and, in three phases, `back: 0.6 total - 2`. Optax's is this one with `warmup` rounded down, and for the linear one `back: 0.85 steps`, rounded down.
 *
 * Source: Smith & Topin (2017), "Super-convergence: very fast training of neural networks using large learning rates", arXiv:1708.07120.
 *
 * Peers: torch's `OneCycleLR`; `optax.cosine_onecycle_schedule` and `linear_onecycle_schedule`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as a warm-up longer than all steps
 * @example oneCycle(t, { peak: 0.1, steps: 20_000 })
 */
export function oneCycle(count: Count, options: OneCycleOptions): Expr {
  const name = 'oneCycle';
  const t = countOf(name, count);
  const table = {
    peak: kind.rate, steps: kind.someSteps, warmup: kind.steps, initial: kind.rate, final: kind.rate, back: kind.steps, interpolation: ['linear', 'cosine'],
  } as const;
  const given = optionsOf(name, options, table, ['peak', 'steps']);
  const { steps, warmup = 0.3 * steps, back, interpolation = 'cosine' } = given;
  if (warmup > steps) throw new InputError(`${name}: the warm-up of ${warmup} steps is longer than all ${steps} steps, which it is part of`);
  if (back !== undefined && (back < warmup || back > steps)) throw new InputError(`${name}: back must be from warmup to steps, ${warmup} to ${steps}, not ${back}`);
  const peak = rateOf(name, 'peak', given.peak);
  const initial = given.initial === undefined ? peak.div(25) : rateOf(name, 'initial', given.initial);
  const final = given.final === undefined ? initial.div(1e4) : rateOf(name, 'final', given.final);
  return back === undefined
    ? throughPoints(t, [warmup, steps], initial, [peak, final], interpolation)
    : throughPoints(t, [warmup, back, steps], initial, [peak, initial, final], interpolation);
}

/**
 * Up and down along lines, again and again.
 *
 * ```text
 * p = count mod (up + down)        r = p / up while it rises, (up + down - p) / down while it falls
 * low + (high - low) r s        s = 1, in triangular2 2^-n in the n-th cycle from 0, in exponential factor^count
 * ```
 *
 * Source: Smith (2015), "Cyclical learning rates for training neural networks", arXiv:1506.01186.
 *
 * Peers: torch's `CyclicLR`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example cyclic(t, { low: 0.001, high: 0.01, up: 500, mode: 'triangular2' })
 */
export function cyclic(count: Count, options: CyclicOptions): Expr {
  const name = 'cyclic';
  const t = countOf(name, count).maximum(0);
  const table = {
    low: kind.rate, high: kind.rate, up: kind.someSteps, down: kind.someSteps, mode: ['triangular', 'triangular2', 'exponential'], factor: kind.rate,
  } as const;
  const { low, high, up = 2000, down = up, mode = 'triangular', factor = 1 } = optionsOf(name, options, table, ['low', 'high']);
  const [bottom, top, base] = [rateOf(name, 'low', low), rateOf(name, 'high', high), rateOf(name, 'factor', factor, range.nonNegative)];
  const position = t.mod(up + down);
  const share = where(position.lt(up), position.div(up), number(up + down).sub(position).div(down));
  const height = top.sub(bottom).mul(share);
  return bottom.add(mode === 'triangular' ? height : height.mul(mode === 'triangular2' ? number(0.5).pow(t.div(up + down).floor()) : base.pow(t)));
}
