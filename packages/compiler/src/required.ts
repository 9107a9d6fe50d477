/** What a correct program always has. */
import { BackendError } from '@pappus/core';

/**
 * A value that must be there.
 *
 * @param what names it in the error
 * @throws {BackendError} if it is missing: the compiler has made a broken program
 */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new BackendError(`the compiler has lost ${what}; please report the computation`);
  return value;
}

/**
 * The element of a list that must be there.
 *
 * @param what names it in the error, its position after it: `the stride of axis`
 * @throws {BackendError} if it is missing: the compiler has made a broken program
 */
export function itemAt<T>(list: ArrayLike<T>, position: number, what: string): T {
  const value = list[position];
  // The text is made of one that is missing alone: this is called for every axis of every access.
  return value === undefined ? required(value, `${what} ${position} of ${list.length}`) : value;
}
