/** Cumulative products, whose gradients are linear recurrences: nothing is divided by an element, which may be 0. */
import type { Expr } from '../../graph/expr.js';
import { checkOptions } from '../../arguments/options.js';
import { CUMULATIVE } from '../cumulative.js';
import { float, int } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { mul } from '../elementwise.js';
import { padNode, slice } from '../movement.js';
import { requireNumbers } from '../operand-checks.js';
import { toLastAxis } from './last-axis.js';

/** Options of `cumprod`, as those of `cumsum`. */
export interface CumprodOptions {
  /** Multiply from the end: element i is the product of elements i, i + 1, ... Default false. */
  readonly reverse?: boolean;
  /** Leave element i itself out: the first one (the last, in reverse) is 1. Default false. */
  readonly exclusive?: boolean;
}

/**
 * Products of the elements up to each one along an axis, one after the other: y_i = x_0 x_1 ... x_i. The shape stays; int32 wraps around. Its
 * gradient is right in every derivative, whatever is 0, in as many operations as there are elements. NumPy and torch have neither option.
 *
 * @param x float32, float64 or int32
 * @param axis default 0, as of `cumsum`
 * @param options `reverse`, default false; `exclusive`, default false
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis
 * @example cumprod(literal([1, 2, 3], [3], 'float32'))   // 1, 2, 6
 */
export function cumprod(x: Expr, axis = 0, options?: CumprodOptions): Expr {
  requireNumbers('cumprod', x);
  const { reverse = false, exclusive = false } = checkOptions('cumprod', options, CUMULATIVE);
  const { moved, back } = toLastAxis('cumprod', x, axis);
  return back(products(moved, { reverse, exclusive }));
}

/** Along the last axis. */
function products(x: Expr, { reverse, exclusive }: Required<CumprodOptions>): Expr {
  const routine = defineRoutine({
    name: 'cumprod',
    settings: `${reverse ? 'reverse' : ''} ${exclusive ? 'exclusive' : ''}`,
    itemAxes: [1],
    results: ([row]) => [row],
    write(b, [row], [result]) {
      const n = row.size;
      if (n === 0) return;
      b.parallel(0, 1, () => {
        const product = b.let(row.at(0).term.type === 'float' ? float(1) : int(1));
        b[reverse ? 'forDown' : 'for'](0, n, (k) => {
          if (exclusive) result.set(k, product);
          b.set(product, product.mul(row.at(k)));
          if (!exclusive) result.set(k, product);
        });
      });
    },
    // Of element k: what comes before it, times what is behind it with the cotangents, r_k = g_k + x_(k+1) r_(k+1).
    vjp([row], _, [g]) {
      const before = products(row, { reverse, exclusive: true });
      return [mul(before, recurrence(neighbours(row, !reverse), exclusive ? neighbours(g, !reverse) : g, !reverse))];
    },
  });
  const [result] = applyRoutine(routine, [x]);
  return result;
}

/** Along the last axis h_k = b_k + a_k h_(k-1), or of h_(k+1) in reverse, beginning with b_k alone. */
function recurrence(a: Expr, b: Expr, reverse: boolean): Expr {
  const routine = defineRoutine({
    name: 'recurrence',
    settings: reverse ? 'reverse' : '',
    itemAxes: [1, 1],
    results: ([row]) => [row],
    write(builder, [factors, terms], [result]) {
      const n = factors.size;
      if (n === 0) return;
      builder.parallel(0, 1, () => {
        const first = reverse ? n - 1 : 0;
        const value = builder.let(terms.at(first));
        result.set(first, value);
        builder[reverse ? 'forDown' : 'for'](reverse ? 0 : 1, reverse ? n - 1 : n, (k) => {
          builder.set(value, terms.at(k).add(factors.at(k).mul(value)));
          result.set(k, value);
        });
      });
    },
    // The cotangents of b are the recurrence the other way round, l_k = g_k + a_(k+1) l_(k+1), and those of a_k are l_k h_(k-1).
    vjp([factors], [h], [g]) {
      const cotangents = recurrence(neighbours(factors, !reverse), g, !reverse);
      return [mul(cotangents, neighbours(h, reverse)), cotangents];
    },
  });
  const [result] = applyRoutine(routine, [a, b]);
  return result;
}

/** For each element of the last axis the next one, or the one before it; 0 where there is none. */
function neighbours(x: Expr, next: boolean): Expr {
  const last = x.rank - 1;
  const part = slice(x, ...x.shape.map((_, k) => (k < last ? null : next ? ([1, null] as const) : ([null, -1] as const))));
  return padNode(part, x.shape.map((_, k) => (k === last && !next ? 1 : 0)), x.shape.map(() => 1), x.shape);
}
