/** From a graph of expressions to fused kernels and a memory plan, for any backend. */
export { type Affine, extentAlong, strideAlong } from './affine.js';
export { bodyAffines, collapse, mapAffines, type MarkedNest, type Nest } from './collapse.js';
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
} from './elementary-functions.js';
export { HostProgram } from './host.js';
export { instructionKey, placeKey } from './instruction-key.js';
export { bodyAccesses, bodyBuffers, isFixed, kernelAccesses, readAccesses } from './accesses.js';
export {
  type Access,
  type Body,
  type Buffer,
  type BufferPlace,
  codeOf,
  indexedAxes,
  type HostUpdate,
  type Instruction,
  type Kernel,
  kernelBodies,
  type ElementwiseKernel,
  type MatmulKernel,
  type Program,
  type ProgramOutput,
  type ReduceKernel,
  type ReducePart,
  type Reduction,
  type ScanKernel,
  type ScatterKernel,
  type Segment,
  type Segmented,
  segmentedParts,
  type Slice,
  type Store,
  type TemporaryBlock,
  type Uniform,
} from './kernel.js';
export { kernelNames, kernelTitle } from './kernel-names.js';
export { pauseAfter, weightOf, withRoom } from './garbage.js';
export { ALIGNMENT, alignedBytes, type ElementBytes, type MemoryLayout } from './memory.js';
export { describeKernel, describeKernels, describeProgram } from './describe-program.js';
export { compileProgram, type KernelPass, type ProgramOptions } from './program.js';
export { itemAt, lost, required } from './required.js';
export { type SegmentRow, segmentRows } from './segments.js';
export { checkComputation, SPOKEN_GRAPH_VERSION } from './version.js';
