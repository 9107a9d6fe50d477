/** Cumulative sums. */
import { construct } from '../graph/construct.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { normalizeAxis } from '../graph/shape.js';
import { requireNumbers } from './operand-checks.js';

/** Options of `cumsum`. */
export interface CumsumOptions {
  /** Sum from the end: element i is the sum of elements i, i + 1, ... Default false. */
  readonly reverse?: boolean;
  /** Leave element i itself out: the first one (the last, in reverse) is 0. Default false. */
  readonly exclusive?: boolean;
}

/** What cumulative operations take, in either direction and with or without the element itself. */
export const CUMULATIVE = { reverse: option.flag, exclusive: option.flag } as const satisfies OptionTable<CumsumOptions>;

/**
 * Sums of the elements up to each one along an axis: y_i = x_0 + ... + x_i. The shape stays; int32 wraps around.
 *
 * @param axis default 0
 * @throws {DTypeError} if `a` is bool
 * @throws {ShapeError} if there is no such axis
 * @example cumsum(literal([1, 2, 3], [3], 'float32'))   // 1, 3, 6
 */
export function cumsum(a: Expr, axis = 0, options?: CumsumOptions): Expr {
  const { reverse = false, exclusive = false } = checkOptions('cumsum', options, CUMULATIVE);
  requireNumbers('cumsum', a);
  return construct({ kind: 'cumsum', axis: normalizeAxis(axis, a.rank, 'cumsum'), reverse, exclusive }, [a], a.shape, a.dtype);
}
