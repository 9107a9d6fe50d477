/** What stands before what: numbers by size, NaN behind all of them, zeros of both signs alike. */
import { choose, float, int, type Local, type Num, type RoutineBuilder } from '../../routines/builder.js';

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

/** 1 if it holds, 0 if not. */
export function ordinal(condition: Num): Num {
  return choose(condition, int(1), 0);
}

/** A step of a search among `rest` places from `low` on: goes on behind the one in the middle, `low + half`, if what is looked for is there. */
export function bisect(b: RoutineBuilder, low: Local, rest: Local, half: Num, isBehind: Num): void {
  const step = b.let(ordinal(isBehind));
  b.set(low, low.add(step.mul(half.add(1))));
  // half, or behind the middle what is left of the rest.
  b.set(rest, half.add(step.mul(rest.sub(half).sub(half).sub(1))));
}
