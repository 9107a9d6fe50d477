/** What can go wrong on a GPU, one class a kind. */
import { DTypeError, PappusError } from '@pappus/core';

/** No adapter: no WebGPU here, no driver, or none that this page or process may use. */
export class AdapterError extends PappusError {
  override readonly name = 'AdapterError';
}

/** The device is gone, and what was on it: its variables say so instead of answering zeros. */
export class DeviceLostError extends PappusError {
  override readonly name = 'DeviceLostError';
}

/** A tensor, or all of them, need more memory than the device gives. */
export class OutOfMemoryError extends PappusError {
  override readonly name = 'OutOfMemoryError';

  constructor(
    message: string,
    /** Whether there may be room later, when garbage is collected or something is disposed of. */
    readonly mayPass = false,
  ) {
    super(message);
  }
}

/** The driver does not take a shader of ours. */
export class ShaderError extends PappusError {
  override readonly name = 'ShaderError';

  constructor(
    message: string,
    /** The WGSL. */
    readonly source: string,
  ) {
    super(message);
  }
}

export function noFloat64(what: string): DTypeError {
  return new DTypeError(
    `${what} is float64, which GPUs do not compute in here; use float32 (cast it, or make it with dtype: 'float32'), or compile for cpu()`,
  );
}
