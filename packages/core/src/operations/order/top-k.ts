/** The largest or smallest elements along an axis. */
import { describe } from '../../graph/describe.js';
import { ShapeError } from '../../errors.js';
import type { Expr } from '../../graph/expr.js';
import { checkOptions, option } from '../../arguments/options.js';
import { type ArrayRef, choose, int, type Local, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { sliceNode } from '../movement.js';
import { requireNumbers, requireWhole } from '../operand-checks.js';
import { isBefore, keyOf } from './keys.js';
import { elementsAt, lastSize, toLastAxis } from './last-axis.js';
import { writeSelect } from './select.js';
import { orderOf } from './sort.js';

/** Options of `topK`. */
export interface TopKOptions {
  /** Whether the largest elements are wanted, not the smallest. Default true. */
  readonly largest?: boolean;
  /** Whether they are to come in order. With false any order will do, as it may to torch and TF.js; they come in order all the same. Default true. */
  readonly sorted?: boolean;
}

/** Elements with their indices along the axis. */
export interface Chosen {
  /** The elements. */
  readonly values: Expr;
  /** Where they are: int32, of the same shape. */
  readonly indices: Expr;
}

/** Above, selection takes no longer: into a list of k, an element is put by moving those behind it. */
const MOST = 16;
/** Elements of a part for each one wanted of it, at least: most then are only compared with the last one of a list. */
const PER_PLACE = 8;
/** Elements of a part, at least. */
const PART = 256;
/** Parts at most: as many threads as a workgroup of a GPU has. */
const PARTS = 256;

/**
 * The k largest elements along an axis with their indices, the largest first: what `sort(x, axis, { descending: true })` begins with, for a small
 * part of its cost while k is a small part of the elements. Of equal elements those come that stand first, in their order. NaN comes behind all numbers,
 * of the largest and of the smallest, so that it is there only where there are fewer than k numbers; torch takes NaN for the largest of all.
 * The gradient flows to the elements chosen.
 *
 * @param x float32, float64 or int32
 * @param k how many: a whole number from 0 to the size of the axis
 * @param axis default -1, the last; its size becomes k
 * @param options `largest`, default true; `sorted`, default true
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis, k is no whole number, or the axis has fewer than k elements; from a call if its size is open
 * @example const { values, indices } = topK(logits, 5);   // [batch, classes] gives [batch, 5] of both
 */
export function topK(x: Expr, k: number, axis = -1, options?: TopKOptions): Chosen {
  requireNumbers('topK', x);
  requireWhole('topK', k, 'k', 0);
  const { largest = true } = checkOptions('topK', options, { largest: option.flag, sorted: option.flag });
  const { moved, back } = toLastAxis('topK', x, axis);
  const count = lastSize(moved);
  if (typeof count === 'number' && count < k) throw new ShapeError(tooFew(k, count, describe(x)));
  const indices = k === count ? orderOf(moved, largest) : firstOf(moved, k, largest);
  return { values: back(elementsAt('topK', moved, indices)), indices: back(indices) };
}

function tooFew(k: number, count: number, what: string): string {
  return `topK: ${k} elements are wanted along an axis of ${count}, of ${what}`;
}

/** The places of the first k elements of the last axis in order. */
function firstOf(x: Expr, k: number, descending: boolean): Expr {
  // Of an order that is there anyway, the part that is wanted is no work.
  if (k === 0) return sliceNode(orderOf(x, descending), x.shape.map(() => 0), x.shape.map(() => 1), [...x.shape.slice(0, -1), 0]);
  const routine = defineRoutine({
    name: 'topK',
    settings: `${k} ${descending ? 'largest' : 'smallest'}`,
    itemAxes: [1],
    dtype: 'int32',
    results: () => [[k]],
    write: (b, [row], [result]) => writeTopK(b, row, result, descending),
    vjp: () => [null],
  });
  const [order] = applyRoutine(routine, [x]);
  return order;
}

function writeTopK(b: RoutineBuilder, x: ArrayRef, result: ArrayRef, descending: boolean): void {
  const [n, k] = [x.size, result.size];
  if (n < k) throw new ShapeError(tooFew(k, n, 'what the call was given'));
  const parts = partsOf(n, k);
  if (parts === 0) {
    writeSelect(b, x, result, 0, descending);
    return;
  }
  const lists = new Lists(b, parts, k);
  b.parallel(0, parts, (part) => {
    // Parts of n / parts elements, of which the first ones have one more.
    const [each, more] = [Math.floor(n / parts), n % parts];
    const start = b.let(part.mul(each).add(part.min(more)));
    const end = b.let(start.add(each).add(choose(part.lt(more), int(1), 0)));
    const list = b.let(part.mul(k));
    b.for(0, k, (at) => {
      const place = b.let(start.add(at));
      lists.insert(list, at, b.let(keyOf(x.at(place), descending)), place);
    });
    const last = b.let(lists.keys.at(list.add(k - 1)));
    b.for(start.add(k), end, (place) => {
      const key = b.let(keyOf(x.at(place), descending));
      b.if(isBefore(key, last), () => {
        lists.insert(list, int(k - 1), key, place);
        b.set(last, lists.keys.at(list.add(k - 1)));
      });
    });
  });
  const merged = lists.merge();
  b.parallel(0, k, (at) => result.set(at, lists.places.at(at.add(merged))));
}

/** Parts that are looked through side by side, a power of 2; 0 where they are selected otherwise. */
function partsOf(n: number, k: number): number {
  const most = Math.min(PARTS, Math.floor(n / Math.max(PART, PER_PLACE * k)));
  return k > MOST || most === 0 ? 0 : 2 ** Math.floor(Math.log2(most));
}

/** For each part the first k of its elements, in order: one list behind the other, twice, for those that they are merged to. */
class Lists {
  readonly keys: ArrayRef;
  readonly places: ArrayRef;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly count: number,
    private readonly k: number,
  ) {
    this.keys = b.work('keys', 2 * count * k);
    this.places = b.array('places', 'int32', 2 * count * k);
  }

  /** Puts an element in, behind its equals, into the room at `length`. */
  insert(list: Num, length: Num, key: Num, place: Num): void {
    const { b, keys, places } = this;
    const to = b.let(list.add(length));
    // Outside of the list, its first key is looked at, and does not count.
    b.while(to.gt(list).and(isBefore(key, keys.at(to.sub(1).max(list)))), () => {
      keys.set(to, keys.at(to.sub(1)));
      places.set(to, places.at(to.sub(1)));
      b.set(to, to.sub(1));
    });
    keys.set(to, key);
    places.set(to, place);
  }

  /** Merges lists in pairs until there is one, and says where that is. */
  merge(): number {
    const { b, keys, places, count, k } = this;
    const passes = Math.log2(count);
    const half = count * k;
    // Of a single list there is none.
    const pairs: Local = b.let(int(Math.floor(count / 2)));
    const [from, to] = [b.let(int(0)), b.let(int(half))];
    b.for(0, passes, () => {
      b.parallel(0, pairs, (pair) => {
        const left = b.let(from.add(pair.mul(2 * k)));
        const right = b.let(left.add(k));
        const first = b.let(to.add(pair.mul(k)));
        // None of the two ends before k elements are taken.
        b.for(0, k, (at) => {
          const [a, c] = [b.let(keys.at(left)), b.let(keys.at(right))];
          const isRight = b.let(isBefore(c, a));
          const target = b.let(first.add(at));
          keys.set(target, choose(isRight, c, a));
          places.set(target, places.at(choose(isRight, right, left)));
          const step = b.let(choose(isRight, int(1), 0));
          b.set(right, right.add(step));
          b.set(left, left.add(1).sub(step));
        });
      });
      b.set(pairs, pairs.div(2));
      const other = b.let(from);
      b.set(from, to);
      b.set(to, other);
    });
    return passes % 2 === 1 ? half : 0;
  }
}
