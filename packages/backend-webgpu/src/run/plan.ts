/**
 * From kernels and places to dispatches: which bindings each needs, what it is told, and how it is cut where a device's limits ask
 * for it. Nothing here touches the device but to make room for tensors that are brought together.
 */
import { type Kernel, required } from '@pappus/compiler';
import type { Limits } from '../device/options.js';
import type { Dispatch, PlanContext } from './dispatch.js';
import { ElementwisePlan } from './plan-elementwise.js';
import { matmulScratchBytes, planMatmul } from './plan-matmul.js';
import { planReduce, reduceScratchBytes } from './plan-reduce.js';
import { planScan } from './plan-scan.js';
import { planScatter, scatterScratchBytes } from './plan-scatter.js';

/** The most that a kernel leaves to its own next one. */
export function scratchBytes(kernels: readonly Kernel[], limits: Limits): number {
  const bytesOf = (kernel: Kernel): number => {
    switch (kernel.kind) {
      case 'scan':
        return scratchBytes(kernel.kernels, limits);
      case 'reduce':
        return reduceScratchBytes(kernel);
      case 'matmul':
        return matmulScratchBytes(kernel, limits);
      case 'scatter':
        return scatterScratchBytes(kernel);
      case 'elementwise':
      case 'routine':
        return 0;
    }
  };
  return Math.max(0, ...kernels.map(bytesOf));
}

export function planKernel(kernel: Kernel, around: PlanContext): Dispatch[] {
  const context = { ...around, kernel: required(around.names.get(kernel), 'the name of a kernel'), when: kernel.when ?? around.when };
  switch (kernel.kind) {
    case 'elementwise':
      return new ElementwisePlan(kernel, context).dispatches();
    case 'reduce':
      return planReduce(kernel, context);
    case 'matmul':
      return planMatmul(kernel, context);
    case 'scatter':
      return planScatter(kernel, context);
    case 'routine':
      return required(around.planRoutine, 'the plan of routines')(kernel, context);
    case 'scan':
      return planScan(kernel, context, planKernel);
  }
}
