/** The blocks of device memory that a program needs, and where its tensors lie in them. */
import type { Buffer, Program } from '@pappus/compiler';
import type { Limits } from '../device/options.js';
import { GUARD } from '../debug/guards.js';
import type { Memory, Place } from '../device/memory.js';
import { pack, type Packed } from './pack.js';
import { tensorBytes } from './windows.js';

export interface Packs {
  readonly inputs: readonly Packed<Buffer>[];
  readonly outputs: readonly Packed<Buffer>[];
  readonly constants: readonly Packed<Buffer>[];
  readonly temporaries: readonly Packed<Buffer>[];
}

/** @param guarded whether tensors lie apart, each temporary by itself, as in debug builds */
export function packProgram({ buffers, temporaries }: Program, limits: Limits, guarded: boolean): Packs {
  const apart = (tensors: readonly Buffer[]): Packed<Buffer>[] => pack([tensors], tensorBytes, limits, guarded ? GUARD : 0);
  const packed = (kind: Buffer['place']['kind']): Packed<Buffer>[] => apart(buffers.filter((b) => b.place.kind === kind));
  const { offsets, bytes } = temporaries;
  // One block in which they share bytes, unless it is larger than a buffer may be.
  const sharing = bytes <= limits.maxBufferSize && !guarded;
  const together = bytes === 0 ? [] : sharing ? [{ items: Array.from(offsets, ([item, offset]) => ({ item, offset })), bytes }] : apart([...offsets.keys()]);
  return { inputs: packed('input'), outputs: packed('output'), constants: packed('data'), temporaries: together };
}

/** Where tensors lie, when their blocks are there. */
export function placesIn(packs: readonly Packed<Buffer>[], blocks: readonly Memory[]): [Buffer, Place][] {
  return packs.flatMap(({ items }, k) => {
    const memory = blocks[k];
    return memory === undefined ? [] : items.map(({ item, offset }): [Buffer, Place] => [item, { memory, offset }]);
  });
}
