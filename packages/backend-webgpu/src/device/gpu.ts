/** A device as this backend uses it: memory, copies to the host, steps under way, and what has failed. */
import { BackendError, type PappusError } from '@pappus/core';
import { DeviceLostError, OutOfMemoryError } from '../errors.js';
import type { Acquired, Limits, WebGpuInfo } from './acquire.js';
import { MAP_READ, Memory, USAGE } from './memory.js';

/** Steps between two questions whether the device has come so far, and how many answers may be outstanding. */
const STEPS_BETWEEN_FENCES = 4;
const FENCES_UNDER_WAY = 4;

/** Bytes up to which the buffer of a read is kept for the next one, and how many are kept. */
const KEPT_STAGING = 2 ** 24;
const MOST_STAGING = 8;

/** How long a failure may take to be told as what it is. */
const GRACE_MILLISECONDS = 500;

export class Gpu {
  readonly device: GPUDevice;
  readonly info: WebGpuInfo;
  private failed: PappusError | undefined;
  private readonly staging: GPUBuffer[] = [];
  private readonly fences: Promise<void>[] = [];
  private steps = 0;

  constructor(private readonly acquired: Acquired) {
    this.device = acquired.device;
    this.info = acquired.info;
    void this.device.lost.then(({ reason, message }) => {
      this.failed = new DeviceLostError(
        `the GPU device is lost (${reason}${message === '' ? '' : `: ${message}`}), and the values of its variables with it; ` +
          'give each a saved value with set(), make a new backend with webgpu(), and move the variables there with to()',
      );
    });
    this.device.addEventListener('uncapturederror', ({ error }) => {
      this.failed ??= error instanceof Error || !('message' in error) ? new BackendError(String(error)) : failureOf(error);
    });
  }

  get limits(): Limits {
    return this.acquired.info.limits;
  }

  /** Why nothing runs any more. */
  get failure(): PappusError | undefined {
    return this.failed;
  }

  /** Throws if the device is lost, or something has failed since it was last asked. */
  check(): void {
    if (this.failed !== undefined) throw this.failed;
  }

  allocate(bytes: number, what: string): Memory {
    this.check();
    const size = Math.max(256, Math.ceil(bytes / 256) * 256);
    if (size > this.limits.maxBufferSize) {
      throw new OutOfMemoryError(`${what} needs ${bytes} bytes in one piece, and this GPU's pieces end at ${this.limits.maxBufferSize}; use smaller tensors or batches`);
    }
    return new Memory(this.device, size, what);
  }

  /** A copy of what is there when this is called. */
  async read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    this.check();
    if (bytes === 0) return new ArrayBuffer(0);
    const staging = this.takeStaging(bytes);
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
    this.device.queue.submit([encoder.finish()]);
    try {
      await staging.mapAsync(MAP_READ, 0, bytes);
    } catch (error) {
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, GRACE_MILLISECONDS))]);
      this.check();
      throw new BackendError(`a tensor could not be read from the GPU: ${String(error)}`, { cause: error });
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    if (staging.size <= KEPT_STAGING && this.staging.length < MOST_STAGING) this.staging.push(staging);
    else staging.destroy();
    this.check();
    return copy;
  }

  /** Counts a step; now and then asks the device to tell when it has come so far. */
  submit(commands: GPUCommandBuffer): void {
    this.device.queue.submit([commands]);
    this.steps++;
    if (this.steps % STEPS_BETWEEN_FENCES !== 0) return;
    const passed = (): void => {
      void this.fences.splice(this.fences.indexOf(fence), 1);
    };
    const fence: Promise<void> = this.device.queue.onSubmittedWorkDone().then(passed, passed);
    this.fences.push(fence);
  }

  /** Ends when another step may be submitted; undefined if it may be at once. */
  room(): Promise<void> | undefined {
    return this.fences.length >= FENCES_UNDER_WAY ? this.fences[0] : undefined;
  }

  private takeStaging(bytes: number): GPUBuffer {
    const size = bytes > KEPT_STAGING ? Math.ceil(bytes / 256) * 256 : 2 ** Math.ceil(Math.log2(Math.max(256, bytes)));
    const at = this.staging.findIndex((s) => s.size === size);
    const [found] = at < 0 ? [] : this.staging.splice(at, 1);
    return found ?? this.device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget, label: 'staging' });
  }
}

function failureOf(error: GPUError): PappusError {
  return error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfMemoryError(`the GPU has run out of memory; use smaller tensors or batches (${error.message})`)
    : new BackendError(`the GPU refused what was asked of it; please report this: ${error.message}`);
}
