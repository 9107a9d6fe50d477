/** Where values belong among sorted ones. */
import { describe } from '../../graph/describe.js';
import { productOfDimensions } from '../../graph/dimension.js';
import { DTypeError, ShapeError } from '../../errors.js';
import type { Expr, Operand } from '../../graph/expr.js';
import { checkOptions } from '../../arguments/options.js';
import { sameShape } from '../../graph/shape.js';
import { choose, int } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { reshape } from '../movement.js';
import { lift, requireNumbers } from '../operand-checks.js';
import { isBefore } from './keys.js';

/** Options of `searchSorted`. */
export interface SearchSortedOptions {
  /** Before the elements that are equal to the value, `'left'`, or behind them, `'right'`. Default `'left'`. */
  readonly side?: 'left' | 'right';
}

/**
 * For each value the index at which it is put in and the elements stay in order: how many of them are smaller, or, on the right side, not larger.
 * int32, from 0 to n. The elements are in ascending order, as `sort` leaves them, with NaN behind all numbers; a value that is NaN belongs
 * there, as in NumPy (torch puts it behind them all). What the answer is where they are in no order is not said. No gradient flows through.
 *
 * @param sorted `[n]`, or `[..., n]` with values `[..., m]` of the same leading axes, as in torch; float32, float64 or int32
 * @param values of any shape beside `[n]`, which is that of the result; numbers take the dtype of the elements
 * @param options `side`, default `'left'`
 * @throws {DTypeError} if they are bool, or of two dtypes
 * @throws {ShapeError} if the leading axes are not the same, or the elements have no axis
 * @example searchSorted(literal([1, 2, 2, 5], [4], 'float32'), [2, 3])   // 1, 3
 */
export function searchSorted(sorted: Expr, values: Operand, options?: SearchSortedOptions): Expr {
  requireNumbers('searchSorted', sorted, 'what is sorted');
  const { side = 'left' } = checkOptions('searchSorted', options, { side: ['left', 'right'] });
  const wanted = lift(values, sorted.dtype, 'searchSorted');
  if (wanted.dtype !== sorted.dtype) {
    throw new DTypeError(`searchSorted: ${describe(sorted)} is ${sorted.dtype}, ${describe(wanted)} is ${wanted.dtype}; cast one of them with .cast(dtype)`);
  }
  if (sorted.rank === 0) throw new ShapeError(`searchSorted: ${describe(sorted)} has no axis along which it could be sorted`);
  const routine = defineRoutine({
    name: 'searchSorted',
    settings: side,
    itemAxes: [1, 1],
    dtype: 'int32',
    results: ([, row]) => [row],
    write(b, [elements, given], [result]) {
      b.parallel(0, given.size, (k) => {
        const value = b.let(given.at(k));
        const low = b.let(int(0));
        const high = b.let(int(elements.size));
        b.while(low.lt(high), () => {
          const at = b.let(low.add(high).div(2));
          const element = elements.at(at);
          const isPast = b.let(side === 'left' ? isBefore(element, value).not() : isBefore(value, element));
          b.set(high, choose(isPast, at, high));
          b.set(low, choose(isPast, low, at.add(1)));
        });
        result.set(k, low);
      });
    },
    vjp: () => [null, null],
  });
  if (sorted.rank === 1) {
    const [places] = applyRoutine(routine, [sorted, reshape(wanted, [productOfDimensions(wanted.shape)])]);
    return reshape(places, wanted.shape);
  }
  if (!sameShape(sorted.shape.slice(0, -1), wanted.shape.slice(0, -1)) || wanted.rank === 0) {
    throw new ShapeError(`searchSorted: ${describe(sorted)} and the values ${describe(wanted)} may differ in their last axes only; in one row, [n], values of any shape are searched`);
  }
  const [places] = applyRoutine(routine, [sorted, wanted]);
  return places;
}
