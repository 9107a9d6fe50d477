/** Values at chosen counts: held, interpolated, or one for every step. */
import { type Expr, type Hyperparameter, InputError, literal } from '@pappus/core';
import { boundariesOf, type Count, countOf, kind, optionsOf, ratesOf } from './arguments.js';
import { type Interpolation, pieceAt, stretch } from './curves.js';

/** Options of `piecewiseConstant`. */
export interface PiecewiseConstantOptions {
  /** The counts from which on the next value holds, in ascending order. Required. */
  readonly boundaries: readonly number[];
  /** The values, one more than there are boundaries: the first holds before the first boundary. Required. */
  readonly values: readonly Hyperparameter[];
}

/** Options of `piecewiseInterpolated`. */
export interface PiecewiseInterpolatedOptions {
  /** The counts at which the values after the first are reached, in ascending order. Required. */
  readonly boundaries: readonly number[];
  /** The values, one more than there are boundaries: the first is that at the count 0, the last is held. Required. */
  readonly values: readonly Hyperparameter[];
  /** The way from one value to the next: `'linear'` or `'cosine'`. Default `'linear'`. */
  readonly interpolation?: Interpolation;
}

/** Options of `tabulated`. */
export interface TabulatedOptions {
  /** The values at the counts 0, 1, 2 and so on, one at least. Required. */
  readonly values: readonly Hyperparameter[];
}

/**
 * Stairs with a value of its own each.
 *
 * ```text
 * values[n]        where n boundaries are at most count
 * ```
 *
 * Peers: Keras's `PiecewiseConstantDecay`; `optax.piecewise_constant_schedule`, whose values are given as factors.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as boundaries that are not sorted
 * @example piecewiseConstant(t, { boundaries: [1000, 5000], values: [0.1, 0.01, 0.001] })
 */
export function piecewiseConstant(count: Count, options: PiecewiseConstantOptions): Expr {
  const name = 'piecewiseConstant';
  const t = countOf(name, count);
  const { boundaries, values } = optionsOf(name, options, { boundaries: kind.list, values: kind.list }, ['boundaries', 'values']);
  const [edges, pieces] = piecesOf(name, boundaries, values);
  return pieceAt(t, edges, pieces);
}

/**
 * Through values at chosen counts, along lines or half waves of a cosine.
 *
 * Peers: `optax.piecewise_interpolate_schedule`, whose values are given as factors.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit, such as boundaries that are not sorted
 * @example piecewiseInterpolated(t, { boundaries: [500, 5000], values: [0, 0.1, 0.001], interpolation: 'cosine' })
 */
export function piecewiseInterpolated(count: Count, options: PiecewiseInterpolatedOptions): Expr {
  const name = 'piecewiseInterpolated';
  const t = countOf(name, count);
  const table = { boundaries: kind.list, values: kind.list, interpolation: ['linear', 'cosine'] } as const;
  const { boundaries, values, interpolation = 'linear' } = optionsOf(name, options, table, ['boundaries', 'values']);
  const [edges, [first, ...others]] = piecesOf(name, boundaries, values);
  return throughPoints(t, edges, first, others, interpolation);
}

/** From the first value at the count 0 to each of the others at its boundary; the last is held. */
export function throughPoints(t: Expr, boundaries: readonly number[], first: Expr, others: readonly Expr[], interpolation: Interpolation): Expr {
  const ways: Expr[] = [];
  for (const [k, to] of others.entries()) {
    const [from = first, begin = 0, end = NaN] = [others[k - 1], boundaries[k - 1], boundaries[k]];
    ways.push(stretch(t, begin, end - begin, from, to, interpolation));
  }
  const [way = first, ...later] = ways;
  // Each way holds its end, so that the last one needs no piece after it.
  return pieceAt(t, boundaries.slice(0, -1), [way, ...later]);
}

function piecesOf(name: string, boundaries: readonly number[], values: readonly Hyperparameter[]): readonly [readonly number[], readonly [Expr, ...Expr[]]] {
  const edges = boundariesOf(name, 'boundaries', boundaries);
  const [first, ...others] = ratesOf(name, 'values', values);
  if (first === undefined || others.length !== edges.length) {
    throw new InputError(`${name}: ${edges.length} boundaries take ${edges.length + 1} values, not ${values.length}`);
  }
  return [edges, [first, ...others]];
}

/**
 * A value for every step, from a list: `values[count]`. The last one holds after the end, the first one before 0; between whole counts it is that of
 * the smaller one.
 *
 * Numbers are a table of which the host picks an element. Where there are expressions among them it chooses by comparisons, as many as there are values
 * unlike their neighbours, of some 10 ns each in a step.
 *
 * @throws {OptimizerError|InputError} for a count or options that do not fit
 * @example tabulated(t, { values: [0.001, 0.003, 0.01, 0.003, 0.001] })
 */
export function tabulated(count: Count, options: TabulatedOptions): Expr {
  const name = 'tabulated';
  const t = countOf(name, count);
  const { values } = optionsOf(name, options, { values: kind.list }, ['values']);
  const [first, ...others] = ratesOf(name, 'values', values);
  if (first === undefined) throw new InputError(`${name}: values must have one entry at least`);
  // A table of numbers is one constant, of which the host picks an element, however long it is.
  const numbers = values.filter((value) => typeof value === 'number');
  if (numbers.length > others.length) return literal(numbers, [numbers.length], 'float64').take(t.floor().clip(0, others.length).cast('int32'));
  const [boundaries, pieces]: [number[], Expr[]] = [[], []];
  for (const [k, value] of others.entries()) {
    // Equal expressions are one.
    if (value === (pieces.at(-1) ?? first)) continue;
    boundaries.push(k + 1);
    pieces.push(value);
  }
  return pieceAt(t, boundaries, [first, ...pieces]);
}
