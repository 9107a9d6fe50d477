/** Where values belong among sorted ones. */
import { describe } from '../../graph/describe.js';
import { productOfDimensions } from '../../graph/dimension.js';
import { DTypeError, ShapeError } from '../../errors.js';
import type { Expr, Operand } from '../../graph/expr.js';
import { checkOptions } from '../../arguments/options.js';
import { sameShape } from '../../graph/shape.js';
import { int } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { reshape } from '../movement.js';
import { lift, requireNumbers } from '../operand-checks.js';
import { isBefore, ordinal } from './keys.js';

/** Options of `searchSorted`. */
export interface SearchSortedOptions {
  /** Before the elements that are equal to the value, `'left'`, or behind them, `'right'`. Default `'left'`. */
  readonly side?: 'left' | 'right';
}

/** Values that are searched for side by side, each of which waits for what it reads. */
const AT_ONCE = 4;

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
      const n = elements.size;
      // Each step leaves half of the elements, rounded up: steps are the same for all values.
      const steps: number[] = [];
      for (let rest = n; rest > 1; rest -= Math.floor(rest / 2)) steps.push(Math.floor(rest / 2));
      b.parallel(0, Math.ceil(given.size / AT_ONCE), (group) => {
        const searches = Array.from({ length: Math.min(AT_ONCE, given.size) }, (_, j) => {
          const at = b.let(group.mul(AT_ONCE).add(j).min(given.size - 1));
          return { at, value: b.let(given.at(at)), low: b.let(int(0)) };
        });
        const goOn = (step: number, last: number): void => {
          for (const { value, low } of searches) {
            const element = elements.at(low.add(last));
            b.set(low, low.add(ordinal(side === 'left' ? isBefore(element, value) : isBefore(value, element).not()).mul(step)));
          }
        };
        for (const step of steps) goOn(step, step - 1);
        if (n > 0) goOn(1, 0);
        for (const { at, low } of searches) result.set(at, low);
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
