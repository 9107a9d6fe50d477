/**
 * The block of a program: the memory through which the host talks to its kernels. It holds the address of every buffer,
 * the host scalars, for kernels over many tensors the table of their segments, and for kernels that share their code a table of addresses. Kernels get
 * the block's address, and that of their table.
 */
import { type Buffer, itemAt, type Kernel, type Program, type Segmented, segmentedParts } from '@pappus/compiler';
import { uniformKey } from './names.js';
import { type SharedCode, sharedCode } from './shared-code.js';

const UNIFORM_BYTES = 8;

export interface BlockLayout {
  readonly bytes: number;
  /** Where a buffer's address is. */
  readonly address: ReadonlyMap<Buffer, number>;
  /** Where a host scalar is, by `index dtype`. */
  readonly uniform: ReadonlyMap<string, number>;
  /** Where a table of segments is: their count, then for each its length and the addresses of its buffers and scalars. */
  readonly segments: ReadonlyMap<Segmented, number>;
  /** Where the table of addresses is of a kernel that shares its code with others. */
  readonly tables: ReadonlyMap<Kernel, KernelTable>;
  /** Where the address of the scratch memory is. */
  readonly scratch: number;
}

export interface KernelTable extends SharedCode {
  readonly at: number;
}

/** Bytes of one row of a segment table; in debug builds the lengths of the buffers follow, and the addresses of its own scalars are last. */
export function segmentBytes({ segments }: Segmented, debug: boolean): number {
  const { buffers, scalars = [] } = itemAt(segments, 0, 'segment');
  return 4 * (1 + buffers.length * (debug ? 2 : 1) + scalars.length);
}

export function layOutBlock(program: Program, debug = false): BlockLayout {
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
  const segments = new Map<Segmented, number>();
  for (const part of program.kernels.flatMap(segmentedParts)) {
    segments.set(part, at);
    at += 4 + part.segments.length * segmentBytes(part, debug);
  }
  const tables = new Map<Kernel, KernelTable>();
  // A check names the kernel and the buffer: code that is checked is each kernel's own.
  for (const [kernel, shared] of debug ? [] : sharedCode(program.kernels)) {
    tables.set(kernel, { ...shared, at });
    at += 4 * shared.buffers.length;
  }
  return { bytes: at, address, uniform, segments, tables, scratch };
}
