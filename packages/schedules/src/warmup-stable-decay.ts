/** Warm-up, a long plateau and a short way down. */
import { type Expr, type Hyperparameter, InputError } from '@pappus/core';
import { type Count, countOf, kind, optionsOf, rateOf } from './arguments.js';
import { cosineOf, mix, number, remaining } from './curves.js';
import { afterWarmup, type WarmupOptions } from './warmup.js';

/** Options of `warmupStableDecay`. */
export interface WarmupStableDecayOptions extends WarmupOptions {
  /** The count at which it ends: `warmup + decay` at least. Required. */
  readonly steps: number;
  /** How many of the steps it falls, the last ones, at least 0. Required; a tenth to a fifth of all are usual. */
  readonly decay: number;
  /** The value at the end, which is held. Default 0. */
  readonly final?: Hyperparameter;
  /** The way down, for the share p of it that is done: `'linear'`, `'cosine'`, or `'squareRoot'`, along `1 - √p`. Default `'linear'`. */
  readonly shape?: 'linear' | 'cosine' | 'squareRoot';
}

/**
 * Up along a line to the peak, which is held until the last `decay` steps bring it down to `final`. Training can go on from any point of the plateau, and
 * end when one wants it to.
 *
 * ```text
 * p = (count - (steps - decay)) / decay, between 0 and 1        rising as warmupConstant until warmup, then
 * final + (peak - final) (1 - p)        cosine: (1 + cos(π p)) / 2, squareRoot: 1 - √p in the place of 1 - p
 * ```
 *
 * Sources: Hu et al. (2024), "MiniCPM", arXiv:2404.06395, named it WSD; Hägele et al. (2024), "Scaling laws and compute-optimal training beyond fixed training
 * durations", arXiv:2405.18392, for `'squareRoot'`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as a warm-up and a decay longer than all steps together
 * @example warmupStableDecay(t, { peak: 3e-4, warmup: 500, decay: 4000, steps: 20_000, shape: 'squareRoot' })
 */
export function warmupStableDecay(count: Count, options: WarmupStableDecayOptions): Expr {
  const name = 'warmupStableDecay';
  const t = countOf(name, count);
  const table = {
    peak: kind.rate, warmup: kind.steps, initial: kind.rate, steps: kind.someSteps, decay: kind.steps, final: kind.rate, shape: ['linear', 'cosine', 'squareRoot'],
  } as const;
  const given = optionsOf(name, options, table, ['peak', 'warmup', 'steps', 'decay']);
  const { peak, warmup, steps, decay, final = 0, shape = 'linear' } = given;
  if (warmup + decay > steps) throw new InputError(`${name}: warmup and decay, ${warmup} and ${decay} steps, are longer than all ${steps} steps, which they are part of`);
  const share = remaining(t, steps - decay, decay);
  const weight = { linear: share, cosine: cosineOf(share), squareRoot: number(1).sub(number(1).sub(share).sqrt()) }[shape];
  return afterWarmup(name, t, given, mix(rateOf(name, 'peak', peak), rateOf(name, 'final', final), weight));
}
