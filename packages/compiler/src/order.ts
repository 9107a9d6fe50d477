/**
 * The order in which kernels run: as they are scheduled, but a kernel after which less memory is in use runs as soon as it can. So
 * the gradient of a layer's weights is computed before the way back goes on, and what it reads need not be kept.
 */
import type { Buffer, Kernel } from './kernel.js';
import { kernelAccesses } from './kernel.js';
import { alignedBytes } from './memory.js';

export function eagerly(kernels: readonly Kernel[]): Kernel[] {
  return new Order(kernels).run();
}

class Order {
  private readonly placed: Kernel[] = [];
  /** Kernels that are not placed yet, by the temporary that they touch. */
  private readonly users = new Map<Buffer, Set<Kernel>>();
  /** Kernels that each kernel must come after, and that are not placed yet; and the other way round. */
  private readonly before = new Map<Kernel, Set<Kernel>>();
  private readonly after = new Map<Kernel, Kernel[]>();
  private readonly alive = new Set<Buffer>();
  private readonly position: ReadonlyMap<Kernel, number>;

  constructor(private readonly kernels: readonly Kernel[]) {
    this.position = new Map(kernels.map((kernel, k) => [kernel, k]));
    const written = new Map<Buffer, Kernel>();
    const read = new Map<Buffer, Kernel[]>();
    for (const kernel of kernels) {
      const { reads, writes } = kernelAccesses(kernel);
      const earlier = new Set<Kernel>();
      for (const buffer of [...reads, ...writes]) {
        const writer = written.get(buffer);
        if (writer !== undefined) earlier.add(writer);
      }
      for (const buffer of writes) for (const reader of read.get(buffer) ?? []) earlier.add(reader);
      earlier.delete(kernel);
      for (const buffer of writes) {
        written.set(buffer, kernel);
        read.set(buffer, []);
      }
      for (const buffer of reads) read.set(buffer, [...(read.get(buffer) ?? []), kernel]);
      this.before.set(kernel, earlier);
      for (const other of earlier) this.after.set(other, [...(this.after.get(other) ?? []), kernel]);
      for (const buffer of temporaries(kernel)) this.users.set(buffer, (this.users.get(buffer) ?? new Set()).add(kernel));
    }
  }

  run(): Kernel[] {
    for (const kernel of this.kernels) if (this.before.has(kernel)) this.place(kernel);
    return this.placed;
  }

  /** Places a kernel, and what then makes memory free. */
  private place(first: Kernel): void {
    const waiting = [first];
    for (let kernel = waiting.shift(); kernel !== undefined; kernel = waiting.shift()) {
      this.placed.push(kernel);
      this.before.delete(kernel);
      for (const other of this.after.get(kernel) ?? []) this.before.get(other)?.delete(kernel);
      const touched = temporaries(kernel);
      for (const buffer of touched) {
        this.users.get(buffer)?.delete(kernel);
        this.alive.add(buffer);
      }
      const near = new Set([...touched.flatMap((buffer) => [...(this.users.get(buffer) ?? [])]), ...(this.after.get(kernel) ?? [])]);
      const next = [...near].filter((other) => this.frees(other)).sort((a, b) => (this.position.get(a) ?? 0) - (this.position.get(b) ?? 0));
      // One at a time: what is placed may change what the others free.
      const [chosen] = next;
      if (chosen !== undefined) waiting.push(chosen);
    }
  }

  /** Whether a kernel can run now, and leaves no more memory in use than there was. */
  private frees(kernel: Kernel): boolean {
    if (this.before.get(kernel)?.size !== 0) return false;
    let freed = 0;
    let taken = 0;
    for (const buffer of temporaries(kernel)) {
      if (!this.alive.has(buffer)) taken += alignedBytes(buffer);
      if (this.users.get(buffer)?.size === 1) freed += alignedBytes(buffer);
    }
    return freed > 0 && freed >= taken;
  }
}

function temporaries(kernel: Kernel): Buffer[] {
  const { reads, writes } = kernelAccesses(kernel);
  return [...new Set([...reads, ...writes])].filter((buffer) => buffer.place.kind === 'temporary');
}
