/** From a graph of expressions to fused kernels and a memory plan, for any backend. */
export { type Affine, extentAlong, strideAlong } from './kernels/affine.js';
export { bodyAffines, collapse, mapAffines, type MarkedNest, type Nest } from './rewrite/collapse.js';
export {
  type ElementaryFunctions,
  FLOAT32_FUNCTIONS,
  FLOAT32_IDENTITY_BELOW,
  FLOAT64_FUNCTIONS,
  HALF_PI_11,
  HALF_PI_26,
  HALF_PI_33,
  LARGEST_EXPONENT,
  TWO_OVER_PI,
  type TwoParts,
  WIDE_ATANH,
} from './kernels/elementary-functions.js';
export { HostProgram } from './lower/host.js';
export { instructionKey, placeKey } from './kernels/instruction-key.js';
export { bodyAccesses, bodyBuffers, isFixed, kernelAccesses, readAccesses } from './kernels/accesses.js';
export type {
  Access,
  Body,
  Buffer,
  BufferPlace,
  HostUpdate,
  Instruction,
  Kernel,
  ElementwiseKernel,
  MatmulKernel,
  Program,
  ProgramOutput,
  ReduceKernel,
  ReducePart,
  RoutineKernel,
  Reduction,
  ScanKernel,
  ScatterKernel,
  Segment,
  Segmented,
  Slice,
  Store,
  TemporaryBlock,
  Uniform,
} from './kernels/kernel.js';
export {
  codeOf,
  elementwiseOps,
  hasKernel,
  indexedAxes,
  kernelBodies,
  kernelUniforms,
  segmentedParts,
} from './kernels/kernel-parts.js';
export { kernelNames, kernelTitle } from './kernels/kernel-names.js';
export { pauseAfter, weightOf, withRoom } from './memory/garbage.js';
export { ALIGNMENT, alignedBytes, type ElementBytes, type MemoryLayout } from './memory/memory.js';
export { describeKernel, describeKernels, describeProgram } from './kernels/describe-program.js';
export { compileProgram, type KernelPass, type ProgramOptions } from './program.js';
export { itemAt, lost, required } from './required.js';
export { type SegmentRow, segmentRows } from './memory/segments.js';
export { checkComputation, meetCore, SPOKEN_GRAPH_VERSION } from './lower/version.js';
