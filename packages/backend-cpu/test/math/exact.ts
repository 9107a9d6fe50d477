/** float64 results against 60 digits: JavaScript's own functions are off by up to a unit themselves, and its pow by more. */
import { Decimal } from 'decimal.js';

/** Numbers of 60 digits. */
export const Exact = Decimal.clone({ precision: 60, minE: -2000, maxE: 2000 });

/** The number itself; `new Decimal(x)` would take the shortest decimal that reads back as x. */
export function exact(x: number): Decimal {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -1022) - 52;
  const half = Math.trunc(exponent / 2);
  return new Exact(x * 2 ** -half * 2 ** (half - exponent)).mul(new Exact(2).pow(exponent));
}

/** The greatest error, in units in the last place of the result. */
export function largest(actual: ArrayLike<number>, wanted: (k: number) => Decimal): number {
  let most = 0;
  for (const [k, value] of Array.from(actual).entries()) {
    const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -1022);
    const error = wanted(k).sub(exact(value)).abs().div(new Exact(2).pow(exponent - 52));
    most = Math.max(most, error.toNumber());
  }
  return most;
}
