/** Runs Pappus programs on the GPU through WebGPU. */
export { webgpu, type WebGpuBackend } from './backend.js';
export type { Limits, WebGpuInfo, WebGpuOptions } from './device/acquire.js';
export { AdapterError, DeviceLostError, OutOfMemoryError, ShaderError } from './errors.js';
