/** The arithmetic that schedules share: how much of a stretch of steps remains, and values that are chosen by the count. Float64 scalars throughout. */
import { type Expr, scalar, where } from '@pappus/core';

/** How the way from one value to the next is shaped. */
export type Interpolation = 'linear' | 'cosine';

/** A float64 number. */
export function number(value: number): Expr {
  return scalar(value, 'float64');
}

/**
 * The share of a stretch of steps that remains: 1 up to its beginning, 0 from its end on. The remaining share and not the one that is done, so
 * that values close to the end keep their digits.
 */
export function remaining(count: Expr, begin: number, steps: number): Expr {
  if (steps === 0) return where(count.ge(begin), number(0), number(1));
  return number(begin + steps).sub(count).clip(0, steps).div(steps);
}

/** `first` where its weight is 1, `last` where it is 0: exactly these at both ends. */
export function mix(first: Expr, last: Expr, weight: Expr): Expr {
  return first.mul(weight).add(last.mul(number(1).sub(weight)));
}

/** `(1 + cos(π (1 - r))) / 2` for a share r that remains, as `sin²(π r / 2)`, which does not cancel at the end and is 0 and 1 at the ends. */
export function cosineOf(share: Expr): Expr {
  return share.mul(Math.PI / 2).sin().square();
}

/** From one value to another on a stretch of steps; before it and after it they are held. */
export function stretch(count: Expr, begin: number, steps: number, first: Expr, last: Expr, interpolation: Interpolation): Expr {
  const share = remaining(count, begin, steps);
  return mix(first, last, interpolation === 'cosine' ? cosineOf(share) : share);
}

/** The last of the pieces whose boundary the count has reached: `pieces[0]` before the first boundary. There is one piece more than boundaries. */
export function pieceAt(count: Expr, boundaries: readonly number[], pieces: readonly [Expr, ...Expr[]]): Expr {
  const [first, ...others] = pieces;
  if (others.length === 0) return first;
  // Halves, so that the expression is as deep as the logarithm of their number.
  const middle = Math.ceil(others.length / 2);
  const [boundary = NaN, second = first] = [boundaries[middle - 1], others[middle - 1]];
  return where(count.lt(boundary), pieceAt(count, boundaries.slice(0, middle - 1), [first, ...others.slice(0, middle - 1)]), pieceAt(count, boundaries.slice(middle), [second, ...others.slice(middle)]));
}
