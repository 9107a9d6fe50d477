/** The dispatches of a product: one, or one for the parts of its depth and one that adds them. */
import { type Buffer, bodyBuffers, kernelAccesses, type MatmulKernel } from '@pappus/compiler';
import { emitMatmul, emitMatmulEnd } from '../codegen/matmul.js';
import { type MatmulShape, matmulShape, resultsOf } from '../codegen/matmul/shape.js';
import { WORKGROUP } from '../codegen/shader.js';
import type { Limits } from '../device/options.js';
import { bind, type Dispatch, type PlanContext, whole } from './dispatch.js';
import { bytesOfScratch, scratchOf } from './scratch.js';
import type { Window } from './windows.js';

function shapeOf(kernel: MatmulKernel, { maxComputeWorkgroupStorageSize }: Limits): MatmulShape {
  return matmulShape(kernel, maxComputeWorkgroupStorageSize);
}

export function matmulScratchBytes(kernel: MatmulKernel, limits: Limits): number {
  const { parts } = shapeOf(kernel, limits);
  return parts === 1 ? 0 : bytesOfScratch([kernel.dtype], parts * resultsOf(kernel));
}

export function planMatmul(kernel: MatmulKernel, context: PlanContext): Dispatch[] {
  const shape = shapeOf(kernel, context.limits);
  if (shape.groups === 0) return [];
  const { product, epilogue, dtype } = kernel;
  const overwritten = epilogue.stores.some((s) => s.access.buffer === product);
  const keepProduct = !overwritten && (product.place.kind !== 'temporary' || context.isRead(product));
  const { reads, writes } = kernelAccesses(kernel);
  const windows = (buffers: readonly Buffer[]): Window[] => buffers.map((b) => whole(b, context, writes.includes(b)));
  const rest = { numbers: {}, table: [] };
  if (shape.parts === 1) {
    const operands = [...new Set([...reads, ...writes])].filter((b) => keepProduct || b !== product || overwritten);
    return [
      bind(windows(operands), operands, 0, context, (bindings) => {
        const text = emitMatmul({ kernel, shape, operands }, bindings, { keepProduct });
        return { ...rest, text, groups: shape.groups };
      }),
    ];
  }
  const scratch = scratchOf([dtype], shape.parts * resultsOf(kernel), context);
  const own = [...new Set([...bodyBuffers(kernel.left), ...bodyBuffers(kernel.right)])];
  const after = [...new Set([...bodyBuffers(epilogue), ...(keepProduct ? [product] : [])])];
  return scratch.buffers.flatMap((sums) => [
    bind([...windows(own), ...scratch.written], [...own, sums], 0, context, (bindings) => {
      const text = emitMatmul({ kernel, shape, operands: [...own, sums] }, bindings, sums);
      return { ...rest, text, groups: shape.groups };
    }),
    bind([...scratch.read, ...windows(after)], [sums, ...after], 0, context, (bindings) => {
      const text = emitMatmulEnd({ kernel, shape, operands: [sums, ...after] }, bindings, sums, keepProduct);
      return { ...rest, text, groups: Math.ceil(resultsOf(kernel) / WORKGROUP) };
    }),
  ]);
}
