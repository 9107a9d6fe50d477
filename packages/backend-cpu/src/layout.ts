/** Where the tensors of a program lie: in memory that it shares with the other programs of its function, and in memory of its own. */
import { alignedBytes, type Buffer, type Program } from '@pappus/compiler';
import type { TypedArray } from '@pappus/core';
import type { BlockLayout } from './codegen/block.js';
import type { SharedBytes } from './function-memory.js';
import { LINE } from './memory.js';

/** Tensors by their distance from the beginning of a region. */
type Offsets = ReadonlyMap<Buffer, number>;

export interface ProgramLayout extends SharedBytes {
  /** Of its own: the block through which the host talks to its kernels. */
  readonly block: number;
  /** Inputs and temporaries. */
  readonly inWork: Offsets;
  readonly scratch: number;
  readonly inOutputs: Offsets;
  /** Scalars that the host computes, by position among the outputs, in the region of outputs. */
  readonly hosted: ReadonlyMap<number, number>;
  readonly constants: readonly { readonly buffer: Buffer; readonly data: TypedArray; readonly bytes: number }[];
}

const HOSTED_BYTES = 16;

/** Gives out places one behind the other, each in lines of its own. */
class Cursor {
  bytes = 0;

  take(bytes: number): number {
    const at = this.bytes;
    this.bytes += Math.ceil(bytes / LINE) * LINE;
    return at;
  }
}

export function layOutProgram(program: Program, block: BlockLayout, scratchBytes: number): ProgramLayout {
  const [work, outputs] = [new Cursor(), new Cursor()];
  const inWork = new Map<Buffer, number>();
  const inOutputs = new Map<Buffer, number>();
  const constants: { buffer: Buffer; data: TypedArray; bytes: number }[] = [];
  const temporaries = work.take(program.temporaries.bytes);
  const scratch = work.take(scratchBytes);
  for (const [buffer, offset] of program.temporaries.offsets) inWork.set(buffer, temporaries + offset);
  for (const buffer of program.buffers) {
    const { place } = buffer;
    switch (place.kind) {
      case 'input':
        inWork.set(buffer, work.take(alignedBytes(buffer)));
        break;
      case 'output':
        inOutputs.set(buffer, outputs.take(alignedBytes(buffer)));
        break;
      case 'data':
        constants.push({ buffer, data: place.data, bytes: alignedBytes(buffer) });
        break;
      case 'variable':
      case 'temporary':
      case 'slice':
        break;
    }
  }
  const hosted = new Map(program.outputs.flatMap((output, k) => (output.kind === 'host' ? [[k, outputs.take(HOSTED_BYTES)] as const] : [])));
  return { block: block.bytes, work: work.bytes, inWork, scratch, outputs: outputs.bytes, inOutputs, hosted, constants };
}
