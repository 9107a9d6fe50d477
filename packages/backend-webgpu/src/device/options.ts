/** What users give `webgpu` and see of its device. No type here is a browser's own: declarations are read without those, and by compilers that lack some. */

/** Limits of a device that this backend asks for and respects, by the names that WebGPU has for them. */
export interface Limits {
  /** Bytes of one buffer. */
  readonly maxBufferSize: number;
  /** Bytes of a buffer that one kernel sees at a time. */
  readonly maxStorageBufferBindingSize: number;
  /** Buffers that one kernel sees at a time. */
  readonly maxStorageBuffersPerShaderStage: number;
  /** Workgroups of one dispatch along one of its three dimensions. */
  readonly maxComputeWorkgroupsPerDimension: number;
  /** Bytes that the invocations of a workgroup share. */
  readonly maxComputeWorkgroupStorageSize: number;
}

export type LimitName = keyof Limits;

/** Which adapter of several: a strong one, or one that spares the battery. */
export type PowerPreference = 'high-performance' | 'low-power';

/** What is asked of an adapter. */
export interface AdapterWish {
  /** Which of several; which, the browser decides where it is left out. */
  powerPreference?: PowerPreference;
}

/** What gives adapters: `navigator.gpu` of a browser, or what `create` of the npm package `webgpu` answers. */
export interface GpuSource {
  /** The adapter, a `GPUAdapter`; null if there is none. */
  requestAdapter(options?: AdapterWish): Promise<object | null>;
}

/** Options of `webgpu`. */
export interface WebGpuOptions {
  /** Where adapters come from. Default: `navigator.gpu`, and without one the npm package `webgpu`. */
  readonly gpu?: GpuSource;
  /** Which adapter, where there are several. Default `high-performance`. */
  readonly powerPreference?: PowerPreference;
  /** Whether reductions may use subgroups, where the adapter has them, all of one size. Default true; the bits are the same. */
  readonly subgroups?: boolean;
  /**
   * Compares every read and write of the kernels with the bounds of its tensor, and guards tensors with memory that nothing may write
   * to: to find errors of the library itself. What reaches out of its tensor is a BackendError when a result is read, or of the next
   * call. Slow. Default false.
   */
  readonly debug?: boolean;
  /** Lower limits than the adapter's: to leave room for others, or to see how a smaller device fares. */
  readonly limits?: Partial<Limits>;
}

/** What is behind a backend. */
export interface WebGpuInfo {
  /** The adapter's name, as its driver gives it. */
  readonly adapter: string;
  /** Who makes it, as in `nvidia`; empty where the driver does not say. */
  readonly vendor: string;
  /** Its family, as in `ampere`; empty where the driver does not say. */
  readonly architecture: string;
  /** Whether a program on the CPU plays the GPU: right, but slow. */
  readonly software: boolean;
  /** Invocations of a subgroup; 0 where subgroups are not used. */
  readonly subgroupSize: number;
  /** What the device allows: the adapter's limits, or the lower ones that were asked for. */
  readonly limits: Limits;
}
