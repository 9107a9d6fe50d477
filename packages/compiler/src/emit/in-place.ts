/**
 * Updates in place: a kernel overwrites a variable, or a carry, where nothing reads the old value afterwards or at another element;
 * otherwise it writes to a temporary, which is copied last.
 */
import { sizeOf } from '@pappus/core/backend';
import { axisIndex, sameOver } from '../kernels/affine.js';
import { BodyBuilder } from './body.js';
import type { BufferTable } from './buffers.js';
import { bodyBuffers, kernelAccesses } from '../kernels/accesses.js';
import type { Buffer, Kernel, ElementwiseKernel } from '../kernels/kernel.js';

/** The kernels with those of their stores to `assigned` redirected that would overwrite what is still to be read, and the copies. */
export function updatedSafely(kernels: readonly Kernel[], assigned: ReadonlySet<Buffer>, buffers: BufferTable): Kernel[] {
  const safe: Kernel[] = [];
  const copies: Kernel[] = [];
  /** What the kernels after the one at hand read. */
  const later = new Set<Buffer>();
  for (const kernel of [...kernels].reverse()) {
    safe.push(kernel.kind === 'elementwise' && kernel.update ? redirected(kernel, later, assigned, buffers, copies) : kernel);
    for (const buffer of kernelAccesses(kernel).reads) later.add(buffer);
  }
  return [...safe.reverse(), ...copies];
}

function redirected(kernel: ElementwiseKernel, later: ReadonlySet<Buffer>, assigned: ReadonlySet<Buffer>, buffers: BufferTable, copies: Kernel[]): ElementwiseKernel {
  const stores = kernel.body.stores.map((store) => {
    const { buffer } = store.access;
    if (!assigned.has(buffer)) return store;
    const elsewhere = kernel.body.instructions.some(
      (i) =>
        (i.kind === 'load' && i.access.buffer === buffer && !sameOver(i.access, store.access, kernel.extents)) ||
        (i.kind === 'gather' && i.access.buffer === buffer),
    );
    if (!later.has(buffer) && !elsewhere) return store;
    const temporary = buffers.temporary(`new ${buffer.name}`, buffer.dtype, buffer.size);
    copies.push(copyKernel(temporary, buffer));
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
