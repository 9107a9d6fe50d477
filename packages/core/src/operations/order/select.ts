/**
 * Elements of given ranks without a sort of all: two elements of a sample, sorted, between which the ranks are almost surely; those in between are collected
 * and sorted. After Floyd and Rivest (1975), "Expected time bounds for selection". Where the sample was wrong, all is sorted.
 */
import { type ArrayRef, int, type Local, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { isBefore, keyOf, ordinal } from './keys.js';
import { writeArgSort } from './merge-sort.js';

/** Elements from which on a sample is taken. */
const LEAST = 4096;
/** Ranks as a share of the elements, up to which a sort of them is cheaper than one of all. */
const SHARE = 1 / 8;
/** How far a rank may be from where the sample has it, in standard deviations. */
const DEVIATIONS = 3.5;
/** Parts that are looked through side by side. */
const PARTS = 256;

/** Whether all are sorted, to find some ranks. */
export function isSorted(n: number, ranks: number): boolean {
  return n < LEAST || ranks > n * SHARE;
}

/** Writes the places of the elements of ranks from `first` on, as many as the result has, equal elements in their order. */
export function writeSelect(b: RoutineBuilder, x: ArrayRef, result: ArrayRef, first: number, descending: boolean): void {
  const sortAll = (): void => {
    const order = b.array('order', 'int32', x.size);
    writeArgSort(b, x, order, descending);
    b.parallel(0, result.size, (k) => result.set(k, order.at(k.add(first))));
  };
  if (isSorted(x.size, result.size)) sortAll();
  else new Selection(b, x, descending, first, result).write(sortAll);
}

/** An element that others are compared with: by its key, and by its place among equal ones, so that all differ. */
interface Pivot {
  readonly key: Local;
  readonly place: Local;
}

class Selection {
  private readonly sample: number;
  /** What of the sample is below all ranks, and what above; none where the sample has no such element. */
  private readonly from: number | undefined;
  private readonly to: number | undefined;
  /** Elements in between, at most. */
  private readonly room: number;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly x: ArrayRef,
    private readonly descending: boolean,
    private readonly first: number,
    private readonly result: ArrayRef,
  ) {
    const n = x.size;
    this.sample = 2 ** Math.round(Math.log2(1.6 * n ** (2 / 3)));
    const off = (rank: number): number => DEVIATIONS * Math.sqrt(this.sample * (rank / n) * (1 - rank / n)) + 3;
    const [low, high] = [first, first + result.size].map((rank) => ({ at: (rank * this.sample) / n, off: off(rank) }));
    const from = Math.floor((low?.at ?? NaN) - (low?.off ?? NaN));
    const to = Math.ceil((high?.at ?? NaN) + (high?.off ?? NaN));
    this.from = from >= 0 ? from : undefined;
    this.to = to < this.sample ? to : undefined;
    const between = Math.min(to, this.sample) - Math.max(from, 0);
    this.room = Math.min(n, Math.ceil(((between + 8 * Math.sqrt(between) + 8) * n) / this.sample));
  }

  write(sortAll: () => void): void {
    const { b, x, first, result, room } = this;
    const [low, high] = this.pivots();
    const candidates = b.array('candidates', 'int32', room);
    const { below, inside } = this.collect(low, high, candidates);
    const isFound = below.le(first).and(int(first + result.size).le(below.add(inside))).and(inside.le(room));
    b.if(isFound, () => {
      const order = b.array('order of candidates', 'int32', room);
      const last = b.let(inside.sub(1));
      const chosen: ArrayRef = { size: room, at: (k) => x.at(candidates.at(last.min(k))), set: () => undefined };
      writeArgSort(b, chosen, order, this.descending, inside);
      b.parallel(0, result.size, (k) => result.set(k, candidates.at(order.at(k.add(first).sub(below)))));
    }, sortAll);
  }

  private keyAt(place: Num): Num {
    return keyOf(this.x.at(place), this.descending);
  }

  /** The elements of the sample between which the ranks are. */
  private pivots(): readonly [Pivot | undefined, Pivot | undefined] {
    const { b, x, sample } = this;
    const stride = Math.floor(x.size / sample);
    // One of every so many, not always the same one: what comes back again and again is not seen once only.
    const placeOf = (k: Num): Num => {
      const some = b.let(k.mul(7919));
      return k.mul(stride).add(some.sub(some.div(stride).mul(stride)));
    };
    const order = b.array('order of the sample', 'int32', sample);
    writeArgSort(b, { size: sample, at: (k) => x.at(placeOf(typeof k === 'number' ? int(k) : k)), set: () => undefined }, order, this.descending);
    const pivot = (rank: number | undefined): Pivot | undefined => {
      if (rank === undefined) return undefined;
      const place = b.let(placeOf(b.let(order.at(rank))));
      return { key: b.let(this.keyAt(place)), place };
    };
    return [pivot(this.from), pivot(this.to)];
  }

  /** Writes the places of the elements from one pivot to the other, and says how many there are, and how many before them. */
  private collect(low: Pivot | undefined, high: Pivot | undefined, candidates: ArrayRef): { readonly below: Num; readonly inside: Num } {
    const { b, x, room } = this;
    const size = Math.ceil(x.size / PARTS);
    const parts = Math.ceil(x.size / size);
    const below = b.array('below', 'int32', parts);
    const inside = b.array('inside', 'int32', parts);
    const starts = b.array('starts', 'int32', parts);
    const totals = b.array('totals', 'int32', 2);
    const elements = (part: Num, each: (place: Num, isBelow: Num, isInside: Num) => void): void =>
      b.for(part.mul(size), b.let(part.mul(size).add(size).min(x.size)), (place) => {
        const key = b.let(this.keyAt(place));
        const isBelow = low === undefined ? int(0) : b.let(ordinal(comesBefore(key, place, low.key, low.place)));
        const isAbove = high === undefined ? int(0) : b.let(ordinal(comesBefore(high.key, high.place, key, place)));
        each(place, isBelow, int(1).sub(isBelow).sub(isAbove));
      });
    b.parallel(0, parts, (part) => {
      const [count, of] = [b.let(int(0)), b.let(int(0))];
      elements(part, (_, isBelow, isInside) => {
        b.set(of, of.add(isBelow));
        b.set(count, count.add(isInside));
      });
      below.set(part, of);
      inside.set(part, count);
    });
    b.parallel(0, 1, () => {
      const [start, of] = [b.let(int(0)), b.let(int(0))];
      b.for(0, parts, (part) => {
        starts.set(part, start);
        b.set(start, start.add(inside.at(part)));
        b.set(of, of.add(below.at(part)));
      });
      totals.set(0, of);
      totals.set(1, start);
    });
    const [before, found] = [b.let(totals.at(0)), b.let(totals.at(1))];
    b.parallel(0, parts, (part) => {
      b.if(inside.at(part).gt(0).and(found.le(room)), () => {
        const to = b.let(starts.at(part));
        elements(part, (place, _, isInside) => {
          const isKept = b.let(isInside);
          b.if(isKept.gt(0), () => candidates.set(to, place));
          b.set(to, to.add(isKept));
        });
      });
    });
    return { below: before, inside: found };
  }
}

/** Whether an element stands before another, of equal ones the first: then no two are alike. */
function comesBefore(a: Num, placeOfA: Num, c: Num, placeOfC: Num): Num {
  return isBefore(a, c).or(isBefore(c, a).not().and(placeOfA.lt(placeOfC)));
}

