/** The dispatches of a reduction: one, or one for each part and one that puts partial results together. */
import { bodyBuffers, type Buffer, isFixed, itemAt, lost, type ReduceKernel, type ReducePart, type SegmentRow } from '@pappus/compiler';
import type { DType } from '@pappus/core';
import {
  emitPartials,
  emitReduce,
  emitReduceSegments,
  partialsShape,
  type Partials,
  reduceGroups,
  reduceShape,
  SEGMENT_CHUNK,
} from '../codegen/reduce.js';
import type { Block } from '../device/memory.js';
import { bind, type Dispatch, type PlanContext, whole } from './dispatch.js';
import { bytesOfScratch, scratchOf } from './scratch.js';
import { bindWindows, reachedBytes, type Window } from './windows.js';

/** Partial results of a reduction, and where each part's begin. */
function partialCounts(kernel: ReduceKernel): { readonly count: number; readonly first: readonly number[] } | undefined {
  const [only] = kernel.parts;
  if (only === undefined) return undefined;
  if (kernel.parts.length === 1 && only.segments.length <= 1) {
    const { chunks, results } = reduceShape(only);
    return chunks === 1 ? undefined : { count: chunks * results, first: [0] };
  }
  const first: number[] = [];
  let count = 0;
  for (const { segments } of kernel.parts) {
    first.push(count);
    for (const { size } of segments) count += Math.ceil(size / SEGMENT_CHUNK);
  }
  return { count, first };
}

export function reduceScratchBytes(kernel: ReduceKernel): number {
  const counts = partialCounts(kernel);
  return counts === undefined ? 0 : bytesOfScratch(dtypesOf(kernel), counts.count);
}

function dtypesOf({ reductions }: ReduceKernel): DType[] {
  return reductions.map(({ dtype }) => dtype);
}

export function planReduce(kernel: ReduceKernel, context: PlanContext): Dispatch[] {
  const [first] = kernel.parts;
  if (first === undefined) return [];
  const shape = reduceShape(first);
  if (shape.results === 0) return [];
  const counts = partialCounts(kernel);
  const written = kernel.epilogue.stores.map((s) => s.access.buffer);
  const windowsOf = (buffers: readonly Buffer[]): Window[] => buffers.map((b) => whole(b, context, written.includes(b)));
  if (counts === undefined) {
    const operands = [...new Set([...bodyBuffers(first.body), ...bodyBuffers(kernel.epilogue)])];
    return [
      bind(windowsOf(operands), operands, 0, context, (bindings) => ({
        text: emitReduce(kernel, first, bindings, operands, context.subgroupSize),
        groups: reduceGroups(shape),
        numbers: {},
        table: [],
      })),
    ];
  }
  const scratch = scratchOf(dtypesOf(kernel), counts.count, context);
  const partials: Partials = { buffers: scratch.buffers, count: counts.count };
  const single = kernel.parts.length === 1 && first.segments.length <= 1;
  const parts = single
    ? [chunked(kernel, first, partials, scratch.written, context)]
    : kernel.parts.flatMap((part, k) => segments(kernel, part, partials, scratch.written, itemAt(counts.first, k, 'the first partial result of part'), context));
  const operands = [...new Set([...partials.buffers, ...bodyBuffers(kernel.epilogue)])];
  const own = windowsOf(bodyBuffers(kernel.epilogue));
  const end = bind([...scratch.read, ...own], operands, 0, context, (bindings) => ({
    text: emitPartials(kernel, bindings, operands, context.subgroupSize, partials),
    groups: reduceGroups(partialsShape(shape.results, counts.count / shape.results)),
    numbers: {},
    table: [],
  }));
  return [...parts, end];
}

function chunked(kernel: ReduceKernel, part: ReducePart, partials: Partials, scratch: readonly Window[], context: PlanContext): Dispatch {
  const own = bodyBuffers(part.body);
  const operands = [...own, ...partials.buffers];
  return bind([...own.map((b) => whole(b, context, false)), ...scratch], operands, 0, context, (bindings) => ({
    text: emitReduce(kernel, part, bindings, operands, context.subgroupSize, partials),
    groups: reduceGroups(reduceShape(part)),
    numbers: {},
    table: [],
  }));
}

interface ReduceRow extends Omit<SegmentRow, 'scalars'> {
  readonly memories: readonly Block[];
  readonly firstPartial: number;
}

/** Chunks of every tensor that a part covers. Rows are never joined: where tensors lie must not decide how they are summed. */
function segments(
  kernel: ReduceKernel,
  part: ReducePart,
  partials: Partials,
  scratch: readonly Window[],
  firstPartial: number,
  context: PlanContext,
): Dispatch[] {
  const order = bodyBuffers(part.body);
  const fixed = order.map((buffer) => isFixed(part.body, buffer));
  let next = firstPartial;
  const rows: ReduceRow[] = [];
  for (const { size, buffers } of part.segments) {
    const places = buffers.map(context.place);
    if (size > 0)
      rows.push({
        steps: size,
        addresses: places.map((p) => p.offset),
        ends: places.map((p, k) => p.offset + itemAt(buffers, k, 'operand').size * 4),
        memories: places.map((p) => p.memory),
        firstPartial: next,
      });
    next += Math.ceil(size / SEGMENT_CHUNK);
  }
  const groups: ReduceRow[][] = [];
  for (const row of rows) {
    const known = groups.find((g) => g[0]?.memories.every((m, k) => m === row.memories[k]) === true);
    if (known === undefined) groups.push([row]);
    else known.push(row);
  }
  const single = part.segments.length <= 1;
  /** Where a chunk of one tensor begins, or between tensors. */
  const cut = (members: readonly ReduceRow[]): (readonly ReduceRow[])[] => {
    const [row] = members;
    const middle = Math.floor(members.length / 2);
    if (middle > 0) return [members.slice(0, middle), members.slice(middle)];
    const chunks = row === undefined ? 0 : Math.floor(Math.ceil(row.steps / SEGMENT_CHUNK) / 2);
    if (row === undefined || chunks === 0 || part.extents.length > 1 || single) return [members];
    const steps = chunks * SEGMENT_CHUNK;
    const addresses = row.addresses.map((a, k) => (fixed[k] === true ? a : a + steps * 4));
    return [[{ ...row, steps }], [{ ...row, steps: row.steps - steps, firstPartial: row.firstPartial + chunks, addresses }]];
  };
  const plan = (members: readonly ReduceRow[]): Dispatch[] => {
    const windows = order.map((buffer, k): Window => {
      const memory = members[0]?.memories[k] ?? context.place(buffer).memory;
      const start = Math.min(...members.map((row) => itemAt(row.addresses, k, 'the address of operand')));
      const bytes = (steps: number): number => (single ? reachedBytes(buffer) : fixed[k] === true ? 16 : Math.ceil(steps / 4) * 16);
      const end = Math.max(...members.map((row) => itemAt(row.addresses, k, 'the address of operand') + bytes(row.steps)));
      return { buffer, memory, origin: start, start, end, writes: false, extent: (itemAt(itemAt(members, 0, 'row').ends, k, 'the end of operand') - start) / 4 };
    });
    const halves = bindWindows(windows, context.limits) === undefined ? cut(members) : [members];
    if (halves.length > 1) return halves.flatMap(plan);
    const byTable = members.length > 1;
    const operands = [...order, ...partials.buffers];
    return [
      bind([...windows, ...scratch], operands, byTable ? 1 : 0, context, (bindings, { origins }) => {
        let count = 0;
        const table: number[] = [];
        for (const row of members) {
          const inBinding = (bytes: readonly number[]): number[] =>
            order.map((buffer, k) => (origins.get(buffer) ?? lost(`the binding of ${buffer.name}`)) + (itemAt(bytes, k, 'the bytes of operand') - itemAt(windows, k, 'the window of operand').start) / 4);
          const ends = context.guards === undefined ? [] : inBinding(row.ends);
          table.push(count, row.steps, ...inBinding(row.addresses), row.firstPartial, ...ends);
          count += Math.ceil(row.steps / SEGMENT_CHUNK);
        }
        const numbers = byTable ? { rows: members.length } : { count: itemAt(members, 0, 'row').steps, base: itemAt(members, 0, 'row').firstPartial };
        return {
          text: emitReduceSegments(kernel, part, bindings, operands, context.subgroupSize, partials, byTable),
          groups: count,
          numbers,
          table: byTable ? table : [],
        };
      }),
    ];
  };
  return groups.flatMap(plan);
}
