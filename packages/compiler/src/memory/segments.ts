/** The table of code that runs over many tensors: a row for each, and one for all that lie side by side in every operand. */
import { BYTES_PER_ELEMENT } from '@pappus/core/backend';
import { bodyAccesses, bodyBuffers, isFixed, staysPut } from '../kernels/accesses.js';
import type { Body, Buffer, Segmented, Uniform } from '../kernels/kernel.js';
import { alignedBytes, type MemoryLayout } from './memory.js';
import { itemAt } from '../required.js';

/** A row of the table by which one kernel covers several tensors. */
export interface SegmentRow {
  /** Vectors of `lanes` elements; the last one may run over what fills a tensor up. */
  steps: number;
  /** Where each buffer begins, in the order of `bodyBuffers`. */
  readonly addresses: readonly number[];
  /** The byte where the elements of each end; of several that lie side by side, those of the last. */
  ends: readonly number[];
  /** Its own scalars of the host; those that lie side by side have the same. */
  readonly scalars: readonly Uniform[];
}

/** A row while others may join it. */
interface OpenRow extends SegmentRow {
  /** Where what joins it must begin. */
  next: readonly number[];
  readonly whole: boolean;
}

/**
 * The rows of a part's segments, those of no elements left out.
 *
 * @param lanes elements that are computed together, if whole vectors may be written to a tensor's end; else 1
 * @param address the byte where a buffer begins
 */
export function segmentRows(part: Segmented, lanes: number, address: (buffer: Buffer) => number, layout: MemoryLayout = {}): SegmentRow[] {
  const { elementBytes = BYTES_PER_ELEMENT } = layout;
  const order = bodyBuffers(part.body);
  const fixed = order.map((buffer) => isFixed(part.body, buffer));
  const [dtype] = new Set(order.map((b) => b.dtype));
  const oneSize = dtype !== undefined && order.every((b) => elementBytes[b.dtype] === elementBytes[dtype]);
  const joins = oneSize && runsOn(part.body);
  const bytesOf = (b: Pick<Buffer, 'dtype' | 'size'>): number => (lanes > 1 ? alignedBytes(b, layout) : b.size * elementBytes[b.dtype]);
  const rows: OpenRow[] = [];
  for (const { size, buffers, scalars = [] } of part.segments) {
    if (size === 0) continue;
    const addresses = buffers.map(address);
    const ends = buffers.map((b, k) => itemAt(addresses, k, 'the address of operand') + b.size * elementBytes[b.dtype]);
    const next = buffers.map((b, k) => itemAt(addresses, k, 'the address of operand') + bytesOf(b));
    const whole = buffers.every((b, k) => fixed[k] === true || b.size === size);
    const padded = oneSize ? bytesOf({ dtype, size }) / elementBytes[dtype] : size;
    const steps = Math.ceil(padded / lanes);
    const last = rows.at(-1);
    if (joins && whole && last?.whole === true && sameScalars(last.scalars, scalars) && last.next.every((end, k) => (fixed[k] === true ? last.addresses[k] : end) === addresses[k])) {
      last.steps += steps;
      last.ends = ends;
      last.next = next;
    } else {
      rows.push({ steps, addresses, ends, scalars, next, whole });
    }
  }
  return rows;
}

function sameScalars(a: readonly Uniform[], b: readonly Uniform[]): boolean {
  return a.every(({ index, dtype }, k) => b[k]?.index === index && b[k].dtype === dtype);
}

/** Whether one tensor may go over into the next: not where the code counts, or reads an element of its tensor in all places. */
function runsOn(body: Body): boolean {
  const accesses = bodyAccesses(body);
  const counts = body.instructions.some((i) => i.kind === 'index');
  return !counts && accesses.every((a) => accesses.every((b) => a.buffer !== b.buffer || staysPut(a) === staysPut(b)));
}
