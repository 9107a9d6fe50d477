/**
 * From kernels and places to dispatches: which bindings each needs, what it is told, and how it is cut where a device's limits ask
 * for it. Nothing here touches the device but to make room for tensors that are brought together.
 */
import { bodyBuffers, describeKernel, type Kernel, type ScatterKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core';
import { emitScatter, scatterColumns } from '../codegen/scatter.js';
import { WORKGROUP } from '../codegen/shader.js';
import type { Limits } from '../device/acquire.js';
import { bind, type Dispatch, type Ground, whole } from './dispatch.js';
import { LoopPlan } from './plan-loop.js';
import { matmulScratchBytes, planMatmul } from './plan-matmul.js';
import { planReduce, reduceScratchBytes } from './plan-reduce.js';
import { planRepeat } from './plan-repeat.js';

/** The most that a kernel leaves to its own next one. */
export function scratchBytes(kernels: readonly Kernel[], limits: Limits): number {
  const bytesOf = (kernel: Kernel): number => {
    switch (kernel.kind) {
      case 'repeat':
        return scratchBytes(kernel.kernels, limits);
      case 'reduce':
        return reduceScratchBytes(kernel);
      case 'matmul':
        return matmulScratchBytes(kernel, limits);
      case 'loop':
      case 'scatter':
        return 0;
    }
  };
  return Math.max(0, ...kernels.map(bytesOf));
}

export function planKernel(kernel: Kernel, ground: Ground): Dispatch[] {
  ground.guards?.enter(`the kernel ${describeKernel(kernel).name}`);
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
    bind(
      order.map((b) => whole(b, ground, written.has(b))),
      order,
      0,
      ground,
      (bindings) => ({
        text: emitScatter(kernel, bindings),
        groups: Math.ceil(count / WORKGROUP),
        numbers: { count },
        table: [],
      }),
    ),
  ];
}
