/** What a correct program always has. */
import { BackendError } from '@pappus/core';

/**
 * Instead of a value that must be there: `addresses.get(buffer) ?? lost('the address of ...')`, whose text is made if it is missing alone.
 *
 * @param what names it in the error
 * @throws {BackendError} always: the compiler has made a broken program
 */
export function lost(what: string): never {
  throw new BackendError(`the compiler has lost ${what}; please report the computation`);
}

/**
 * A value that must be there.
 *
 * @param what names it in the error
 * @throws {BackendError} if it is missing: the compiler has made a broken program
 */
export function required<T>(value: T | undefined, what: string): T {
  return value === undefined ? lost(what) : value;
}

/**
 * The element of a list that must be there.
 *
 * @param what names it in the error, its position after it: `the stride of axis`
 * @throws {BackendError} if it is missing: the compiler has made a broken program
 */
export function itemAt<T>(list: ArrayLike<T>, position: number, what: string): T {
  const value = list[position];
  return value === undefined ? lost(`${what} ${position} of ${list.length}`) : value;
}
