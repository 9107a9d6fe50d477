/** Writing at computed positions: by the last update, the largest, the smallest, the product. */
import { iota, size } from '../../graph/construct.js';
import { addDimensions } from '../../graph/dimension.js';
import type { Expr } from '../../graph/expr.js';
import { checkOptions, type OptionTable } from '../../arguments/options.js';
import { add, eq, ge, minimum, ne, or, sub, where } from '../elementwise.js';
import { INDEX_OPTIONS, type IndexOptions } from '../index-range.js';
import { gatherNode, scattered, scatterNode } from '../indexing.js';
import { expandDims, padNode } from '../movement.js';
import { extremes } from './extremes.js';
import { products } from './products.js';
import { rowOrder } from './row-order.js';
import { type Rows, toRows } from './rows.js';

/** Options of `scatter`. */
export interface ScatterOptions extends IndexOptions {
  /**
   * What becomes of an element and its updates. `'set'`, the default: the last update. `'add'`: their sum, as of `scatterAdd`. `'max'` and
   * `'min'`: the largest and the smallest, the element among them. `'multiply'`: the product of all.
   */
  readonly reduce?: 'set' | 'add' | 'max' | 'min' | 'multiply';
}

const OPTIONS = { ...INDEX_OPTIONS, reduce: ['set', 'add', 'max', 'min', 'multiply'] } as const satisfies OptionTable<ScatterOptions>;

/**
 * `a` with updates put in at indices along an axis: of `[n, d]`, axis 0 and indices `[k]`, the updates are `[k, d]`, and row `indices_i` becomes
 * update i. NumPy's `a[indices] = updates`, and its `maximum.at`, `minimum.at` and `multiply.at`; torch's `index_copy` and
 * `index_reduce`, Jax's `a.at[indices].set(updates)`. Where indices come several times, the last update in row-major order of the
 * indices is set, on every backend, and products are multiplied in that order, after the element. NaN is the largest and the smallest. An index out
 * of range is an error where it is a constant or an input of the call, and changes nothing elsewhere; its update then has the gradient 0.
 *
 * The gradient of what is set is that of the last update; an element that is overwritten has 0, and so have updates that are. The largest and
 * the smallest share theirs evenly where they tie, the element included. That of a product is right in every derivative, whatever is 0.
 *
 * @param updates of the shape that `take(a, indices, axis)` has
 * @param axis default 0
 * @param options `reduce`, default `'set'`; `mode`, default `'fill'`; `fromEnd`, default false
 * @throws {DTypeError} if the indices are not int32, the updates have another dtype than `a`, or they are bool and not set
 * @throws {ShapeError} if the updates have another shape; or if the axis has size 0 and there is an update, from a call if the size is open
 * @throws {InputError} if an index is out of range and a constant, or given to the call; or if an option is none
 * @example scatter(cache, position, token)                            // [time, d], [] and [d]
 * @example scatter(nodes, targets, messages, 0, { reduce: 'max' })   // [nodes, d], [edges] and [edges, d]
 */
export function scatter(a: Expr, indices: Expr, updates: Expr, axis = 0, options?: ScatterOptions): Expr {
  const { reduce = 'set', ...range } = checkOptions('scatter', options, OPTIONS);
  const given = scattered('scatter', a, indices, updates, axis, range, reduce === 'set');
  const { along, places, parts } = given;
  if (reduce === 'add') return add(a, scatterNode(places, parts, along, a.shape, 'scatter'));
  if (parts.shape.includes(0)) return a;
  const rows = toRows(a, given);
  switch (reduce) {
    case 'set':
      return rows.back(lastOf(rows));
    case 'max':
    case 'min':
      return rows.back(extremes(rows, reduce));
    case 'multiply':
      return rows.back(products(rows));
  }
}

/** Rows as the last updates have them. */
function lastOf({ whole, keys, updates }: Rows): Expr {
  const [extent = 1] = whole.shape;
  const [count = 1, columns = 1] = updates.shape;
  const order = rowOrder(keys, extent);
  const sorted = gatherNode(keys, order, 0, 'missing', 'scatter');
  const at = iota([count], 0);
  const last = sub(size(count, 'int32'), 1);
  const isLast = or(eq(at, last), ne(sorted, gatherNode(sorted, minimum(add(at, 1), last), 0, 'missing', 'scatter')));
  // Of one update for each row at most there is one number, or 0 for none.
  const winner = sub(scatterNode(where(isLast, sorted, -1), add(order, 1), 0, [extent], 'scatter'), 1);
  // From no updates nothing is read, but from updates and one row of zeros.
  const readable = typeof count === 'number' ? updates : padNode(updates, [0, 0], [1, 1], [addDimensions(count, 1), columns]);
  return where(expandDims(ge(winner, 0), 1), gatherNode(readable, winner, 0, 'zero', 'scatter'), whole);
}
