/**
 * Sorting, as code of a routine: groups of 8 by counting for each element which others stand before it, then merges of runs. Nothing in it
 * branches on what the elements are, and no number is chosen, for which engines branch: 1 or 0 times a distance is added. Runs up to the size of a block are merged within it, each of two whole runs from both ends at
 * once; longer runs in parts of that size, which begin where a search along a diagonal finds that they do (the "merge path" of Odeh, Green,
 * Mwassi, Shmueli and Birk, 2012, "Merge path - parallel merging made simple").
 */
import { type ArrayRef, choose, int, type Local, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { bisect, isBefore, keyOf, lastKey, ordinal } from './keys.js';

/** Elements that are ordered by counting. */
const GROUP = 8;
/** Blocks that there should be at least, for the threads of a GPU, where a block has more than the fewest elements. */
const BLOCKS = 256;
const LEAST_BLOCK = 32;
/** As many keys and places, twice, as stay near a core. */
const LARGEST_BLOCK = 2048;

/**
 * Writes the places of the elements in order, equal ones in that in which they stand.
 *
 * @param count how many elements there are, where that is not their array's size; all others stand behind them
 */
export function writeArgSort(b: RoutineBuilder, x: ArrayRef, result: ArrayRef, descending: boolean, count?: Num): void {
  const n = x.size;
  if (n === 0) return;
  const keyAt = (k: Num): Num => {
    const key = keyOf(x.at(k), descending);
    return count === undefined ? key : choose(k.lt(count), key, lastKey(key));
  };
  if (n <= GROUP) {
    b.parallel(0, 1, () => orderGroup(b, n, (k) => keyAt(int(k)), (at, _, k) => result.set(at, k)));
    return;
  }
  const block = blockOf(n);
  const blocks = Math.ceil(n / block);
  const sort = new Sort(b, blocks, block);
  sort.fill(n, keyAt);
  sort.sortBlocks();
  sort.mergeBlocks();
  sort.finish(result);
}

function blockOf(n: number): number {
  let block = 2 * GROUP;
  while (block < n && (block < LEAST_BLOCK || (block < LARGEST_BLOCK && n > 2 * BLOCKS * block))) block *= 2;
  return block;
}

/** Orders elements by how many others stand before each. */
function orderGroup(b: RoutineBuilder, count: number, read: (k: number) => Num, write: (at: Num, key: Num, k: number) => void): void {
  const elements = Array.from({ length: count }, (_, k) => ({ key: b.let(read(k)), at: int(k) }));
  for (const [k, left] of elements.entries()) {
    for (const right of elements.slice(k + 1)) {
      const swapped = b.let(ordinal(isBefore(right.key, left.key)));
      left.at = left.at.add(swapped);
      right.at = right.at.sub(swapped);
    }
  }
  for (const [k, { at, key }] of elements.entries()) write(b.let(at), key, k);
}

/** Where a merge stands: two runs, which are taken from both ends, and where they go to, likewise. */
interface Merge {
  readonly left: Local;
  readonly leftEnd: Local;
  readonly right: Local;
  readonly rightEnd: Local;
  readonly to: Local;
  readonly toEnd: Local;
}

class Sort {
  /** Twice as many as there are elements: passes go from one half to the other. */
  private readonly keys: ArrayRef;
  private readonly places: ArrayRef;
  private readonly size: number;
  /** Where the half is that holds the elements. */
  private half = 0;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly blocks: number,
    private readonly block: number,
  ) {
    this.size = blocks * block;
    this.keys = b.work('keys', 2 * this.size);
    this.places = b.array('places', 'int32', 2 * this.size);
  }

  /** Behind the elements come keys that stay there. */
  fill(count: number, keyAt: (k: Num) => Num): void {
    const { b, keys } = this;
    b.parallel(0, count, (k) => keys.set(k, keyAt(k)));
    if (count < this.size) b.parallel(count, this.size, (k) => keys.set(k, lastKey(keys.at(0))));
  }

  sortBlocks(): void {
    const { b, keys, places, block } = this;
    const passes = Math.log2(block / GROUP);
    b.parallel(0, this.blocks, (task) => {
      const start = b.let(task.mul(block));
      b.for(0, block / GROUP, (group) => {
        const first = b.let(start.add(group.mul(GROUP)));
        orderGroup(b, GROUP, (k) => keys.at(first.add(k)), (at, key, k) => {
          keys.set(first.add(at), key);
          places.set(first.add(at), first.add(k));
        });
      });
      const width = b.let(int(GROUP));
      const pairs = b.let(int(Math.floor(block / GROUP / 2)));
      const from = b.let(start);
      const to = b.let(start.add(this.size));
      b.for(0, passes, () => {
        b.for(0, pairs, (pair) => this.mergeWhole(pair, width, from, to));
        this.swap(from, to);
        b.set(width, width.add(width));
        b.set(pairs, pairs.div(2));
      });
    });
    this.half = passes % 2 === 1 ? this.size : 0;
  }

  mergeBlocks(): void {
    const { b, blocks, block, size } = this;
    const passes = Math.ceil(Math.log2(blocks));
    if (passes === 0) return;
    /** Where the part of the left run begins that a block is merged from. */
    const splits = b.array('splits', 'int32', blocks + 1);
    const width = b.let(int(block));
    const from = b.let(int(this.half));
    const to = b.let(int(size - this.half));
    b.for(0, passes, () => {
      b.parallel(0, blocks, (task) => splits.set(task, this.split(b.let(task.mul(block)), width, from)));
      b.parallel(0, blocks, (task) => {
        const first = b.let(task.mul(block));
        const last = b.let(first.add(block));
        const { middle, end } = this.pairAt(first, width);
        const left = b.let(splits.at(task));
        const leftEnd = b.let(choose(last.lt(end), splits.at(task.add(1)), middle));
        // What is not from the left run is from the right one.
        const right = b.let(middle.add(first).sub(left));
        const rightEnd = b.let(middle.add(last).sub(leftEnd));
        this.mergePart({
          left: b.let(left.add(from)), leftEnd: b.let(leftEnd.add(from)), right: b.let(right.add(from)), rightEnd: b.let(rightEnd.add(from)),
          to: b.let(first.add(to)), toEnd: b.let(last.add(to)),
        });
      });
      this.swap(from, to);
      b.set(width, width.add(width));
    });
    this.half = passes % 2 === 1 ? size - this.half : this.half;
  }

  finish(result: ArrayRef): void {
    this.b.parallel(0, result.size, (k) => result.set(k, this.places.at(k.add(this.half))));
  }

  private swap(from: Local, to: Local): void {
    const { b } = this;
    const other = b.let(from);
    b.set(from, to);
    b.set(to, other);
  }

  /** The pair of runs in which a position is: where it begins, where its right run begins, and where it ends. */
  private pairAt(position: Num, width: Num): { readonly start: Num; readonly middle: Num; readonly end: Num } {
    const { b, size } = this;
    const whole = b.let(width.add(width));
    const start = b.let(position.div(whole).mul(whole));
    return { start, middle: b.let(start.add(width).min(size)), end: b.let(start.add(whole).min(size)) };
  }

  /** Where in the left run those elements end that come before a position of the result. */
  private split(position: Local, width: Local, from: Local): Num {
    const { b, keys } = this;
    const { start, middle, end } = this.pairAt(position, width);
    const low = b.let(start.max(position.sub(end.sub(middle))));
    const rest = b.let(position.min(middle).sub(low));
    b.while(rest.gt(0), () => {
      const half = b.let(rest.div(2));
      const at = b.let(low.add(half));
      const other = middle.add(position).sub(at).sub(1);
      bisect(b, low, rest, half, isBefore(keys.at(from.add(other)), keys.at(from.add(at))).not());
    });
    return low;
  }

  /** Two runs of one length: as many elements from the front as from the back, so that neither run ends before. */
  private mergeWhole(pair: Num, width: Local, from: Local, to: Local): void {
    const { b } = this;
    const start = b.let(pair.mul(width).mul(2));
    const left = b.let(start.add(from));
    const right = b.let(left.add(width));
    const first = b.let(start.add(to));
    const merge: Merge = { left, leftEnd: b.let(right), right, rightEnd: b.let(right.add(width)), to: first, toEnd: b.let(first.add(width).add(width)) };
    b.for(0, width, () => {
      this.takeFirst(merge);
      this.takeLast(merge);
    });
  }

  private mergePart(merge: Merge): void {
    const { b, keys, places } = this;
    const { left, leftEnd, right, rightEnd, to } = merge;
    // Half as many from either end as the shorter run has: none ends before.
    const safe = (): Num => leftEnd.sub(left).min(rightEnd.sub(right)).div(2);
    const rounds = b.let(safe());
    b.while(rounds.gt(0), () => {
      b.for(0, rounds, () => {
        this.takeFirst(merge);
        this.takeLast(merge);
      });
      b.set(rounds, safe());
    });
    b.while(left.lt(leftEnd).and(right.lt(rightEnd)), () => this.takeFirst(merge));
    for (const [at, end] of [[left, leftEnd], [right, rightEnd]] as const) {
      b.for(at, end, (k) => {
        keys.set(to, keys.at(k));
        places.set(to, places.at(k));
        b.set(to, to.add(1));
      });
    }
  }

  /** Moves what comes first; of equal ones that of the left run. */
  private takeFirst({ left, right, to }: Merge): void {
    const { b, keys } = this;
    const step = b.let(ordinal(isBefore(keys.at(right), keys.at(left))));
    this.move(to, b.let(left.add(step.mul(right.sub(left)))));
    b.set(right, right.add(step));
    b.set(left, left.add(1).sub(step));
    b.set(to, to.add(1));
  }

  /** Moves what comes last; of equal ones that of the right run. */
  private takeLast({ leftEnd, rightEnd, toEnd }: Merge): void {
    const { b, keys } = this;
    const step = b.let(ordinal(isBefore(keys.at(rightEnd.sub(1)), keys.at(leftEnd.sub(1)))));
    b.set(toEnd, toEnd.sub(1));
    this.move(toEnd, b.let(rightEnd.add(step.mul(leftEnd.sub(rightEnd))).sub(1)));
    b.set(leftEnd, leftEnd.sub(step));
    b.set(rightEnd, rightEnd.sub(1).add(step));
  }

  private move(to: Local, from: Local): void {
    this.keys.set(to, this.keys.at(from));
    this.places.set(to, this.places.at(from));
  }
}
