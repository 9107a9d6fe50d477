/** Ascending lists of numbers, such as the positions of kernels that have something in common. */

/** The place of the first number of an ascending list that is at least `least`. */
export function firstFrom(list: readonly number[], least: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? least) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Puts a number into an ascending list that may have it. */
export function insert(list: number[], value: number): void {
  const at = firstFrom(list, value);
  if (list[at] !== value) list.splice(at, 0, value);
}
