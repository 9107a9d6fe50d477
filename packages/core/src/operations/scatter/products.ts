/** Products of an element and its updates, whose gradients are linear recurrences: nothing is divided by a factor, which may be 0. */
import { scalar } from '../../graph/construct.js';
import { isFloat } from '../../graph/dtype.js';
import type { Expr } from '../../graph/expr.js';
import { applyRoutine, defineRoutine, type Each } from '../../routines/routine.js';
import { mul } from '../elementwise.js';
import { broadcastTo } from '../movement.js';
import { rowOrder } from './row-order.js';
import { forRuns, type Rows } from './rows.js';

/** Rows times all of their updates. */
export function products({ whole, keys, updates }: Rows): Expr {
  // -0 and not 0, to which -0 would become 0.
  const nothing = broadcastTo(scalar(isFloat(updates.dtype) ? -0 : 0, updates.dtype), updates.shape);
  const [result] = recurrence([whole, keys, rowOrder(keys, whole.shape[0] ?? 1), updates, nothing], false);
  return result;
}

/**
 * Of rows h, and updates with their keys, an order, factors a and terms b: for each update of a row in turn, or backwards, h = a h + b. The rows after
 * the last ones, and for each update the row before it, 0 if there is none.
 */
function recurrence(operands: Each<readonly [2, 1, 1, 2, 2], Expr>, backwards: boolean): readonly [after: Expr, before: Expr] {
  const routine = defineRoutine({
    name: 'scatter',
    settings: backwards ? 'multiply backwards' : 'multiply',
    itemAxes: [2, 1, 1, 2, 2],
    results: ([whole, , , factors]) => [whole, factors],
    write(b, [whole, keys, order, factors, terms], [after, before]) {
      b.parallel(0, whole.size, (k) => after.set(k, whole.at(k)));
      forRuns(b, [whole, keys, order], backwards, (element) => {
        const value = b.let(whole.at(element));
        return {
          take(update) {
            before.set(update, value);
            b.set(value, value.mul(factors.at(update)).add(terms.at(update)));
          },
          end: () => after.set(element, value),
        };
      }, (update) => before.set(update, 0));
    },
    // The cotangents of what stands before each update go the other way: l = a l + m, where m is what comes to it besides. An update finds there l, as large as that of its term.
    vjp([, keys, order, factors], [, before], [afterward, besides]) {
      const [start, cotangents] = recurrence([afterward, keys, order, factors, besides], !backwards);
      return [start, null, null, mul(cotangents, before), cotangents];
    },
  });
  return applyRoutine(routine, operands);
}
