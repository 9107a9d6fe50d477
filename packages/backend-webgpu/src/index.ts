/** Runs Pappus programs on the GPU through WebGPU. */
export { webgpu, type WebGpuBackend } from './backend.js';
export type { AdapterWish, GpuSource, Limits, PowerPreference, WebGpuInfo, WebGpuOptions } from './device/options.js';
export { AdapterError, DeviceLostError, OutOfMemoryError, ShaderError } from './errors.js';
