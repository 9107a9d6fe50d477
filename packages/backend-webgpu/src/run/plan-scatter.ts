/** The dispatches of a scatter: its lists are forgotten, made, and gone through. */
import { bodyBuffers, type Buffer, type ScatterKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { emitForget, emitLink, emitScatter, type ScatterLists, scatterParts } from '../codegen/scatter.js';
import { WORKGROUP } from '../codegen/shader.js';
import { bind, type Dispatch, type PlanContext, whole } from './dispatch.js';
import { tensorBytes, type Window } from './windows.js';

/** Neither in a tensor of the program, nor among the partial results of reductions. */
function listsOf(kernel: ScatterKernel): ScatterLists {
  const list = (id: number, name: string, size: number): Buffer => ({ id, name, dtype: 'int32', size, place: { kind: 'temporary' } });
  return { last: list(-1, 'last positions', kernel.count), before: list(-2, 'positions before', scatterParts(kernel).positions) };
}

export function scatterScratchBytes(kernel: ScatterKernel): number {
  const { last, before } = listsOf(kernel);
  return isNothing(kernel) ? 0 : tensorBytes(last) + tensorBytes(before);
}

function isNothing({ extents, count }: ScatterKernel): boolean {
  return count === 0 || sizeOf(extents) === 0;
}

export function planScatter(kernel: ScatterKernel, context: PlanContext): Dispatch[] {
  const { scratch } = context;
  if (isNothing(kernel)) return [];
  if (scratch === undefined) throw new TypeError('a scatter has no room for its lists');
  const { index, added, positions, columns } = scatterParts(kernel);
  const lists = listsOf(kernel);
  const end = tensorBytes(lists.last);
  const last = (writes: boolean): Window => ({ buffer: lists.last, memory: scratch, origin: 0, start: 0, end, writes });
  const before = (writes: boolean): Window => ({ buffer: lists.before, memory: scratch, origin: end, start: end, end: end + tensorBytes(lists.before), writes });
  const written = new Set(added.stores.map((s) => s.access.buffer));
  const windows = (buffers: Iterable<Buffer>): Window[] => [...new Set(buffers)].map((b) => whole(b, context, written.has(b)));
  const dispatch = (own: readonly Window[], groups: number, numbers: Dispatch['numbers'], emit: typeof emitLink): Dispatch =>
    bind(own, own.map((w) => w.buffer), 0, context, (bindings) => ({ text: emit(kernel, bindings, lists), groups, numbers, table: [] }));
  const threads = positions * columns;
  return [
    dispatch([last(true)], Math.ceil(kernel.count / WORKGROUP), { count: kernel.count }, emitForget),
    dispatch([...windows(bodyBuffers(index)), last(true), before(true)], 1, {}, emitLink),
    dispatch([...windows([...bodyBuffers(index), ...bodyBuffers(added)]), last(false), before(false)], Math.ceil(threads / WORKGROUP), { count: threads }, emitScatter),
  ];
}
