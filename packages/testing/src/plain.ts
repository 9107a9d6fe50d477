// The plain backend, and every kernel of another one beside it.
export { plain, PlainBackend, type PlainOptions } from './plain/backend.js';
export { copied, type Memory, type Run, runKernel, runKernels } from './plain/kernels.js';
export { type KernelProgram, type Moment, momentOf, programOfKernel } from './plain/one-kernel.js';
export { momentsOf, type OpinionOptions, type Runner, secondOpinion } from './plain/second-opinion.js';
