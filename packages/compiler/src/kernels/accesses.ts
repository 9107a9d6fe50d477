/** What code reads and writes: the accesses of bodies, and the buffers of kernels. */
import type { RoutineArray } from '@pappus/core/routines';
import { itemAt } from '../required.js';
import type { Access, Body, Buffer, Kernel } from './kernel.js';

/** Where a body reads. */
export function readAccesses(body: Body): Access[] {
  return body.instructions.flatMap((i) => (i.kind === 'load' || i.kind === 'gather' ? [i.access] : []));
}

/** All that a body reads and writes. */
export function bodyAccesses(body: Body): Access[] {
  return [...readAccesses(body), ...body.stores.map((s) => s.access)];
}

/** Whether every element of a nest is given the same one of a buffer. */
export function isFixed(body: Body, buffer: Buffer): boolean {
  return bodyAccesses(body).every((a) => a.buffer !== buffer || staysPut(a));
}

/** Whether an access is to the same element everywhere. */
export function staysPut({ strides }: Access): boolean {
  return strides.every((s) => s === 0);
}

/** The buffers that a body touches, each once, in the order of its instructions and stores. */
export function bodyBuffers(body: Body): Buffer[] {
  const buffers = new Set<Buffer>();
  for (const { buffer } of readAccesses(body)) buffers.add(buffer);
  for (const { access } of body.stores) buffers.add(access.buffer);
  return [...buffers];
}

/** What a kernel reads and writes, segments included. */
export interface KernelAccesses {
  /** Buffers that are read; one may be named several times. */
  readonly reads: readonly Buffer[];
  /** Buffers that are written; one may be named several times. */
  readonly writes: readonly Buffer[];
}

/** Kernels do not change, and every pass asks. */
const accessesOf = new WeakMap<Kernel, KernelAccesses>();

/** What a kernel reads and writes: of a scan the tensors that its parts are parts of. */
export function kernelAccesses(kernel: Kernel): KernelAccesses {
  const known = accessesOf.get(kernel) ?? collectAccesses(kernel);
  accessesOf.set(kernel, known);
  return known;
}

function collectAccesses(kernel: Kernel): KernelAccesses {
  switch (kernel.kind) {
    case 'elementwise': {
      const own = bodyBuffers(kernel.body);
      const read = new Set(loads(kernel.body));
      const written = new Set(kernel.body.stores.map((s) => s.access.buffer));
      const pick = (chosen: ReadonlySet<Buffer>): Buffer[] =>
        kernel.segments.flatMap((segment) => segment.buffers.filter((_, k) => own[k] !== undefined && chosen.has(own[k])));
      return { reads: pick(read), writes: pick(written) };
    }
    case 'reduce':
      return {
        reads: [...kernel.parts.flatMap((part) => part.segments.flatMap((s) => s.buffers)), ...loads(kernel.epilogue)],
        writes: kernel.epilogue.stores.map((s) => s.access.buffer),
      };
    case 'scatter': {
      const writes = kernel.body.stores.map((s) => s.access.buffer);
      return { reads: [...loads(kernel.body), ...writes], writes };
    }
    case 'matmul':
      return {
        reads: [...loads(kernel.left), ...loads(kernel.right), ...loads(kernel.epilogue)],
        writes: [kernel.product, ...kernel.epilogue.stores.map((s) => s.access.buffer)],
      };
    case 'routine': {
      const of = (roles: readonly RoutineArray['role'][]): Buffer[] => kernel.buffers.filter((_, k) => roles.includes(itemAt(kernel.code.arrays, k, 'array').role));
      return { reads: of(['operand']), writes: of(['result', 'work']) };
    }
    case 'scan': {
      const wholes = new Map(kernel.slices.map(({ buffer, of }) => [buffer, of]));
      const whole = (buffer: Buffer): Buffer => wholes.get(buffer) ?? buffer;
      const inside = kernel.kernels.map(kernelAccesses);
      return { reads: inside.flatMap((k) => k.reads.map(whole)), writes: inside.flatMap((k) => k.writes.map(whole)) };
    }
  }
}

function loads(body: Body): Buffer[] {
  return readAccesses(body).map(({ buffer }) => buffer);
}
