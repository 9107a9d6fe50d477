/** Schedules of schedules: one after the other, and their product. */
import { type Expr, type Hyperparameter, InputError, show } from '@pappus/core';
import { boundariesOf, type Count, countOf, entriesOf, kind, optionsOf, rateOf, type Schedule } from './arguments.js';
import { pieceAt } from './curves.js';

/** Options of `joinSchedules`. */
export interface JoinOptions {
  /** The schedules in their order, as functions of the count, one at least. Each but the first gets the count since its boundary, 0 at first. Required. */
  readonly schedules: readonly Schedule[];
  /** The counts from which on the next schedule holds, in ascending order: one less than there are schedules. Required. */
  readonly boundaries: readonly number[];
}

/** Options of `multiplySchedules`. */
export interface MultiplyOptions {
  /** The schedules, as functions of the count, one at least. Required. */
  readonly schedules: readonly Schedule[];
}

/**
 * One schedule after the other. From its boundary on, a schedule counts from 0.
 *
 * Peers: `optax.join_schedules`; torch's `SequentialLR`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, or a schedule that answers no scalar
 * @example
 * joinSchedules(t, {
 *   schedules: [(t) => linearSchedule(t, { initial: 0, final: 1, steps: 5 }), (t) => exponentialDecay(t, { initial: 1, factor: 0.9 })],
 *   boundaries: [5],
 * })
 */
export function joinSchedules(count: Count, options: JoinOptions): Expr {
  const name = 'joinSchedules';
  const t = countOf(name, count);
  const { schedules, boundaries } = optionsOf(name, options, { schedules: kind.list, boundaries: kind.list }, ['schedules', 'boundaries']);
  const edges = boundariesOf(name, 'boundaries', boundaries);
  const [first, ...others] = valuesOf(name, schedules, (k) => sinceBoundary(t, edges[k - 1]));
  if (others.length !== edges.length) throw new InputError(`${name}: ${others.length + 1} schedules have ${others.length} boundaries between them, not ${edges.length}`);
  return pieceAt(t, edges, [first, ...others]);
}

/**
 * The product of schedules, such as a rate and a factor that changes with the step; `a.mul(b)` of two values is the same.
 *
 * Peers: torch's `ChainedScheduler`.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, or a schedule that answers no scalar
 * @example multiplySchedules(t, { schedules: [(t) => cosineDecay(t, { initial: 0.1, steps: 1000 }), (t) => warmupConstant(t, { peak: 1, warmup: 50 })] })
 */
export function multiplySchedules(count: Count, options: MultiplyOptions): Expr {
  const name = 'multiplySchedules';
  const t = countOf(name, count);
  const { schedules } = optionsOf(name, options, { schedules: kind.list }, ['schedules']);
  const [first, ...others] = valuesOf(name, schedules, () => t);
  return others.reduce((product, value) => product.mul(value), first);
}

function sinceBoundary(t: Expr, boundary: number | undefined): Expr {
  return boundary === undefined ? t : t.sub(boundary);
}

/** What each schedule answers at its count. */
function valuesOf(name: string, schedules: readonly Schedule[], countFor: (k: number) => Expr): readonly [Expr, ...Expr[]] {
  const [first, ...others] = entriesOf(name, 'schedules', schedules, 'functions').map((schedule, k) => {
    if (!isSchedule(schedule)) throw new InputError(`${name}: schedules[${k}] must be a function of the count, as in (t) => cosineDecay(t, { ... }), not ${show(schedule)}`);
    return rateOf(name, `schedules[${k}]`, schedule(countFor(k)));
  });
  if (first === undefined) throw new InputError(`${name}: schedules must have one entry at least`);
  return [first, ...others];
}

function isSchedule(value: unknown): value is (count: Expr) => Hyperparameter {
  return typeof value === 'function';
}
