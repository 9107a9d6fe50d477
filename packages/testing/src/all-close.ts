// Comparing lists of numbers, with a message that says where they part.

/** How far numbers may be apart. */
export interface Tolerance {
  /** Relative to the expected value. Default 0. */
  readonly rtol?: number;
  /** Absolute. Default 0. */
  readonly atol?: number;
  /** Said first in the message, so that a failure in a loop names its case. */
  readonly label?: string;
}

/** As NumPy's `isclose` with NaN equal to NaN: an infinity equals itself only. */
function isClose(actual: number, expected: number, rtol: number, atol: number): boolean {
  if (Object.is(actual, expected) || actual === expected) return true;
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}

/**
 * Throws unless `|actual - expected| <= atol + rtol |expected|` for every element; NaN equals NaN.
 *
 * @example allClose(await w.read(), [0.1, 0.2], { rtol: 1e-6, label: 'w after one step' });
 */
export function allClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: Tolerance = {}): void {
  const { rtol = 0, atol = 0, label } = tolerance;
  const prefix = label === undefined ? '' : `${label}: `;
  if (actual.length !== expected.length) {
    throw new Error(`${prefix}${actual.length} numbers where ${expected.length} were expected`);
  }
  let wrong = 0;
  let worst = { index: -1, excess: -1, actual: 0, expected: 0 };
  for (let index = 0; index < expected.length; index++) {
    const a = actual[index] ?? NaN;
    const e = expected[index] ?? NaN;
    if (isClose(a, e, rtol, atol)) continue;
    wrong++;
    const error = Math.abs(a - e);
    const excess = Number.isNaN(error) ? Infinity : error / (atol + rtol * Math.abs(e));
    if (worst.index < 0 || excess > worst.excess) worst = { index, excess, actual: a, expected: e };
  }
  if (wrong === 0) return;
  const absolute = Math.abs(worst.actual - worst.expected);
  throw new Error(
    `${prefix}${wrong} of ${expected.length} numbers differ by more than rtol ${rtol}, atol ${atol}; the worst, at [${worst.index}]: ` +
      `${worst.actual} where ${worst.expected} was expected (absolute ${absolute.toPrecision(3)}, ` +
      `relative ${(absolute / Math.abs(worst.expected)).toPrecision(3)})`,
  );
}
