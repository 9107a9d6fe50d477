/** What an access may reach. Only debug builds have bounds; without them code is as if nothing of this were here. */
import { alignedBytes, type Buffer } from '@pappus/compiler';
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import type { Value } from '../wasm/instructions.js';

export type AccessKind = 'read' | 'write';

export interface Bounds {
  /** The address, unless one of the `size` bytes from it on lies outside, which ends the program. */
  readonly checked: (address: Value<'i32'>, size: number, kind: AccessKind) => Value<'i32'>;
}

/** The bounds of the operands of a product while its kernel runs. */
export interface ProductBounds {
  readonly left: Bounds;
  readonly right: Bounds;
  readonly result: Bounds;
}

/** Bytes that a kernel may reach of a buffer. */
export function reachableBytes(buffer: Buffer): number {
  return buffer.place.kind === 'slice' ? buffer.size * BYTES_PER_ELEMENT[buffer.dtype] : alignedBytes(buffer);
}
