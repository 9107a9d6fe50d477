/** Half waves of a cosine: one, one that comes back, one after another. */
import { type Expr, type Hyperparameter, InputError, range, show, where } from '@pappus/core';
import { type Count, countOf, entriesOf, kind, optionsOf, rateOf } from './arguments.js';
import { cosineOf, mix, number, pieceAt } from './curves.js';
import { cosineFrom } from './cosine-wave.js';
import { warmupCosineFrom, warmupCosineOptions, type WarmupCosineOptions } from './warmup.js';

/** Options of `cosineDecay`. */
export interface CosineOptions {
  /** The value at the count `begin` and before. Required. */
  readonly initial: Hyperparameter;
  /** The value at the end. Default 0. Optax's `alpha` is its share of the initial one. */
  readonly final?: Hyperparameter;
  /** How many steps it takes from one to the other, above 0. Required. */
  readonly steps: number;
  /** The count at which it leaves the first value, at least 0. Default 0. */
  readonly begin?: number;
  /** The power of the half wave, at least 0. Default 1. */
  readonly exponent?: Hyperparameter;
  /** Whether it goes back up after the end, and down again and so on, as PyTorch's does. Default false: the final value is held. */
  readonly periodic?: boolean;
}

/** Options of `cosineRestarts`. */
export interface CosineRestartsOptions {
  /** The value at the beginning of the first cycle. Required. */
  readonly initial: Hyperparameter;
  /** The value that each cycle falls to. Default 0. */
  readonly final?: Hyperparameter;
  /** The number of steps of the first cycle, above 0. Required. */
  readonly steps: number;
  /** How many times longer each cycle is than the one before it, at least 1. Default 1. */
  readonly growth?: number;
  /** How many times higher each cycle begins than the one before it, at least 0. Default 1. */
  readonly factor?: Hyperparameter;
}

/** One cycle of `warmupCosineCycles`. */
export type WarmupCosineCycle = WarmupCosineOptions;

/** Options of `warmupCosineCycles`. */
export interface WarmupCosineCyclesOptions {
  /** The cycles, one after the other: the options of a `warmupCosine` each, whose `steps` say how long it lasts. Required, one at least. */
  readonly cycles: readonly WarmupCosineCycle[];
}

/**
 * Down along half a wave of a cosine: `final + (initial - final) ((1 + cos(π p)) / 2)^exponent` for the share p of the steps that is done.
 *
 * Source: Loshchilov & Hutter (2016), "SGDR: stochastic gradient descent with warm restarts", arXiv:1608.03983.
 *
 * Peers: `optax.cosine_decay_schedule`; torch's `CosineAnnealingLR`, with `periodic`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example cosineDecay(t, { initial: 0.1, steps: 20_000 })
 */
export function cosineDecay(count: Count, options: CosineOptions): Expr {
  const name = 'cosineDecay';
  const t = countOf(name, count);
  const table = { initial: kind.rate, final: kind.rate, steps: kind.someSteps, begin: kind.steps, exponent: kind.rate, periodic: kind.flag };
  const { periodic = false, ...given } = optionsOf(name, options, table, ['initial', 'steps']);
  if (!periodic) return cosineFrom(name, t, given);
  // There and back in twice the steps; before the beginning nothing moves.
  const { steps, begin = 0 } = given;
  const phase = t.sub(begin).maximum(0).mod(2 * steps);
  return cosineFrom(name, phase.minimum(number(2 * steps).sub(phase)), { ...given, begin: 0 });
}

/**
 * Half waves of a cosine, each down from `initial` to `final`, where the next one begins; each can be longer and lower than the one before.
 *
 * ```text
 * in the n-th cycle, from 0, of steps growth^n steps, for the share p of it that is done:
 * final + (initial factor^n - final) (1 + cos(π p)) / 2
 * ```
 *
 * Source: Loshchilov & Hutter (2016), "SGDR", arXiv:1608.03983, whose T_0 and T_mult are `steps` and `growth`.
 *
 * Peers: torch's `CosineAnnealingWarmRestarts`; Keras's `CosineDecayRestarts`, whose `m_mul` is `factor`. Cycles with a warm-up each: `warmupCosineCycles`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example cosineRestarts(t, { initial: 0.1, steps: 1000, growth: 2 })
 */
export function cosineRestarts(count: Count, options: CosineRestartsOptions): Expr {
  const name = 'cosineRestarts';
  const t = countOf(name, count).maximum(0);
  const longer = { wanted: 'a finite number of at least 1', takes: (value: unknown) => typeof value === 'number' && value >= 1 && value < Infinity };
  const table = { initial: kind.rate, final: kind.rate, steps: kind.someSteps, growth: longer, factor: kind.rate };
  const { initial, final = 0, steps, growth = 1, factor = 1 } = optionsOf(name, options, table, ['initial', 'steps']);
  const { cycle, share } = growth === 1 ? equalCycles(t, steps) : growingCycles(t, steps, growth);
  const [first, last, lower] = [rateOf(name, 'initial', initial), rateOf(name, 'final', final), rateOf(name, 'factor', factor, range.nonNegative)];
  return mix(factor === 1 ? first : first.mul(lower.pow(cycle)), last, cosineOf(share));
}

/** Which cycle the count is in, from 0, and how much of it remains. */
interface Cycle {
  readonly cycle: Expr;
  readonly share: Expr;
}

function equalCycles(t: Expr, steps: number): Cycle {
  return { cycle: t.div(steps).floor(), share: number(steps).sub(t.mod(steps)).div(steps) };
}

function growingCycles(t: Expr, steps: number, growth: number): Cycle {
  const start = (cycle: Expr): Expr => number(growth).pow(cycle).sub(1).mul(steps).div(growth - 1);
  // The logarithm may be off by its rounding at the beginning of a cycle: the beginnings decide.
  const near = t.mul((growth - 1) / steps).add(1).log().div(Math.log(growth)).round();
  const cycle = where(t.lt(start(near)), near.sub(1), near);
  const length = number(growth).pow(cycle).mul(steps);
  return { cycle, share: number(1).sub(t.sub(start(cycle)).div(length)) };
}

/**
 * Cycles of a warm-up and half a wave of a cosine down, each with numbers of its own, one after the other; the end of the last one is held.
 *
 * Peers: `optax.sgdr_schedule`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example warmupCosineCycles(t, { cycles: [{ peak: 1, warmup: 100, steps: 1000 }, { peak: 0.5, warmup: 100, steps: 2000 }] })
 */
export function warmupCosineCycles(count: Count, options: WarmupCosineCyclesOptions): Expr {
  const name = 'warmupCosineCycles';
  const t = countOf(name, count);
  const { cycles } = optionsOf(name, options, { cycles: kind.list }, ['cycles']);
  const boundaries: number[] = [];
  let begin = 0;
  const [first, ...others] = entriesOf(name, 'cycles', cycles, 'the options of cycles').map((cycle, k) => {
    const which = `${name}: cycles[${k}]`;
    const checked = warmupCosineOptions(which, cycle);
    const value = warmupCosineFrom(which, t.sub(begin), checked);
    begin += checked.steps;
    boundaries.push(begin);
    return value;
  });
  if (first === undefined) throw new InputError(`${name}: cycles must have one entry at least, not ${show(cycles)}`);
  return pieceAt(t, boundaries.slice(0, -1), [first, ...others]);
}
