/** The code of kernels that few programs have, loaded by those that do. */
import { hasKernel, type Kernel } from '@pappus/compiler';
import type { emitRoutine } from './routine/index.js';
import type { emitScatter } from './scatter.js';

/** What writes kernels of such kinds, as far as a program has any. */
export interface OnDemand {
  readonly routine: typeof emitRoutine | undefined;
  readonly scatter: typeof emitScatter | undefined;
}

/** All that the kernels of a program need. */
export async function loadOnDemand(kernels: readonly Kernel[]): Promise<OnDemand> {
  return {
    routine: hasKernel(kernels, 'routine') ? (await import('./routine/index.js')).emitRoutine : undefined,
    scatter: hasKernel(kernels, 'scatter') ? (await import('./scatter.js')).emitScatter : undefined,
  };
}
