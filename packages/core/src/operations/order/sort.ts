/** Sorting along an axis. */
import type { Expr } from '../../graph/expr.js';
import { checkOptions, option } from '../../arguments/options.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { requireNumbers } from '../operand-checks.js';
import { elementsAt, toLastAxis } from './last-axis.js';
import { writeArgSort } from './merge-sort.js';

/** Options of `sort` and `argSort`. */
export interface SortOptions {
  /** From the largest to the smallest. Default false. */
  readonly descending?: boolean;
}

const OPTIONS = { descending: option.flag } as const;

/** The places of the elements of the last axis in order. */
export function orderOf(x: Expr, descending: boolean): Expr {
  const routine = defineRoutine({
    name: 'argSort',
    settings: descending ? 'descending' : 'ascending',
    itemAxes: [1],
    dtype: 'int32',
    results: ([row]) => [row],
    write: (b, [row], [result]) => writeArgSort(b, row, result, descending),
    vjp: () => [null],
  });
  const [order] = applyRoutine(routine, [x]);
  return order;
}

/**
 * The indices by which elements along an axis are in order: int32, of x's shape; `gather(x, argSort(x, axis), axis)` is `sort(x, axis)`. Equal
 * elements, such as 0 and -0, keep their order, descending too. NaN comes last in either direction: as in NumPy, which has no descending
 * order; torch has NaN first there. No gradient flows through.
 *
 * @param x float32, float64 or int32
 * @param axis default -1, the last
 * @param options `descending`, default false
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis
 * @example argSort(literal([3, 1, 2], [3], 'float32'))   // 1, 2, 0
 */
export function argSort(x: Expr, axis = -1, options?: SortOptions): Expr {
  requireNumbers('argSort', x);
  const { descending = false } = checkOptions('argSort', options, OPTIONS);
  const { moved, back } = toLastAxis('argSort', x, axis);
  return back(orderOf(moved, descending));
}

/**
 * The elements along an axis in order. Equal elements, such as 0 and -0, keep their order, descending too. NaN comes last in either direction:
 * as in NumPy, which has no descending order; torch has NaN first there. The gradient of an element is that of its place; where
 * elements tie, their order says whose it is. torch answers the indices as well: they are `argSort`'s.
 *
 * @param x float32, float64 or int32
 * @param axis default -1, the last
 * @param options `descending`, default false
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis
 * @example sort(literal([3, 1, 2], [3], 'float32'), 0, { descending: true })   // 3, 2, 1
 */
export function sort(x: Expr, axis = -1, options?: SortOptions): Expr {
  requireNumbers('sort', x);
  const { descending = false } = checkOptions('sort', options, OPTIONS);
  const { moved, back } = toLastAxis('sort', x, axis);
  return back(elementsAt('sort', moved, orderOf(moved, descending)));
}
