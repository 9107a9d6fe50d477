/** The largest or smallest of an element and its updates. */
import type { Expr } from '../../graph/expr.js';
import { choose } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { add, cast, div, eq, where } from '../elementwise.js';
import { rowOrder } from './row-order.js';
import { forRuns, type Rows, rowsAt, rowSums } from './rows.js';

/** Rows with the largest or smallest of their updates and themselves. */
export function extremes({ whole, keys, updates }: Rows, reduce: 'max' | 'min'): Expr {
  const [result] = applyRoutine(extreme(reduce), [whole, keys, rowOrder(keys, whole.shape[0] ?? 1), updates]);
  return result;
}

/** The routine of rows, keys, their order, and updates. */
function extreme(reduce: 'max' | 'min') {
  return defineRoutine({
    name: 'scatter',
    settings: reduce,
    itemAxes: [2, 1, 1, 2],
    results: ([whole]) => [whole],
    write(b, [whole, keys, order, updates], [result]) {
      b.parallel(0, whole.size, (k) => result.set(k, whole.at(k)));
      forRuns(b, [whole, keys, order], false, (element) => {
        const best = b.let(whole.at(element));
        // Which of a number and NaN is larger is not said: what is none is told by itself.
        const isNone = best.term.type === 'float' ? b.let(best.isNan()) : undefined;
        return {
          take(update) {
            const value = b.let(updates.at(update));
            if (isNone !== undefined) b.set(isNone, isNone.or(value.isNan()));
            b.set(best, reduce === 'max' ? best.max(value) : best.min(value));
          },
          end: () => result.set(element, isNone === undefined ? best : choose(isNone, NaN, best)),
        };
      });
    },
    // All that tie share evenly. Nothing equals NaN, and nothing what an update for no row reads.
    vjp([whole, keys, , updates], [result], [g]) {
      const isWhole = eq(whole, result);
      const isUpdate = eq(updates, rowsAt(result, keys, 'missing'));
      const share = div(g, add(cast(isWhole, g.dtype), rowSums(cast(isUpdate, g.dtype), keys, whole.shape)));
      return [where(isWhole, share, 0), null, null, where(isUpdate, rowsAt(share, keys, 'zero'), 0)];
    },
  });
}
