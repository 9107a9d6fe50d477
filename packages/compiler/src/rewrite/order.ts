/**
 * The order in which kernels run: as they are scheduled, but a kernel after which less memory is in use runs as soon as it can. So
 * the gradient of a layer's weights is computed before the way back goes on, and what it reads need not be kept.
 */
import type { Buffer, Kernel } from '../kernels/kernel.js';
import { kernelAccesses } from '../kernels/accesses.js';
import { alignedBytes } from '../memory/memory.js';
import { append } from '../lists/multimap.js';
import { required } from '../required.js';

/** Of a temporary that so many kernels still read none makes memory free. */
const MANY = 64;

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
  private readonly touched: ReadonlyMap<Kernel, readonly Buffer[]>;

  constructor(private readonly kernels: readonly Kernel[]) {
    this.position = new Map(kernels.map((kernel, k) => [kernel, k]));
    this.touched = new Map(kernels.map((kernel) => [kernel, temporaries(kernel)]));
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
      for (const buffer of reads) append(read, buffer, kernel);
      this.before.set(kernel, earlier);
      for (const other of earlier) append(this.after, other, kernel);
      for (const buffer of this.touchedBy(kernel)) this.users.set(buffer, (this.users.get(buffer) ?? new Set()).add(kernel));
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
      const touched = this.touchedBy(kernel);
      for (const buffer of touched) {
        this.users.get(buffer)?.delete(kernel);
        this.alive.add(buffer);
      }
      const near = new Set<Kernel>();
      for (const buffer of touched) {
        const users = this.users.get(buffer);
        if (users !== undefined && users.size <= MANY) for (const other of users) near.add(other);
      }
      for (const other of this.after.get(kernel) ?? []) near.add(other);
      const next = [...near].filter((other) => this.frees(other)).sort((a, b) => required(this.position.get(a), 'the position of a kernel') - required(this.position.get(b), 'the position of a kernel'));
      // One at a time: what is placed may change what the others free.
      const [chosen] = next;
      if (chosen !== undefined) waiting.push(chosen);
    }
  }

  private touchedBy(kernel: Kernel): readonly Buffer[] {
    return this.touched.get(kernel) ?? [];
  }

  /** Whether a kernel can run now, and leaves no more memory in use than there was. */
  private frees(kernel: Kernel): boolean {
    if (this.before.get(kernel)?.size !== 0) return false;
    let freed = 0;
    let taken = 0;
    for (const buffer of this.touchedBy(kernel)) {
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
