/**
 * The scratch memory of kernels: what a product packs and the lists of a scatter, one kernel after the other; and behind it the packed
 * right operands that do not change from step to step of a scan, each in a place of its own, so that they are packed once.
 */
import { bodyBuffers, type Kernel, kernelAccesses, type MatmulKernel, type ScanKernel } from '@pappus/compiler';
import { sizeOf } from '@pappus/core/backend';
import { planMatmul } from './matmul-plan.js';
import { type NarrowPlan, planNarrow } from './narrow-plan.js';
import { layOutScatter } from './scatter-layout.js';

export interface ScratchLayout {
  readonly bytes: number;
  /** Where the packed right operand of a product in a scan is, if it is packed before the scan. */
  readonly packed: ReadonlyMap<MatmulKernel, number>;
  /** The products of which one operand is read where it is, and how. */
  readonly narrow: ReadonlyMap<MatmulKernel, NarrowPlan>;
}

export function layOutScratch(kernels: readonly Kernel[], relaxed: boolean): ScratchLayout {
  const scans = kernels.flatMap((kernel) => (kernel.kind === 'scan' ? [unchanging(kernel)] : []));
  const kept = new Set(scans.flat());
  const narrow = new Map(productsOf(kernels).flatMap((product) => {
    const plan = kept.has(product) ? undefined : planNarrow(product);
    return plan === undefined ? [] : [[product, plan] as const];
  }));
  const products = Math.max(0, ...kernels.map((kernel) => bytesOf(kernel, relaxed, narrow)));
  const packed = new Map<MatmulKernel, number>();
  let bytes = products;
  for (const scan of scans) {
    // Scans that follow each other share the places.
    let at = products;
    for (const product of scan) {
      packed.set(product, at);
      const plan = planMatmul(product, relaxed);
      at += plan.bytes - plan.leftBytes;
    }
    bytes = Math.max(bytes, at);
  }
  return { bytes, packed, narrow };
}

/** All products, those in scans included. */
function productsOf(kernels: readonly Kernel[]): MatmulKernel[] {
  return kernels.flatMap((kernel) => (kernel.kind === 'matmul' ? [kernel] : kernel.kind === 'scan' ? productsOf(kernel.kernels) : []));
}

function bytesOf(kernel: Kernel, relaxed: boolean, narrow: ReadonlyMap<MatmulKernel, NarrowPlan>): number {
  if (kernel.kind === 'scan') return Math.max(0, ...kernel.kernels.map((inside) => bytesOf(inside, relaxed, narrow)));
  if (kernel.kind === 'scatter') return layOutScatter(kernel).bytes;
  if (kernel.kind !== 'matmul') return 0;
  const plan = narrow.get(kernel);
  return plan === undefined ? planMatmul(kernel, relaxed).bytes : plan.packedBytes + plan.sumsBytes;
}

/** The products in a scan, and in scans in it, whose right operand is the same in all steps of the scan they are in, and packed as one. */
function unchanging(scan: ScanKernel): MatmulKernel[] {
  const written = new Set(kernelAccesses(scan).writes);
  return scan.kernels.flatMap((kernel) => {
    if (kernel.kind === 'scan') return unchanging(kernel);
    if (kernel.kind !== 'matmul' || sizeOf(kernel.batch) !== 1 || !planMatmul(kernel, true).whole) return [];
    return bodyBuffers(kernel.right).some((b) => b.place.kind === 'slice' || written.has(b)) ? [] : [kernel];
  });
}
