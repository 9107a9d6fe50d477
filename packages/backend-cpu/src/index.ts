/** Runs Pappus programs on the CPU through WebAssembly SIMD. */
export { cpu, type CpuBackend, type CpuBytes, type CpuInfo, type CpuOptions } from './backend.js';
