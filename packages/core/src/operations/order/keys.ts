/** What stands before what: numbers by size, NaN behind all of them, zeros of both signs alike. */
import { float, int, type Num } from '../../routines/builder.js';

/** Whether `a` stands before `b`, and is not its equal. */
export function isBefore(a: Num, b: Num): Num {
  return a.term.type === 'float' ? b.le(a).not().and(a.isNan().not()) : a.lt(b);
}

/** By what an element is ordered: keys stand before one another as elements do, or, descending, the other way round, NaN behind all numbers either way. */
export function keyOf(x: Num, descending: boolean): Num {
  if (!descending) return x;
  // Of int32, -x would be -2^31 for itself.
  return x.term.type === 'float' ? x.neg() : int(-1).sub(x);
}

/** A key that stands before no other. */
export function lastKey(like: Num): Num {
  return like.term.type === 'float' ? float(NaN) : int(2 ** 31 - 1);
}
