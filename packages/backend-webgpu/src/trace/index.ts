/** Times of the kernels of a step, by timestamps that the device takes; it is loaded for `compile(..., { trace: true })` alone. */
import { kernelNames, type Kernel, type Program, required } from '@pappus/compiler';
import { Clocks, Timeline } from '@pappus/compiler/trace';
import { BackendError } from '@pappus/core';
import type { KernelTimes } from '@pappus/core/backend';
import { ELEMENT_BYTES } from '../codegen/shader.js';
import { MAP_READ, USAGE } from '../device/memory.js';

/** What a device must have. */
export const TIMESTAMPS = 'timestamp-query';

/** Queries of a set: as many as every device has. https://www.w3.org/TR/webgpu/#dom-gpudevice-createqueryset */
const MOST_QUERIES = 4096;
const BYTES_PER_TIMESTAMP = 8;
const QUERY_RESOLVE = 0x200;

export class Tracer {
  private readonly clocks: Clocks;
  private readonly timeline = new Timeline();
  /** For each kernel the one of the program that it is or is in: a scan has one entry in a timeline. */
  private readonly entryOf = new Map<string, string>();
  private readonly sets: GPUQuerySet[] = [];
  /** Kernels of the dispatches of the step that is being encoded. */
  private dispatched: string[] = [];
  private reading: Promise<void> = Promise.resolve();

  /** @throws {BackendError} if the device takes no timestamps */
  constructor(
    private readonly device: GPUDevice,
    { kernels }: Program,
  ) {
    if (!device.features.has(TIMESTAMPS)) {
      throw new BackendError(`this GPU takes no timestamps (it lacks the feature ${TIMESTAMPS}); trace with cpu(), or where there is a GPU that does`);
    }
    this.clocks = new Clocks(kernels, ELEMENT_BYTES);
    const names = kernelNames(kernels);
    const enter = (kernel: Kernel, entry: string): void => {
      this.entryOf.set(required(names.get(kernel), 'the name of a kernel'), entry);
      if (kernel.kind === 'scan') for (const inside of kernel.kernels) enter(inside, entry);
    };
    for (const kernel of kernels) enter(kernel, required(names.get(kernel), 'the name of a kernel'));
  }

  /** What a pass of its own for the next dispatch of a kernel is begun with. */
  pass(kernel: string): GPUComputePassDescriptor {
    const at = 2 * this.dispatched.push(kernel) - 2;
    const [set, first] = [Math.floor(at / MOST_QUERIES), at % MOST_QUERIES];
    const querySet = (this.sets[set] ??= this.device.createQuerySet({ type: 'timestamp', count: MOST_QUERIES, label: 'times of kernels' }));
    return { label: kernel, timestampWrites: { querySet, beginningOfPassWriteIndex: first, endOfPassWriteIndex: first + 1 } };
  }

  /** Has the timestamps of a step copied to where the host reads them; what is answered is called when the step is submitted. */
  endStep(encoder: GPUCommandEncoder): () => void {
    const kernels = this.dispatched;
    this.dispatched = [];
    const bytes = Math.max(1, 2 * kernels.length) * BYTES_PER_TIMESTAMP;
    const resolved = this.device.createBuffer({ size: bytes, usage: QUERY_RESOLVE | USAGE.copySource, label: 'times of kernels' });
    const staging = this.device.createBuffer({ size: bytes, usage: USAGE.mapRead | USAGE.copyTarget, label: 'times of kernels' });
    for (const [k, set] of this.sets.entries()) {
      const count = Math.min(MOST_QUERIES, 2 * kernels.length - k * MOST_QUERIES);
      if (count > 0) encoder.resolveQuerySet(set, 0, count, resolved, k * MOST_QUERIES * BYTES_PER_TIMESTAMP);
    }
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
    return () => {
      const submitted = performance.now();
      const mapped = staging.mapAsync(MAP_READ);
      const before = this.reading;
      this.reading = (async () => {
        await before;
        // A device that is lost says so where its results are read.
        if (await mapped.then(() => true, () => false)) this.record(kernels, new BigUint64Array(staging.getMappedRange()), submitted);
        staging.destroy();
        resolved.destroy();
      })();
    };
  }

  async times(): Promise<KernelTimes> {
    await this.reading;
    return this.clocks.times();
  }

  /** @param submitted when the host handed the step over: the device counts nanoseconds from a beginning of its own */
  private record(kernels: readonly string[], stamps: BigUint64Array, submitted: number): void {
    const origin = stamps[0];
    if (kernels.length === 0 || origin === undefined) {
      this.clocks.endStep();
      return;
    }
    const since = (at: number): number => Number(required(stamps[at], 'a timestamp') - origin) / 1e6;
    let entry: { name: string; start: number; end: number } | undefined;
    const enter = (): void => {
      if (entry !== undefined) this.timeline.add(entry.name, 'kernels', submitted + entry.start, submitted + entry.end);
    };
    for (const [k, kernel] of kernels.entries()) {
      const [start, end] = [since(2 * k), since(2 * k + 1)];
      // Some drivers set their counter back between passes: https://www.w3.org/TR/webgpu/#timestamp
      this.clocks.of(kernel).add(Math.max(0, end - start));
      const name = required(this.entryOf.get(kernel), 'the entry of a kernel');
      if (entry?.name === name) entry.end = Math.max(entry.end, end);
      else {
        enter();
        entry = { name, start: Math.max(0, start), end: Math.max(0, start, end) };
      }
    }
    enter();
    this.timeline.add('step', 'steps', submitted, submitted + Math.max(0, since(2 * kernels.length - 1)));
    this.clocks.endStep();
  }
}
