/**
 * The block of a program: the memory through which the host talks to its kernels. It holds the address of every buffer,
 * the host scalars, and for loops over many tensors the table of their segments. Kernels get the block's address.
 */
import type { Buffer, LoopKernel, Program } from '@pappus/compiler';

const UNIFORM_BYTES = 8;

export interface BlockLayout {
  readonly bytes: number;
  /** Where a buffer's address is. */
  readonly address: ReadonlyMap<Buffer, number>;
  /** Where a host scalar is, by `index dtype`. */
  readonly uniform: ReadonlyMap<string, number>;
  /** Where a loop's segments are: their count, then for each its vectors and the addresses of its buffers. */
  readonly segments: ReadonlyMap<LoopKernel, number>;
  /** Where the address of the scratch memory of matrix products is. */
  readonly scratch: number;
}

export function uniformKey(index: number, dtype: string): string {
  return `${index} ${dtype}`;
}

/** Bytes of one row of a segment table. */
export function segmentBytes(kernel: LoopKernel): number {
  return 4 * (1 + (kernel.segments[0]?.buffers.length ?? 0));
}

export function layOutBlock(program: Program): BlockLayout {
  let at = 0;
  const uniform = new Map<string, number>();
  for (const { index, dtype } of program.uniforms) {
    uniform.set(uniformKey(index, dtype), at);
    at += UNIFORM_BYTES;
  }
  const address = new Map<Buffer, number>();
  for (const buffer of program.buffers) {
    address.set(buffer, at);
    at += 4;
  }
  const scratch = at;
  at += 4;
  const segments = new Map<LoopKernel, number>();
  for (const kernel of program.kernels) {
    if (kernel.kind !== 'loop' || kernel.segments.length < 2) continue;
    segments.set(kernel, at);
    at += 4 + kernel.segments.length * segmentBytes(kernel);
  }
  return { bytes: at, address, uniform, segments, scratch };
}
