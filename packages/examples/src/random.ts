/** Random numbers that a seed decides, so that a run can be repeated digit for digit. */

/** Draws a number from [0, 1). */
export type Random = () => number;

/** mulberry32, by Tommy Ettinger: one 32-bit word of state, enough for shuffling and for the seeds of initial values. */
export function seeded(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A seed for a generator of someone else's, such as an initializer's: a whole number from [0, 2^32). */
export function drawSeed(random: Random): number {
  return Math.floor(random() * 2 ** 32);
}

/** The numbers 0 to `count` - 1 in random order (Fisher and Yates). */
export function permutation(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = order[last] ?? 0;
    order[last] = order[other] ?? 0;
    order[other] = moved;
  }
  return order;
}
