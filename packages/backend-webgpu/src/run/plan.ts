/**
 * From kernels and places to dispatches: which bindings each needs, what it is told, and how it is cut where a device's limits ask
 * for it. Nothing here touches the device but to make room for tensors that are brought together.
 */
import { bodyBuffers, type Kernel, kernelAccesses, type MatmulKernel, type ScatterKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core';
import { emitMatmul, matmulGroups } from '../codegen/matmul.js';
import { emitScatter, scatterColumns } from '../codegen/scatter.js';
import { WORKGROUP } from '../codegen/shader.js';
import { bind, type Dispatch, type Ground, whole } from './dispatch.js';
import { LoopPlan } from './plan-loop.js';
import { partialCounts, planReduce } from './plan-reduce.js';
import { planRepeat } from './plan-repeat.js';

export function scratchBytes(kernels: readonly Kernel[]): number {
  const bytesOf = (kernel: Kernel): number => {
    if (kernel.kind === 'repeat') return scratchBytes(kernel.kernels);
    return kernel.kind === 'reduce' ? (partialCounts(kernel)?.count ?? 0) * kernel.reductions.length * 4 + 16 * kernel.reductions.length : 0;
  };
  return Math.max(0, ...kernels.map(bytesOf));
}

export function planKernel(kernel: Kernel, ground: Ground): Dispatch[] {
  switch (kernel.kind) {
    case 'loop':
      return new LoopPlan(kernel, ground).dispatches();
    case 'reduce':
      return planReduce(kernel, ground);
    case 'matmul':
      return planMatmul(kernel, ground);
    case 'scatter':
      return planScatter(kernel, ground);
    case 'repeat':
      return planRepeat(kernel, ground, planKernel);
  }
}

function planScatter(kernel: ScatterKernel, ground: Ground): Dispatch[] {
  const count = scatterColumns(kernel);
  if (sizeOf(kernel.extents) === 0) return [];
  const order = bodyBuffers(kernel.body);
  const written = new Set(kernel.body.stores.map((s) => s.access.buffer));
  return [
    bind(order.map((b) => whole(b, ground, written.has(b))), order, 0, ground, (bindings) => ({
      text: emitScatter(kernel, bindings), groups: Math.ceil(count / WORKGROUP), numbers: { count }, table: [],
    })),
  ];
}

function planMatmul(kernel: MatmulKernel, ground: Ground): Dispatch[] {
  const shared = ground.limits.maxComputeWorkgroupStorageSize;
  const groups = matmulGroups(kernel, shared);
  if (groups === 0) return [];
  const { product } = kernel;
  const overwritten = kernel.epilogue.stores.some((s) => s.access.buffer === product);
  const keep = !overwritten && (product.place.kind !== 'temporary' || ground.isRead(product));
  const { reads, writes } = kernelAccesses(kernel);
  const operands = [...new Set([...reads, ...writes])].filter((b) => keep || b !== product || overwritten);
  return [
    bind(operands.map((b) => whole(b, ground, writes.includes(b))), operands, 0, ground, (bindings) => ({
      text: emitMatmul(kernel, bindings, operands, keep, shared), groups, numbers: {}, table: [],
    })),
  ];
}
