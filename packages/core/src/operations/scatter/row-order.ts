/**
 * Updates in the order of the rows that they are for, by counting: digit by digit of the rows' numbers, from the lowest one, updates are put behind
 * those with a smaller digit (Knuth, The Art of Computer Programming, volume 3, section 5.2.5, "Sorting by distribution"). Parts of them count and are
 * put side by side.
 */
import { iota, scalar } from '../../graph/construct.js';
import type { Dimension } from '../../graph/dimension.js';
import type { Expr } from '../../graph/expr.js';
import { type ArrayRef, int, type Local, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { broadcastTo } from '../movement.js';

/** Bits of a digit at most. */
const BITS = 9;
/** Elements of a part at least: more than there are counts of digits. */
const PART = 1024;
/** Parts at most: as many threads as a workgroup of a GPU has. */
const PARTS = 256;

/** The places of keys, each from 0 to `extent`, in the order of keys; equal ones keep their order. */
export function rowOrder(keys: Expr, extent: Dimension): Expr {
  if (keys.shape[0] === 1) return iota([1], 0);
  const routine = defineRoutine({
    name: 'scatter',
    settings: 'order',
    // How many rows there are is the size of an operand without elements.
    itemAxes: [1, 2],
    results: ([row]) => [row],
    write: (b, [row, { shape: [rows = 0] }], [result]) => writeOrder(b, row, result, rows),
    vjp: () => [null, null],
  });
  const [order] = applyRoutine(routine, [keys, broadcastTo(scalar(0, 'int32'), [extent, 0])]);
  return order;
}

function writeOrder(b: RoutineBuilder, keys: ArrayRef, result: ArrayRef, largest: number): void {
  const count = keys.size;
  if (count === 0) return;
  const bits = Math.max(1, Math.ceil(Math.log2(largest + 1)));
  const passes = Math.ceil(bits / BITS);
  const radix = 2 ** Math.ceil(bits / passes);
  const distribution = new Distribution(b, count, radix);
  let places: ArrayRef | undefined;
  for (let pass = 0; pass < passes; pass++) {
    const isLast = pass === passes - 1;
    const from = places;
    const to = isLast ? result : b.array(`places ${pass}`, 'int32', count);
    distribution.run((k) => {
      const place = from === undefined ? k : b.let(from.at(k));
      const rest = b.let(keys.at(place).div(radix ** pass));
      // A number has nothing before its highest digit.
      return { place, digit: b.let(isLast ? rest : rest.sub(rest.div(radix).mul(radix))) };
    }, to);
    places = to;
  }
}

/** Puts elements in the order of one digit. */
class Distribution {
  private readonly size: number;
  private readonly parts: number;
  /** For each digit how many elements of each part have it; then how many have it in the parts before. */
  private readonly counts: ArrayRef;
  /** How many elements have each digit; then how many have a smaller one. */
  private readonly starts: ArrayRef;

  constructor(
    private readonly b: RoutineBuilder,
    private readonly count: number,
    private readonly radix: number,
  ) {
    this.size = Math.max(PART, Math.ceil(count / PARTS));
    this.parts = Math.ceil(count / this.size);
    this.counts = b.array('counts', 'int32', radix * this.parts);
    this.starts = b.array('starts', 'int32', radix);
  }

  /** Writes the places of elements, given by their positions before, in the order of their digits. */
  run(at: (k: Num) => { readonly place: Num; readonly digit: Num }, to: ArrayRef): void {
    const { b, parts, radix, counts, starts } = this;
    const countAt = (digit: Num, part: Num): Num => b.let(digit.mul(parts).add(part));
    b.parallel(0, radix * parts, (k) => counts.set(k, 0));
    this.eachPart((part, k) => {
      const counter = countAt(at(k).digit, part);
      counts.set(counter, counts.at(counter).add(1));
    });
    b.parallel(0, radix, (digit) => {
      const sum = b.let(int(0));
      b.for(0, parts, (part) => this.addUp(counts, countAt(digit, part), sum));
      starts.set(digit, sum);
    });
    b.parallel(0, 1, () => {
      const sum = b.let(int(0));
      b.for(0, radix, (digit) => this.addUp(starts, digit, sum));
    });
    this.eachPart((part, k) => {
      const { place, digit } = at(k);
      const counter = countAt(digit, part);
      const before = b.let(counts.at(counter));
      counts.set(counter, before.add(1));
      to.set(before.add(starts.at(digit)), place);
    });
  }

  /** What was added up before in the place of a number, which is added. */
  private addUp(array: ArrayRef, index: Num, sum: Local): void {
    const { b } = this;
    const before = b.let(sum);
    b.set(sum, sum.add(array.at(index)));
    array.set(index, before);
  }

  private eachPart(each: (part: Num, k: Num) => void): void {
    const { b, size, count } = this;
    b.parallel(0, this.parts, (part) => {
      const start = b.let(part.mul(size));
      b.for(start, b.let(start.add(size).min(count)), (k) => each(part, k));
    });
  }
}
