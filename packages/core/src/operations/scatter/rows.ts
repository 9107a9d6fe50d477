/** What is scattered as a matrix of rows and a matrix of updates, each with the row that it is for; and what routines do with the updates of each row. */
import { iota, size } from '../../graph/construct.js';
import { type Dimension, multiplyDimensions, productOfDimensions } from '../../graph/dimension.js';
import type { Expr } from '../../graph/expr.js';
import type { Num, RoutineBuilder } from '../../routines/builder.js';
import type { ItemArray } from '../../routines/routine.js';
import { add, lt, mul, where } from '../elementwise.js';
import { inRange } from '../index-range.js';
import { gatherNode, type Scattered, scatterNode } from '../indexing.js';
import { reshape, transpose } from '../movement.js';

/** Rows and updates. */
export interface Rows {
  /** `[n, columns]`. */
  readonly whole: Expr;
  /** `[count]`, int32: the row of each update, n if it has none. */
  readonly keys: Expr;
  /** `[count, columns]`. */
  readonly updates: Expr;
  /** A result of the shape of `whole` as the tensor that is scattered into. */
  readonly back: (result: Expr) => Expr;
}

/** The axis in front, all others behind it as one. */
export function toRows(a: Expr, { along, places, parts }: Scattered): Rows {
  const extent = a.shape[along] ?? 1;
  const others = a.shape.filter((_, k) => k !== along);
  const columns = productOfDimensions(others);
  const count = productOfDimensions(places.shape);
  const axes = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
  const toFront = (of: Expr, width: number): Expr => transpose(of, [...axes(along, along + width), ...axes(0, along), ...axes(along + width, of.rank)]);
  const known = where(inRange('scatter', places, extent), places, size(extent, 'int32'));
  return {
    whole: reshape(toFront(a, 1), [extent, columns]),
    keys: reshape(known, [count]),
    updates: reshape(toFront(parts, places.rank), [count, columns]),
    back: (result) => transpose(reshape(result, [extent, ...others]), [...axes(1, along + 1), 0, ...axes(along + 1, a.rank)]),
  };
}

/** For each key its row, of `[..., n, columns]` and keys `[..., count]`; NaN, or 0, for none. */
export function rowsAt(whole: Expr, keys: Expr, outside: 'missing' | 'zero'): Expr {
  const { flat, positions } = flatten(whole.shape, keys);
  return reshape(gatherNode(reshape(whole, flat), positions, 0, outside, 'scatter'), [...keys.shape, flat[1]]);
}

/** For each row the sum of updates `[..., count, columns]` whose key it is. */
export function rowSums(updates: Expr, keys: Expr, shape: readonly Dimension[]): Expr {
  const { flat, positions } = flatten(shape, keys);
  const [count = 1] = positions.shape;
  return reshape(scatterNode(positions, reshape(updates, [count, flat[1]]), 0, flat, 'scatter'), shape);
}

/** The rows of all items one behind the other, and keys as positions among them. */
function flatten(shape: readonly Dimension[], keys: Expr): { readonly flat: readonly [Dimension, Dimension]; readonly positions: Expr } {
  const extent = shape.at(-2) ?? 1;
  const items = productOfDimensions(shape.slice(0, -2));
  const flat = [multiplyDimensions(items, extent), shape.at(-1) ?? 1] as const;
  const all = reshape(keys, [productOfDimensions(keys.shape)]);
  if (items === 1) return { flat, positions: all };
  const count = size(extent, 'int32');
  const each = reshape(keys, [items, keys.shape.at(-1) ?? 1]);
  return { flat, positions: reshape(where(lt(each, count), add(each, mul(iota(each.shape, 0), count)), -1), all.shape) };
}

/** Columns that one thread goes through: which updates are of one row is asked once for all of them, and a line of memory is used as a whole. */
const COLUMNS = 16;

/** What is done with an element of a row, in a routine. */
export interface Run {
  /** Takes the element of an update; of all updates of the row in turn. */
  readonly take: (update: Num) => void;
  /** Is called behind the last one. */
  readonly end: () => void;
}

/**
 * Goes over the updates of each row, of all rows and all columns side by side.
 *
 * @param order of the updates, by their rows
 * @param backwards from the last update to the first
 * @param begin what is done with an element of a row that there are updates for
 * @param outside what is done with an element of an update that is for no row
 */
export function forRuns(b: RoutineBuilder, [whole, keys, order]: readonly [ItemArray, ItemArray, ItemArray], backwards: boolean, begin: (element: Num) => Run, outside: (update: Num) => void = () => undefined): void {
  const count = keys.size;
  const [rows, columns] = whole.shape;
  if (rows === undefined || columns === undefined || count === 0 || columns === 0) return;
  const width = Math.min(COLUMNS, columns);
  const groups = Math.ceil(columns / width);
  const step = backwards ? -1 : 1;
  const isInside = (at: Num): Num => (backwards ? at.ge(0) : at.lt(count));
  const updateAt = (at: Num): Num => order.at(at.max(0).min(count - 1));
  b.parallel(0, count * groups, (k) => {
    const first = b.let(k.div(groups));
    // Behind the last column it is taken again, to the same end.
    const start = b.let(k.sub(first.mul(groups)).mul(width));
    const group = Array.from({ length: width }, (_, j) => (columns % width === 0 ? start.add(j) : b.let(start.add(j).min(columns - 1))));
    const elementOf = (row: Num, column: Num): Num => b.let(row.mul(columns).add(column));
    const update = b.let(order.at(first));
    const key = b.let(keys.at(update));
    const isFirst = first.eq(backwards ? count - 1 : 0).or(keys.at(updateAt(first.sub(step))).eq(key).not());
    const forRow = (): void => {
      const runs = group.map((column) => ({ column, run: begin(elementOf(key, column)) }));
      const at = b.let(first);
      const next = b.let(update);
      b.while(isInside(at).and(keys.at(next).eq(key)), () => {
        for (const { column, run } of runs) run.take(elementOf(next, column));
        b.set(at, at.add(step));
        b.set(next, updateAt(at));
      });
      for (const { run } of runs) run.end();
    };
    b.if(key.lt(rows), () => b.if(isFirst, forRow), () => {
      for (const column of group) outside(elementOf(update, column));
    });
  });
}
