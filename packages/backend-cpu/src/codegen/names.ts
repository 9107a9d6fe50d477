/** What functions and scalars of a module are called, for whoever looks into one. */

/** The name of the function that packs the right operand of a product before the steps of a scan. */
export function packingName(kernel: string): string {
  return `${kernel}, packing`;
}

/** The name of a host scalar in the layout of a block. */
export function uniformKey(index: number, dtype: string): string {
  return `${index} ${dtype}`;
}
