/** Where the tensors of a program lie: in memory that it shares with the other programs of its function, and in memory of its own. */
import { alignedBytes, type Buffer, type Program } from '@pappus/compiler';
import type { TypedArray } from '@pappus/core';
import type { BlockLayout } from './codegen/block.js';
import type { SharedBytes } from './function-memory.js';
import { GUARD, LINE } from './memory.js';

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
  /** What lies between tensors in debug builds. */
  readonly gaps: { readonly work: readonly Gap[]; readonly outputs: readonly Gap[] };
}

/** Bytes of a region that belong to no tensor. */
export interface Gap {
  readonly start: number;
  readonly end: number;
  /** The tensor behind which it lies. */
  readonly beside: string;
}

const HOSTED_BYTES = 16;

/** Gives out places one behind the other, each in lines of its own; in debug builds with a gap behind each. */
class Cursor {
  bytes = 0;
  readonly gaps: Gap[] = [];

  constructor(private readonly guarded: boolean) {}

  take(bytes: number, what: string): number {
    const at = this.bytes;
    this.bytes += Math.ceil(bytes / LINE) * LINE;
    if (this.guarded) {
      this.bytes += GUARD;
      this.gaps.push({ start: at + Math.ceil(bytes / 16) * 16, end: this.bytes, beside: what });
    }
    return at;
  }
}

/** @param guarded whether tensors lie apart, each temporary by itself, as in debug builds */
export function layOutProgram(program: Program, block: BlockLayout, scratchBytes: number, guarded: boolean): ProgramLayout {
  const [work, outputs] = [new Cursor(guarded), new Cursor(guarded)];
  const inWork = new Map<Buffer, number>();
  const inOutputs = new Map<Buffer, number>();
  const constants: { buffer: Buffer; data: TypedArray; bytes: number }[] = [];
  const temporaries = work.take(guarded ? 0 : program.temporaries.bytes, 'the temporaries');
  const scratch = work.take(scratchBytes, 'what products pack');
  if (!guarded) for (const [buffer, offset] of program.temporaries.offsets) inWork.set(buffer, temporaries + offset);
  for (const buffer of program.buffers) {
    const { place } = buffer;
    switch (place.kind) {
      case 'temporary':
        if (guarded) inWork.set(buffer, work.take(alignedBytes(buffer), buffer.name));
        break;
      case 'input':
        inWork.set(buffer, work.take(alignedBytes(buffer), buffer.name));
        break;
      case 'output':
        inOutputs.set(buffer, outputs.take(alignedBytes(buffer), buffer.name));
        break;
      case 'data':
        constants.push({ buffer, data: place.data, bytes: alignedBytes(buffer) });
        break;
      case 'variable':
      case 'slice':
        break;
    }
  }
  const hosted = new Map(program.outputs.flatMap((output, k) => (output.kind === 'host' ? [[k, outputs.take(HOSTED_BYTES, 'an output of the host')] as const] : [])));
  const gaps = { work: work.gaps, outputs: outputs.gaps };
  return { block: block.bytes, work: work.bytes, inWork, scratch, outputs: outputs.bytes, inOutputs, hosted, constants, gaps };
}
