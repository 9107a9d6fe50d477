/** The code of kernels and functions that few programs have, loaded by those that do. */
import { elementwiseOps, hasKernel, type Kernel } from '@pappus/compiler';
import { loadMath, type Renderings } from '../math/index.js';
import type { emitRoutine } from './routine/index.js';
import type { emitScatter } from './scatter.js';
import type { emitNarrowKernel } from './narrow.js';
import type { ScratchLayout } from './scratch.js';

/** What writes kernels of such kinds, as far as a program has any, and its elementary functions. */
export interface OnDemand {
  readonly routine: typeof emitRoutine | undefined;
  readonly scatter: typeof emitScatter | undefined;
  readonly narrow: typeof emitNarrowKernel | undefined;
  readonly math: Renderings;
}

/** All that the kernels of a program need. */
export async function loadOnDemand(kernels: readonly Kernel[], { narrow }: ScratchLayout): Promise<OnDemand> {
  return {
    routine: hasKernel(kernels, 'routine') ? (await import('./routine/index.js')).emitRoutine : undefined,
    scatter: hasKernel(kernels, 'scatter') ? (await import('./scatter.js')).emitScatter : undefined,
    narrow: narrow.size > 0 ? (await import('./narrow.js')).emitNarrowKernel : undefined,
    math: await loadMath(elementwiseOps(kernels)),
  };
}
