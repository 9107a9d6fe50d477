/** Warm-up: along a line up to a peak, and from there along another schedule. */
import { type Expr, type Hyperparameter, InputError, where } from '@pappus/core';
import { type Count, countOf, kind, optionsOf, rateOf } from './arguments.js';
import { cosineFrom } from './cosine-wave.js';
import { stretch } from './curves.js';
import { exponentialFrom } from './exponential.js';
import { polynomialFrom } from './polynomial.js';

/** What schedules with a warm-up have in common. */
export interface WarmupOptions {
  /** The largest value, that at the count `warmup`. Required. */
  readonly peak: Hyperparameter;
  /** How many steps it rises, at least 0: the count of the peak. Required. */
  readonly warmup: number;
  /** The value at the count 0. Default 0. */
  readonly initial?: Hyperparameter;
}

/** Options of `warmupConstant`. */
export type WarmupConstantOptions = WarmupOptions;

/** Options of `warmupLinear`. */
export interface WarmupLinearOptions extends WarmupOptions {
  /** The count at which it ends, that of the warm-up included: more than `warmup`. Required. */
  readonly steps: number;
  /** The value at the end, which is held. Default 0. */
  readonly final?: Hyperparameter;
}

/** Options of `warmupPolynomial`. */
export interface WarmupPolynomialOptions extends WarmupLinearOptions {
  /** The power of the share of the steps that remains after the warm-up, at least 0. Default 1, a line. */
  readonly power?: Hyperparameter;
}

/** Options of `warmupCosine`. */
export interface WarmupCosineOptions extends WarmupLinearOptions {
  /** The power of the half wave, at least 0. Default 1. */
  readonly exponent?: Hyperparameter;
}

/** Options of `warmupExponential`. */
export interface WarmupExponentialOptions extends WarmupOptions {
  /** What the value is multiplied by in every `every` steps after the warm-up, at least 0. Required. */
  readonly factor: Hyperparameter;
  /** In how many steps it is multiplied by the factor, above 0. Default 1. */
  readonly every?: number;
  /** How many steps it stays at the peak, at least 0. Default 0. */
  readonly hold?: number;
  /** In stairs: it is multiplied at the end of every `every` steps only. Default false. */
  readonly staircase?: boolean;
  /** The value that it does not pass: the least where the factor is below 1, else the largest. Default: none. */
  readonly final?: Hyperparameter;
}

const WARMUP = { peak: kind.rate, warmup: kind.steps, initial: kind.rate } as const;
const TO_THE_END = { ...WARMUP, steps: kind.someSteps, final: kind.rate } as const;

/**
 * Up along a line to the peak, which is held.
 *
 * ```text
 * initial + (peak - initial) min(1, count / warmup)
 * ```
 *
 * Peers: `optax.warmup_constant_schedule`; `get_constant_schedule_with_warmup` of Hugging Face's transformers.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example warmupConstant(t, { peak: 3e-4, warmup: 500 })
 */
export function warmupConstant(count: Count, options: WarmupConstantOptions): Expr {
  const name = 'warmupConstant';
  const t = countOf(name, count);
  return rising(name, t, optionsOf(name, options, WARMUP, ['peak', 'warmup']));
}

/**
 * Up along a line to the peak, and along a line down to `final`, which is held.
 *
 * ```text
 * r = (steps - count) / (steps - warmup), at least 0        rising as warmupConstant until warmup, then
 * final + (peak - final) r
 * ```
 *
 * Peers: `get_linear_schedule_with_warmup` of Hugging Face's transformers.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as a warm-up that is no shorter than all steps
 * @example warmupLinear(t, { peak: 3e-4, warmup: 500, steps: 20_000 })
 */
export function warmupLinear(count: Count, options: WarmupLinearOptions): Expr {
  const name = 'warmupLinear';
  const t = countOf(name, count);
  return polynomialAfterWarmup(name, t, optionsOf(name, options, TO_THE_END, ['peak', 'warmup', 'steps']));
}

/**
 * Up along a line to the peak, and down to `final` by a power of the share of the steps that remains.
 *
 * ```text
 * r = (steps - count) / (steps - warmup), at least 0        rising as warmupConstant until warmup, then
 * final + (peak - final) r^power
 * ```
 *
 * Peers: `get_polynomial_decay_schedule_with_warmup` of Hugging Face's transformers.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as a warm-up that is no shorter than all steps
 * @example warmupPolynomial(t, { peak: 3e-4, warmup: 500, steps: 20_000, power: 2 })
 */
export function warmupPolynomial(count: Count, options: WarmupPolynomialOptions): Expr {
  const name = 'warmupPolynomial';
  const t = countOf(name, count);
  return polynomialAfterWarmup(name, t, optionsOf(name, options, { ...TO_THE_END, power: kind.rate }, ['peak', 'warmup', 'steps']));
}

function polynomialAfterWarmup(name: string, t: Expr, given: WarmupPolynomialOptions): Expr {
  return afterWarmup(name, t, given, polynomialFrom(name, t, { ...given, initial: given.peak, ...stretchOf(name, given) }, 'peak'));
}

/**
 * Up along a line to the peak, and down to `final` along half a wave of a cosine.
 *
 * ```text
 * p = (count - warmup) / (steps - warmup), at most 1        rising as warmupConstant until warmup, then
 * final + (peak - final) ((1 + cos(π p)) / 2)^exponent
 * ```
 *
 * Peers: `optax.warmup_cosine_decay_schedule`; `get_cosine_schedule_with_warmup` of Hugging Face's transformers.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as a warm-up that is no shorter than all steps
 * @example adam(loss, params, { learningRate: ({ t }) => warmupCosine(t, { peak: 3e-4, warmup: 500, steps: 20_000 }) })
 */
export function warmupCosine(count: Count, options: WarmupCosineOptions): Expr {
  const name = 'warmupCosine';
  const t = countOf(name, count);
  return warmupCosineFrom(name, t, warmupCosineOptions(name, options));
}

/** Checked options of `warmupCosine`, which a cycle of others has, too. */
export function warmupCosineOptions(name: string, options: WarmupCosineOptions): WarmupCosineOptions {
  return optionsOf(name, options, { ...TO_THE_END, exponent: kind.rate }, ['peak', 'warmup', 'steps']);
}

/** The same with options that are checked by name. */
export function warmupCosineFrom(name: string, t: Expr, given: WarmupCosineOptions): Expr {
  return afterWarmup(name, t, given, cosineFrom(name, t, { ...given, initial: given.peak, ...stretchOf(name, given) }, 'peak'));
}

/**
 * Up along a line to the peak, and from there falling by a factor in every so many steps.
 *
 * ```text
 * rising as warmupConstant until warmup, then
 * peak factor^((count - warmup - hold) / every)        the power at least 0
 * ```
 *
 * Peers: `optax.warmup_exponential_decay_schedule`, whose `transition_begin` is `hold`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example warmupExponential(t, { peak: 3e-4, warmup: 500, factor: 0.5, every: 1000 })
 */
export function warmupExponential(count: Count, options: WarmupExponentialOptions): Expr {
  const name = 'warmupExponential';
  const t = countOf(name, count);
  const table = { ...WARMUP, factor: kind.rate, every: kind.someSteps, hold: kind.steps, staircase: kind.flag, final: kind.rate };
  const given = optionsOf(name, options, table, ['peak', 'warmup', 'factor']);
  const { peak, warmup, hold = 0 } = given;
  return afterWarmup(name, t, given, exponentialFrom(name, t, { ...given, initial: peak, begin: warmup + hold }, 'peak'));
}

/** Where the way down begins, and how long it is. */
function stretchOf(name: string, { warmup, steps }: WarmupLinearOptions): { readonly begin: number; readonly steps: number } {
  if (warmup >= steps) throw new InputError(`${name}: the warm-up of ${warmup} steps must be shorter than all ${steps} steps, which it is part of`);
  return { begin: warmup, steps: steps - warmup };
}

/** The line up, then what comes after it. */
export function afterWarmup(name: string, t: Expr, given: WarmupOptions, after: Expr): Expr {
  return given.warmup === 0 ? after : where(t.lt(given.warmup), rising(name, t, given), after);
}

function rising(name: string, t: Expr, { peak, warmup, initial = 0 }: WarmupOptions): Expr {
  return stretch(t, 0, warmup, rateOf(name, 'initial', initial), rateOf(name, 'peak', peak), 'linear');
}
