/** The blocks of device memory that a program needs, and where its tensors lie in them. */
import type { Buffer, Program } from '@pappus/compiler';
import type { Limits } from '../device/acquire.js';
import type { Memory, Place } from '../device/memory.js';
import { pack, type Packed } from './pack.js';
import { tensorBytes } from './windows.js';

export interface Packs {
  readonly inputs: readonly Packed<Buffer>[];
  readonly outputs: readonly Packed<Buffer>[];
  readonly constants: readonly Packed<Buffer>[];
  readonly temporaries: readonly Packed<Buffer>[];
}

export function packProgram({ buffers, temporaries }: Program, limits: Limits): Packs {
  const packed = (kind: Buffer['place']['kind']): Packed<Buffer>[] => pack([buffers.filter((b) => b.place.kind === kind)], tensorBytes, limits);
  return { inputs: packed('input'), outputs: packed('output'), constants: packed('data'), temporaries: packTemporaries(temporaries, limits) };
}

/** One block in which they share bytes, unless it is larger than a buffer may be. */
function packTemporaries({ offsets, bytes }: Program['temporaries'], limits: Limits): Packed<Buffer>[] {
  if (bytes === 0) return [];
  if (bytes > limits.maxBufferSize) return pack([[...offsets.keys()]], tensorBytes, limits);
  return [{ items: Array.from(offsets, ([item, offset]) => ({ item, offset })), bytes }];
}

/** Where tensors lie, when their blocks are there. */
export function placesIn(packs: readonly Packed<Buffer>[], blocks: readonly Memory[]): [Buffer, Place][] {
  return packs.flatMap(({ items }, k) => {
    const memory = blocks[k];
    return memory === undefined ? [] : items.map(({ item, offset }): [Buffer, Place] => [item, { memory, offset }]);
  });
}
