/** The learning rates that are tried: 1, 2 and 5 times powers of ten. */

/** The least and the greatest power of ten. */
const [from, to] = [-6, 1];

/** From 1e-6 to 10, rising. */
export const ladder: readonly number[] = Array.from({ length: 3 * (to - from) + 1 }, (_, rung) => Number(`${[1, 2, 5][rung % 3] ?? NaN}e${from + Math.floor(rung / 3)}`));

/** The least number of steps of two digits, or one below a hundred, that is not below a number. */
export function roundedUp(steps: number): number {
  const unit = 10 ** Math.max(1, Math.floor(Math.log10(Math.max(1, steps))) - 1);
  return unit * Math.ceil(steps / unit);
}
