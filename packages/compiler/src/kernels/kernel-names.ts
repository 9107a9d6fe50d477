/**
 * What kernels are called, each by a name of its own within a program: in descriptions and listings, in WebAssembly's name section, in
 * the labels of WebGPU, in traces.
 */
import { kernelAccesses, readAccesses } from './accesses.js';
import type { Kernel } from './kernel.js';
import { kernelBodies } from './kernel-parts.js';

/** Operations that a name lists; `...` stands for the others. */
const MOST_OPERATIONS = 4;

const namesOf = new WeakMap<readonly Kernel[], ReadonlyMap<Kernel, string>>();

/**
 * The name of each kernel of a program, scans and the kernels in them included: its number and what it does, such as `k3 matmul+add+relu`,
 * `k4 update`, `k5 scan`, and `k5.0 matmul` for the first kernel in that.
 */
export function kernelNames(kernels: readonly Kernel[]): ReadonlyMap<Kernel, string> {
  const known = namesOf.get(kernels);
  if (known !== undefined) return known;
  const names = new Map<Kernel, string>();
  const visit = (list: readonly Kernel[], prefix: string): void => {
    for (const [k, kernel] of list.entries()) {
      names.set(kernel, `${prefix}${k} ${kernelTitle(kernel, MOST_OPERATIONS)}`);
      if (kernel.kind === 'scan') visit(kernel.kernels, `${prefix}${k}.`);
    }
  };
  visit(kernels, 'k');
  namesOf.set(kernels, names);
  return names;
}

/** What a kernel does: `update`, `copy`, `fill`, `scan`, or its operations, each once, such as `matmul+add+relu`. */
export function kernelTitle(kernel: Kernel, most = Infinity): string {
  if (kernel.kind === 'scan') return 'scan';
  if (kernel.kind === 'routine') return kernel.name;
  if (kernel.kind === 'elementwise' && kernelAccesses(kernel).writes.some((b) => b.place.kind === 'variable')) return 'update';
  const operations = [...new Set(kernelOperations(kernel))];
  if (operations.length === 0) return kernelBodies(kernel).some((body) => readAccesses(body).length > 0) ? 'copy' : 'fill';
  return [...operations.slice(0, most), ...(operations.length > most ? ['...'] : [])].join('+');
}

/** The operations that a kernel applies at each element, what makes it a kernel of its kind first. */
export function kernelOperations(kernel: Kernel): string[] {
  const own = kernel.kind === 'routine' ? [kernel.name] : kernel.kind === 'reduce' ? kernel.reductions.map((r) => r.op) : kernel.kind === 'elementwise' ? [] : [kernel.kind];
  return [...own, ...kernelBodies(kernel).flatMap((body) => body.instructions.flatMap((i) => (i.kind === 'apply' ? [i.op] : [])))];
}
