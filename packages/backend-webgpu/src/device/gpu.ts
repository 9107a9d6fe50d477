/** A device as this backend uses it: memory, copies to the host, steps under way, and what has failed. */
import { BackendError, DisposedError, type PappusError } from '@pappus/core';
import { Guards } from '../debug/guards.js';
import { DeviceLostError, OutOfMemoryError } from '../errors.js';
import type { Acquired } from './acquire.js';
import type { Limits, WebGpuInfo } from './options.js';
import type { Words } from './elements.js';
import { align, ALIGNMENT, MAP_READ, Memory, type Place, TENSORS, USAGE } from './memory.js';
import { InFlight } from './in-flight.js';

/** Bytes up to which the buffer of a read is kept for the next one, and how many are kept. */
const KEPT_STAGING = 2 ** 24;
const MOST_STAGING = 8;

/** How long a failure may take to be told as what it is. */
const GRACE_MILLISECONDS = 500;

export class Gpu {
  readonly device: GPUDevice;
  readonly info: WebGpuInfo;
  private readonly acquired: Acquired;
  private loss: DeviceLostError | undefined;
  private refusal: PappusError | undefined;
  private disposal: DisposedError | undefined;
  private readonly staging: GPUBuffer[] = [];
  private readonly inFlight: InFlight;

  /** Of debug builds. */
  readonly guards: Guards | undefined;

  constructor(acquired: Acquired, debug = false) {
    this.device = acquired.device;
    // The object that the device came from is kept alive, and reports take a binding of every kernel.
    this.acquired = debug ? { ...acquired, info: withoutOneBinding(acquired.info) } : acquired;
    this.info = this.acquired.info;
    this.guards = debug ? new Guards(this.device, (error) => (this.refusal ??= error)) : undefined;
    this.inFlight = new InFlight(this.device.queue);
    void this.device.lost.then(({ reason, message }) => {
      this.loss = new DeviceLostError(
        `the GPU device is lost (${reason}${message === '' ? '' : `: ${message}`}), and the values of its variables with it; ` +
          'give each a saved value with set(), make a new backend with webgpu(), and move the variables there with to()',
      );
    });
    this.device.addEventListener('uncapturederror', ({ error }) => {
      this.refusal ??= error instanceof Error || !('message' in error) ? new BackendError(String(error)) : failureOf(error);
    });
  }

  get limits(): Limits {
    return this.acquired.info.limits;
  }

  get isLost(): boolean {
    return this.loss !== undefined;
  }

  /** Gives the device back, and all that is on it. */
  dispose(): void {
    if (this.disposal !== undefined) return;
    this.disposal = new DisposedError('the backend webgpu was disposed of, and what was on it is gone; make a new one with webgpu()');
    this.staging.length = 0;
    this.device.destroy();
  }

  checkDisposed(): void {
    if (this.disposal !== undefined) throw this.disposal;
  }

  /** Throws if the device is disposed of or lost, and what is on it with it. */
  checkLost(): void {
    this.checkDisposed();
    if (this.loss !== undefined) throw this.loss;
  }

  /** Throws if nothing runs any more: the device is lost, or has refused what it was given, and nobody knows how far it came. */
  check(): void {
    this.checkLost();
    if (this.refusal !== undefined) throw this.refusal;
  }

  /** Memory of which `settle` tells whether it is there. */
  allocate(bytes: number, what: string, usage: number = TENSORS): Memory {
    this.check();
    const size = Math.max(ALIGNMENT, align(bytes, ALIGNMENT));
    if (size > this.limits.maxBufferSize) {
      throw new OutOfMemoryError(
        `${what} needs ${bytes} bytes in one piece, and this GPU's pieces end at ${this.limits.maxBufferSize}; use smaller tensors or batches`,
      );
    }
    return new Memory(this.device, size, what, usage);
  }

  /** Gives values to the device, which are kept elsewhere until it has come so far. */
  write({ memory, offset }: Place, words: Words): void {
    this.device.queue.writeBuffer(memory.buffer, offset, words);
    this.inFlight.addBytes(words.byteLength);
  }

  /** A copy of what is there when this is called. */
  async read(source: GPUBuffer, offset: number, bytes: number): Promise<ArrayBuffer> {
    this.checkLost();
    if (bytes === 0) return new ArrayBuffer(0);
    const { staging, outOfMemory, mapped } = this.stage(source, offset, bytes);
    mapped.catch(() => undefined);
    const missed = await outOfMemory;
    if (missed !== null) {
      throw new OutOfMemoryError(
        `the GPU has no ${bytes} bytes to read a tensor through; read it when there is room, or smaller ones (${missed.message})`,
      );
    }
    try {
      await mapped;
    } catch (error) {
      await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, GRACE_MILLISECONDS))]);
      this.check();
      throw new BackendError(`a tensor could not be read from the GPU: ${String(error)}`, { cause: error });
    }
    const copy = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    if (staging.size <= KEPT_STAGING && this.staging.length < MOST_STAGING) this.staging.push(staging);
    else staging.destroy();
    this.checkLost();
    if (this.guards !== undefined) {
      await this.guards.settled();
      this.check();
    }
    return copy;
  }

  /** The commands of a step. */
  submit(commands: GPUCommandBuffer): void {
    this.device.queue.submit([commands]);
    this.inFlight.addStep();
  }

  /** Ends when another step may be submitted; undefined if it may be at once. */
  room(): Promise<void> | undefined {
    return this.inFlight.room();
  }

  /** Copies into memory that the host will see, which is made if none is kept; if there is no room for it, nothing else fails. */
  private stage(
    source: GPUBuffer,
    offset: number,
    bytes: number,
  ): { staging: GPUBuffer; outOfMemory: Promise<GPUError | null>; mapped: Promise<unknown> } {
    const { device } = this;
    const copy = (staging: GPUBuffer): Promise<unknown> => {
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(source, offset, staging, 0, bytes);
      device.queue.submit([encoder.finish()]);
      return staging.mapAsync(MAP_READ, 0, bytes);
    };
    const size = bytes > KEPT_STAGING ? align(bytes, ALIGNMENT) : 2 ** Math.ceil(Math.log2(Math.max(ALIGNMENT, bytes)));
    const at = this.staging.findIndex((s) => s.size === size);
    const [kept] = at < 0 ? [] : this.staging.splice(at, 1);
    if (kept !== undefined) return { staging: kept, outOfMemory: Promise.resolve(null), mapped: copy(kept) };
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const staging = device.createBuffer({ size, usage: USAGE.mapRead | USAGE.copyTarget, label: 'staging' });
    const outOfMemory = device.popErrorScope().catch(() => null);
    const mapped = copy(staging);
    const refused = device.popErrorScope().catch(() => null);
    void Promise.all([outOfMemory, refused]).then(([missed, error]) => {
      if (missed === null && error !== null) this.refusal ??= failureOf(error);
    });
    return { staging, outOfMemory, mapped };
  }
}

function withoutOneBinding(info: WebGpuInfo): WebGpuInfo {
  const { maxStorageBuffersPerShaderStage: most } = info.limits;
  return { ...info, limits: { ...info.limits, maxStorageBuffersPerShaderStage: most - 1 } };
}

function failureOf(error: GPUError): PappusError {
  return error.constructor.name === 'GPUOutOfMemoryError'
    ? new OutOfMemoryError(`the GPU has run out of memory; use smaller tensors or batches (${error.message})`)
    : new BackendError(`the GPU refused what was asked of it; please report this: ${error.message}`);
}
