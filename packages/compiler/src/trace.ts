/** What traces of both backends are made of: the times of kernels beside what they have to do, and entries for timelines. */
import { type DType } from '@pappus/core';
import type { KernelTime } from '@pappus/core/backend';
import type { Kernel, ScanKernel } from './kernel.js';
import { kernelNames } from './kernel-names.js';
import { kernelWork } from './kernel-work.js';
import { required } from './required.js';

export { kernelWork, type KernelWork } from './kernel-work.js';

/**
 * The kernels of a program with their times, those inside of a scan in its place.
 *
 * @param milliseconds all that a kernel took so far
 * @param elementBytes bytes of an element on the backend
 */
export function kernelTimes(kernels: readonly Kernel[], milliseconds: (kernel: Exclude<Kernel, ScanKernel>) => number, elementBytes?: Readonly<Record<DType, number>>): KernelTime[] {
  const names = kernelNames(kernels);
  const visit = (list: readonly Kernel[], calls: number): KernelTime[] =>
    list.flatMap((kernel) => {
      if (kernel.kind === 'scan') return visit(kernel.kernels, calls * kernel.count);
      return [{ label: required(names.get(kernel), 'the name of a kernel'), milliseconds: milliseconds(kernel), calls, ...kernelWork(kernel, elementBytes) }];
    });
  return visit(kernels, 1);
}

/** Entries of one function: a run of days does not fill up the memory with them. */
const MOST_ENTRIES = 100_000;

/** Entries of `performance.measure`, which Chrome's and Edge's timelines show in tracks of their own, and `PerformanceObserver` sees. */
export class Timeline {
  private entries = 0;

  /** @param start and `end` in milliseconds, as `performance.now()` gives them */
  add(name: string, track: 'steps' | 'kernels', start: number, end: number): void {
    if (this.entries === MOST_ENTRIES) return;
    this.entries++;
    // https://developer.chrome.com/docs/devtools/performance/extension
    performance.measure(name, { start, end, detail: { devtools: { dataType: 'track-entry', track, trackGroup: 'Pappus' } } });
  }
}
