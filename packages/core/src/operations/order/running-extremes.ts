/** The largest and the smallest of the elements so far. */
import type { Expr } from '../../graph/expr.js';
import { checkOptions, option } from '../../arguments/options.js';
import { type ArrayRef, choose, int, type Num, type RoutineBuilder } from '../../routines/builder.js';
import { applyRoutine, defineRoutine } from '../../routines/routine.js';
import { requireNumbers } from '../operand-checks.js';
import { elementsAt, toLastAxis } from './last-axis.js';
import type { Chosen } from './top-k.js';

/** Options of `cummax` and `cummin`. */
export interface RunningExtremeOptions {
  /** From the end: of element i and those behind it. Default false. */
  readonly reverse?: boolean;
}

/** Up to here all is one part. */
const ALONE = 256;
/** Parts at most, of as many elements at least. */
const PARTS = 256;
const PART = 64;

/**
 * The largest of the elements up to each one along an axis, `values`, and its index along it, `indices` (int32): of equal ones the last, and
 * from the first NaN on NaN, the last that there was, as in torch. NumPy's `maximum.accumulate` answers the values alone. The gradient of a value
 * is that of the element at its index.
 *
 * @param x float32, float64 or int32
 * @param axis default 0, as of `cumsum`
 * @param options `reverse`, default false
 * @throws {DTypeError} if it is bool
 * @throws {ShapeError} if there is no such axis
 * @example cummax(literal([1, 3, 2], [3], 'float32')).values   // 1, 3, 3
 */
export function cummax(x: Expr, axis = 0, options?: RunningExtremeOptions): Chosen {
  return runningExtreme('cummax', x, axis, options, (a, best) => best.le(a));
}

/** The smallest of the elements up to each one along an axis, with its index; otherwise as `cummax`. */
export function cummin(x: Expr, axis = 0, options?: RunningExtremeOptions): Chosen {
  return runningExtreme('cummin', x, axis, options, (a, best) => a.le(best));
}

/** Whether an element comes in the place of the best one before it. */
type Beats = (a: Num, best: Num) => Num;

function runningExtreme(name: 'cummax' | 'cummin', x: Expr, axis: number, options: RunningExtremeOptions | undefined, isAsGood: Beats): Chosen {
  requireNumbers(name, x);
  const { reverse = false } = checkOptions(name, options, { reverse: option.flag });
  const { moved, back } = toLastAxis(name, x, axis);
  const beats: Beats = (a, best) => (a.term.type === 'float' ? isAsGood(a, best).or(a.isNan()) : isAsGood(a, best));
  const routine = defineRoutine({
    name,
    settings: reverse ? 'reverse' : '',
    itemAxes: [1],
    dtype: 'int32',
    results: ([row]) => [row],
    write: (b, [row], [result]) => writePlaces(b, row, result, reverse, beats),
    vjp: () => [null],
  });
  const [indices] = applyRoutine(routine, [moved]);
  return { values: back(elementsAt(name, moved, indices)), indices: back(indices) };
}

/** Within parts; then what each is preceded by; then that in the place of what does not beat it. */
function writePlaces(b: RoutineBuilder, x: ArrayRef, result: ArrayRef, reverse: boolean, beats: Beats): void {
  const n = x.size;
  if (n === 0) return;
  const size = n <= ALONE ? n : Math.max(PART, Math.ceil(n / PARTS));
  const parts = Math.ceil(n / size);
  const placeOf = (k: Num): Num => (reverse ? int(n - 1).sub(k) : k);
  const ends = b.array('ends', 'int32', parts);
  b.parallel(0, parts, (part) => {
    const start = b.let(part.mul(size));
    const place = b.let(placeOf(start));
    const best = b.let(x.at(place));
    result.set(place, place);
    b.for(start.add(1), start.add(size).min(n), (k) => {
      const here = b.let(placeOf(k));
      const value = b.let(x.at(here));
      const isBest = b.let(beats(value, best));
      b.set(best, choose(isBest, value, best));
      b.set(place, choose(isBest, here, place));
      result.set(here, place);
    });
    ends.set(part, place);
  });
  if (parts === 1) return;
  const before = b.array('before', 'int32', parts);
  b.parallel(0, 1, () => {
    const place = b.let(ends.at(0));
    b.for(1, parts, (part) => {
      before.set(part, place);
      const other = b.let(ends.at(part));
      b.set(place, choose(beats(x.at(other), x.at(place)), other, place));
    });
  });
  b.parallel(1, parts, (part) => {
    const place = b.let(before.at(part));
    const best = b.let(x.at(place));
    const k = b.let(part.mul(size));
    const end = b.let(k.add(size).min(n));
    b.while(k.lt(end).and(beats(x.at(placeOf(k.min(n - 1))), best).not()), () => {
      result.set(placeOf(k), place);
      b.set(k, k.add(1));
    });
  });
}
