/**
 * Updates in place: a kernel overwrites a variable, or a carry, where nothing reads the old value afterwards or at another element;
 * otherwise it writes to a temporary, which is copied last. What is overwritten in some steps alone may be read in the others: the start
 * of a parameter, which `where(t == 1, param, start)` is, is written in the first step, before or after it is read in all of them.
 */
import { sizeOf } from '@pappus/core/backend';
import { axisIndex, sameOver } from '../kernels/affine.js';
import { BodyBuilder } from './body.js';
import type { BufferTable } from './buffers.js';
import { bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import { Conditions } from '../kernels/condition.js';
import { append } from '../lists/multimap.js';
import { itemAt, required } from '../required.js';
import type { Buffer, Kernel, ElementwiseKernel } from '../kernels/kernel.js';
import { neverMeet } from '../kernels/wanted-reads.js';
import type { HostProgram } from '../lower/host.js';

/**
 * The kernels with those of their stores to `assigned` redirected that would overwrite what is still to be read, and the copies.
 *
 * @param host what the conditions are of, under which kernels run
 */
export function updatedSafely(kernels: readonly Kernel[], assigned: ReadonlySet<Buffer>, buffers: BufferTable, host: HostProgram): Kernel[] {
  const conditions = new Conditions(host);
  const safe: Kernel[] = [];
  const copies: Kernel[] = [];
  /** Those of the kernels after the one at hand that read what is assigned. */
  const readers = new Map<Buffer, Kernel[]>();
  for (const kernel of readersFirst(kernels, assigned, conditions).reverse()) {
    const isReadLater = (buffer: Buffer): boolean => readers.get(buffer)?.some((reader) => !neverMeet(reader, kernel, buffer, conditions)) === true;
    safe.push(kernel.kind === 'elementwise' && kernel.update ? redirected(kernel, isReadLater, assigned, buffers, copies) : kernel);
    for (const buffer of new Set(kernelAccesses(kernel).reads)) if (assigned.has(buffer)) append(readers, buffer, kernel);
  }
  return [...safe.reverse(), ...copies];
}

/** Updates in an order in which a kernel that reads an old value comes before the one that overwrites it, as far as there is one. */
function readersFirst(kernels: readonly Kernel[], assigned: ReadonlySet<Buffer>, conditions: Conditions): Kernel[] {
  const first = 1 + kernels.findLastIndex((kernel) => kernel.kind !== 'elementwise' || !kernel.update);
  const updates = kernels.slice(first);
  const readers = new Map<Buffer, number[]>();
  const writers = new Map<Buffer, number>();
  for (const [k, kernel] of updates.entries()) {
    const { reads, writes } = kernelAccesses(kernel);
    for (const buffer of new Set(reads)) append(readers, buffer, k);
    for (const buffer of writes) writers.set(buffer, k);
  }
  /** For each kernel those that need what it writes, and those that may run when it has read. */
  const after = updates.map((): { readonly needing: number[]; readonly overwriting: number[] } => ({ needing: [], overwriting: [] }));
  const waits = updates.map(() => ({ needs: 0, readers: 0 }));
  let isOrdered = true;
  for (const [buffer, writer] of writers) {
    for (const reader of readers.get(buffer) ?? []) {
      if (reader === writer) continue;
      if (!assigned.has(buffer)) {
        itemAt(after, writer, 'kernel').needing.push(reader);
        itemAt(waits, reader, 'kernel').needs++;
      } else if (!neverMeet(itemAt(updates, reader, 'kernel'), itemAt(updates, writer, 'kernel'), buffer, conditions)) {
        itemAt(after, reader, 'kernel').overwriting.push(writer);
        itemAt(waits, writer, 'kernel').readers++;
        if (writer < reader) isOrdered = false;
      }
    }
  }
  if (isOrdered) return [...kernels];
  const placed: Kernel[] = kernels.slice(0, first);
  const open = new Set(updates.keys());
  while (open.size > 0) {
    const free = [...open].filter((k) => itemAt(waits, k, 'kernel').needs === 0);
    const next = free.find((k) => itemAt(waits, k, 'kernel').readers === 0) ?? required(free[0], 'a kernel that can run');
    open.delete(next);
    placed.push(itemAt(updates, next, 'kernel'));
    for (const k of itemAt(after, next, 'kernel').needing) itemAt(waits, k, 'kernel').needs--;
    for (const k of itemAt(after, next, 'kernel').overwriting) itemAt(waits, k, 'kernel').readers--;
  }
  return placed;
}

function redirected(kernel: ElementwiseKernel, isReadLater: (buffer: Buffer) => boolean, assigned: ReadonlySet<Buffer>, buffers: BufferTable, copies: Kernel[]): ElementwiseKernel {
  const stores = kernel.body.stores.map((store) => {
    const { buffer } = store.access;
    if (!assigned.has(buffer)) return store;
    const elsewhere = kernel.body.instructions.some(
      (i) =>
        (i.kind === 'load' && i.access.buffer === buffer && !sameOver(i.access, store.access, kernel.extents)) ||
        (i.kind === 'gather' && i.access.buffer === buffer),
    );
    if (!isReadLater(buffer) && !elsewhere) return store;
    const temporary = buffers.temporary(`new ${buffer.name}`, buffer.dtype, buffer.size);
    copies.push({ ...copyKernel(temporary, buffer), when: kernel.when });
    return { ...store, access: { ...store.access, buffer: temporary } };
  });
  const body = { ...kernel.body, stores };
  return { ...kernel, body, segments: [{ size: sizeOf(kernel.extents), buffers: bodyBuffers(body) }] };
}

export function copyKernel(from: Buffer, to: Buffer): ElementwiseKernel {
  const position = axisIndex(0, 1);
  const builder = new BodyBuilder([to.size], () => undefined);
  builder.store({ buffer: to, ...position }, builder.push({ kind: 'load', access: { buffer: from, ...position }, dtype: from.dtype }));
  return elementwiseKernel([to.size], builder, true);
}

/** An elementwise kernel over one tensor. */
export function elementwiseKernel(extents: readonly number[], builder: BodyBuilder, update: boolean): ElementwiseKernel {
  const body = builder.finish();
  return { kind: 'elementwise', extents, body, update, segments: [{ size: sizeOf(extents), buffers: bodyBuffers(body) }] };
}
