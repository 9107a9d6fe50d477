/**
 * Kernels that differ in nothing but their buffers, as those of the steps of a scan that is written out, share one function: it takes the addresses from a table
 * of the kernel's own.
 */
import { type Body, bodyBuffers, type Buffer, instructionKey, type Kernel, kernelBodies, lost, placeKey, required, segmentedParts } from '@pappus/compiler';

export interface SharedCode {
  /** The same for all kernels that share the function. */
  readonly key: string;
  /** The buffers of the table, in its order. */
  readonly buffers: readonly Buffer[];
}

/** The kernels of a program that share their code with another. Those of scans do not: there, addresses move. */
export function sharedCode(kernels: readonly Kernel[]): ReadonlyMap<Kernel, SharedCode> {
  const found = kernels.flatMap((kernel) => {
    if (kernel.kind === 'scan' || segmentedParts(kernel).length > 0) return [];
    const buffers = [...new Set([...ownBuffers(kernel), ...kernelBodies(kernel).flatMap(bodyBuffers)])];
    return [{ kernel, key: keyOf(kernel, buffers), buffers }];
  });
  const counts = new Map<string, number>();
  for (const { key } of found) counts.set(key, (counts.get(key) ?? 0) + 1);
  return new Map(found.flatMap(({ kernel, key, buffers }) => (required(counts.get(key), 'a count') > 1 ? [[kernel, { key, buffers }] as const] : [])));
}

/** Buffers that no body of a kernel names. */
function ownBuffers(kernel: PlainKernel): readonly Buffer[] {
  switch (kernel.kind) {
    case 'matmul':
      return [kernel.product];
    case 'routine':
      return kernel.buffers;
    case 'elementwise':
    case 'scatter':
    case 'reduce':
      return [];
  }
}

type PlainKernel = Exclude<Kernel, { readonly kind: 'scan' }>;

/** All that the code of a kernel is made of. */
function keyOf(kernel: PlainKernel, buffers: readonly Buffer[]): string {
  const numbers = new Map(buffers.map((buffer, k) => [buffer, k]));
  const number = (buffer: Buffer): string => `${(numbers.get(buffer) ?? lost(`the number of ${buffer.name}`))}${buffer.dtype}`;
  const bodies = kernelBodies(kernel).map((body) => bodyKey(body, number)).join('|');
  switch (kernel.kind) {
    case 'elementwise':
      return `elementwise ${kernel.extents.join()} ${bodies}`;
    case 'scatter':
      return `scatter ${kernel.extents.join()} ${kernel.index} ${kernel.stride} ${kernel.count} ${bodies}`;
    case 'reduce': {
      const parts = kernel.parts.map(({ extents, reduced, values }) => `${extents.join()} ${reduced.join()} ${values.join()}`).join('/');
      return `reduce ${parts} ${kernel.reductions.map(({ op, dtype }) => `${op} ${dtype}`).join()} ${bodies}`;
    }
    case 'routine':
      return `routine ${kernel.items} ${kernel.buffers.map(number).join()} ${kernel.key}`;
    case 'matmul': {
      const axes = [kernel.batch, kernel.rows, kernel.columns, kernel.depth].map((extents) => extents.join()).join('/');
      return `matmul ${kernel.dtype} ${axes} ${number(kernel.product)} ${bodies}`;
    }
  }
}

function bodyKey({ instructions, stores }: Body, number: (buffer: Buffer) => string): string {
  const lines = instructions.map((i) => instructionKey(i, number));
  return [...lines, ...stores.map(({ access, value }) => `store ${value} ${number(access.buffer)} ${placeKey(access)}`)].join(';');
}
