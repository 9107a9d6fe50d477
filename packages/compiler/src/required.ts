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
