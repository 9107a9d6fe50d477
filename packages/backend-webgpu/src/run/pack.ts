/** Tensors packed into blocks of device memory. */
import type { Limits } from '../device/options.js';
import { ALIGNMENT, align } from '../device/memory.js';
import { itemAt } from '@pappus/compiler';

export interface Packed<T> {
  readonly items: { readonly item: T; readonly offset: number }[];
  bytes: number;
}

/**
 * Blocks of as many items as a binding holds; an item that is larger has one of its own. Groups stay together where they fit into one
 * block, and each begins where a binding may begin.
 *
 * @param bytesOf multiples of what a tensor is aligned to
 * @param apart bytes before, between and behind items
 */
export function pack<T>(
  groups: readonly (readonly T[])[],
  bytesOf: (item: T) => number,
  { maxBufferSize, maxStorageBufferBindingSize }: Limits,
  apart = 0,
): Packed<T>[] {
  const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const blocks: Packed<T>[] = [];
  const open = (): Packed<T> => {
    const made: Packed<T> = { items: [], bytes: 0 };
    blocks.push(made);
    return made;
  };
  let block: Packed<T> | undefined;
  for (const group of groups) {
    const sizes = group.map((item) => bytesOf(item) + apart);
    const total = sizes.reduce((a, b) => a + b, 0);
    if (block === undefined || align(block.bytes, ALIGNMENT) + total > most) block = open();
    block.bytes = align(block.bytes, ALIGNMENT);
    for (const [k, item] of group.entries()) {
      const bytes = itemAt(sizes, k, 'the size of tensor');
      if (block.bytes > 0 && block.bytes + bytes > most) block = open();
      block.items.push({ item, offset: block.bytes + apart });
      block.bytes += bytes;
    }
  }
  for (const full of blocks) full.bytes += apart;
  return blocks.filter(({ items }) => items.length > 0);
}
