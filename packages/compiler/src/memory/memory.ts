/**
 * Where temporaries lie in one block: those whose lives do not overlap share bytes. Tensors that are the same operand of
 * one kernel's segments lie side by side in the order of the segments, so that one pass covers them all.
 */
import { type Variable } from '@pappus/core';
import { BYTES_PER_ELEMENT, type TypedArrayOf } from '@pappus/core/backend';
import { bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import type { Buffer, Kernel, Segmented } from '../kernels/kernel.js';
import { segmentedParts } from '../kernels/kernel-parts.js';
import { itemAt } from '../required.js';

/** Every tensor starts at a multiple of this, and whole vectors may be written to its end. */
export const ALIGNMENT = 16;

/** Bytes of an element of each dtype. */
export type ElementBytes = { readonly [D in keyof TypedArrayOf]: number };

/** How a backend lays out memory. */
export interface MemoryLayout {
  /** Bytes of an element. Default: those of its typed array. */
  readonly elementBytes?: ElementBytes;
  /** Tensors that are no neighbours do not share a block of this many bytes. Default: a cache line, 64. */
  readonly line?: number;
}

/** The bytes that a tensor takes, whole vectors of 16 bytes of them: at least one. */
export function alignedBytes({ dtype, size }: Pick<Buffer, 'dtype' | 'size'>, { elementBytes = BYTES_PER_ELEMENT }: MemoryLayout = {}): number {
  return Math.max(ALIGNMENT, Math.ceil((size * elementBytes[dtype]) / ALIGNMENT) * ALIGNMENT);
}

export interface MemoryPlan {
  readonly offsets: ReadonlyMap<Buffer, number>;
  readonly bytes: number;
  readonly arenas: readonly (readonly Variable[])[];
}

/** Buffers placed as one: side by side, all alive while one is. */
interface Block {
  readonly buffers: readonly Buffer[];
  readonly bytes: number;
  first: number;
  last: number;
}

export function planMemory(kernels: readonly Kernel[], layout: MemoryLayout = {}): MemoryPlan {
  const operands = kernels.flatMap((kernel) => segmentedParts(kernel).flatMap(segmentOperands));
  const grouped = new Set<Buffer>();
  const groups: Buffer[][] = [];
  const arenas: Variable[][] = [];
  for (const operand of operands) {
    if (new Set(operand).size !== operand.length || operand.some((b) => grouped.has(b))) continue;
    const variables = operand.flatMap((b) => (b.place.kind === 'variable' ? [b.place.variable] : []));
    if (variables.length === operand.length) arenas.push(variables);
    else if (operand.every((b) => b.place.kind === 'temporary')) groups.push(operand);
    else continue;
    for (const buffer of operand) grouped.add(buffer);
  }
  const { offsets, bytes } = place(blocksOf(kernels, groups, layout), layout);
  return { offsets, bytes, arenas };
}

/** For each operand of the code, its buffer in every segment. */
function segmentOperands({ body, segments }: Segmented): Buffer[][] {
  return bodyBuffers(body).map((_, operand) =>
    segments.flatMap((segment) => {
      const buffer = segment.buffers[operand];
      return buffer === undefined ? [] : [buffer];
    }),
  );
}

function blocksOf(kernels: readonly Kernel[], groups: readonly (readonly Buffer[])[], layout: MemoryLayout): Block[] {
  const blocks = new Map<Buffer, Block>();
  for (const buffers of groups) {
    const block: Block = { buffers, bytes: buffers.reduce((sum, b) => sum + alignedBytes(b, layout), 0), first: Infinity, last: -1 };
    for (const buffer of buffers) blocks.set(buffer, block);
  }
  const { accesses, repeats } = timeline(kernels);
  for (const [at, buffers] of accesses.entries()) {
    for (const buffer of buffers) {
      if (buffer.place.kind !== 'temporary') continue;
      const block = blocks.get(buffer) ?? { buffers: [buffer], bytes: alignedBytes(buffer, layout), first: at, last: at };
      blocks.set(buffer, block);
      block.first = Math.min(block.first, at);
      block.last = Math.max(block.last, at);
    }
  }
  const used = [...new Set(blocks.values())].filter((block) => block.last >= 0);
  for (const block of used) {
    // What lives before or after a scan and in it lives in all of its steps. Inner scans come first.
    for (const { first, last } of repeats) {
      const inside = block.first <= last && block.last >= first;
      if (!inside || (block.first >= first && block.last <= last)) continue;
      block.first = Math.min(block.first, first);
      block.last = Math.max(block.last, last);
    }
  }
  return used;
}

interface Timeline {
  /** The buffers that each kernel touches, scans written out once; parts of tensors count as the whole. */
  readonly accesses: readonly (readonly Buffer[])[];
  /** Where scans begin and end. */
  readonly repeats: readonly { readonly first: number; readonly last: number }[];
}

function timeline(kernels: readonly Kernel[]): Timeline {
  const accesses: Buffer[][] = [];
  const repeats: { first: number; last: number }[] = [];
  const visit = (inside: readonly Kernel[], whole: (buffer: Buffer) => Buffer): void => {
    for (const kernel of inside) {
      if (kernel.kind === 'scan') {
        const first = accesses.length;
        const wholes = new Map(kernel.slices.map(({ buffer, of }) => [buffer, of]));
        visit(kernel.kernels, (buffer) => whole(wholes.get(buffer) ?? buffer));
        repeats.push({ first, last: accesses.length - 1 });
      } else {
        const { reads, writes } = kernelAccesses(kernel);
        accesses.push([...reads, ...writes].map(whole));
      }
    }
  };
  visit(kernels, (buffer) => buffer);
  return { accesses, repeats };
}

/** First fit, larger blocks first; lines are not shared between blocks. */
function place(blocks: readonly Block[], layout: MemoryLayout): { offsets: Map<Buffer, number>; bytes: number } {
  const { line = 64 } = layout;
  /** By where they start. */
  const placed: { readonly block: Block; readonly start: number; readonly end: number }[] = [];
  const offsets = new Map<Buffer, number>();
  let bytes = 0;
  for (const block of [...blocks].sort((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    let start = 0;
    for (const rival of placed) {
      if (rival.block.first > block.last || block.first > rival.block.last) continue;
      if (start + block.bytes <= rival.start) break;
      start = Math.max(start, Math.ceil(rival.end / line) * line);
    }
    const end = start + block.bytes;
    let at = placed.length;
    while (at > 0 && itemAt(placed, at - 1, 'the place of block').start > start) at--;
    placed.splice(at, 0, { block, start, end });
    bytes = Math.max(bytes, end);
    let address = start;
    for (const buffer of block.buffers) {
      offsets.set(buffer, address);
      address += alignedBytes(buffer, layout);
    }
  }
  return { offsets, bytes };
}
