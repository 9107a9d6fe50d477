/** What kernels are made of: their bodies, the code of one value, the tensors that one covers, the scalars of the host that it reads. */
import type { ElementwiseOp } from '@pappus/core/backend';
import { itemAt, lost } from '../required.js';
import type { Body, Instruction, Kernel, ScatterKernel, Segmented, Uniform } from './kernel.js';

/** Axes of a scatter along which nothing but the index says where to add. */
export function indexedAxes({ extents, body }: ScatterKernel): readonly boolean[] {
  return extents.map((_, axis) => body.stores.every(({ access }) => itemAt(access.strides, axis, 'the stride of axis') === 0));
}

/** The code of one value of a body: its last instruction. */
export function codeOf(body: Body, value: number): Body {
  const needed = new Set([value]);
  for (let k = value; k >= 0; k--) {
    const instruction = body.instructions[k];
    if (instruction !== undefined && needed.has(k)) for (const operand of operandsOf(instruction)) needed.add(operand);
  }
  const order = [...needed].sort((a, b) => a - b);
  const at = new Map(order.map((k, position) => [k, position]));
  const moved = (k: number): number => at.get(k) ?? lost(`instruction ${k}`);
  const instructions = order.flatMap((k): Instruction[] => {
    const i = body.instructions[k];
    if (i === undefined) return [];
    return [i.kind === 'gather' ? { ...i, index: moved(i.index) } : i.kind === 'apply' ? { ...i, args: i.args.map(moved) } : i];
  });
  return { instructions, stores: [] };
}

function operandsOf(i: Instruction): readonly number[] {
  return i.kind === 'gather' ? [i.index] : i.kind === 'apply' ? i.args : [];
}

/** The parts of a kernel that cover more than one tensor. */
export function segmentedParts(kernel: Kernel): readonly Segmented[] {
  switch (kernel.kind) {
    case 'elementwise':
      return kernel.segments.length > 1 ? [kernel] : [];
    case 'reduce':
      return kernel.parts.filter((part) => part.segments.length > 1);
    case 'matmul':
    case 'scatter':
    case 'routine':
      return [];
    case 'scan':
      return kernel.kernels.flatMap(segmentedParts);
  }
}

/** The host scalars that a kernel reads, those of its segments and the one that says whether it runs included; one may be named several times. */
export function kernelUniforms(kernel: Kernel): readonly Uniform[] {
  const condition = kernel.when === undefined ? [] : [{ index: kernel.when, dtype: 'bool' } as const];
  if (kernel.kind === 'scan') return [...condition, ...kernel.kernels.flatMap(kernelUniforms)];
  const read = kernelBodies(kernel).flatMap(({ instructions }) => instructions.flatMap((i) => (i.kind === 'uniform' ? [{ index: i.index, dtype: i.dtype }] : [])));
  const own = kernel.kind === 'elementwise' ? kernel.segments.flatMap(({ scalars = [] }) => scalars) : [];
  return [...condition, ...read, ...own];
}

/** Whether one of the kernels is of a kind, those of scans included. */
export function hasKernel(kernels: readonly Kernel[], kind: Kernel['kind']): boolean {
  return kernels.some((kernel) => kernel.kind === kind || (kernel.kind === 'scan' && hasKernel(kernel.kernels, kind)));
}

/** The elementwise operations in the bodies of kernels. */
export function elementwiseOps(kernels: readonly Kernel[]): ReadonlySet<ElementwiseOp> {
  return new Set(kernels.flatMap(kernelBodies).flatMap(({ instructions }) => instructions.flatMap((i) => (i.kind === 'apply' ? [i.op] : []))));
}

/** All code of a kernel. */
export function kernelBodies(kernel: Kernel): readonly Body[] {
  switch (kernel.kind) {
    case 'elementwise':
    case 'scatter':
      return [kernel.body];
    case 'reduce':
      return [...kernel.parts.map((part) => part.body), kernel.epilogue];
    case 'matmul':
      return [kernel.left, kernel.right, kernel.epilogue];
    case 'routine':
      return [];
    case 'scan':
      return kernel.kernels.flatMap(kernelBodies);
  }
}
