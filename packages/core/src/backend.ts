/**
 * What a backend, a compiler or a test of one needs of core beside what users import: the computation it is given, the tables that it
 * renders, the leaves of the graph. Users and rules do without.
 */
export type { Computation, Executable, NamedExpr, PrepareOptions, VariableStorage, VariableUpdate } from './run/backend.js';
export { bindInputs } from './run/bind-inputs.js';
export { checkSpec } from './run/check-spec.js';
export type { KernelTime, KernelTimes } from './run/trace.js';
export { interpret, type Noise } from './interpreter/interpreter.js';
export { requireBackend } from './run/backend-checks.js';
export { inTurn } from './run/in-turn.js';
export { checkValues } from './run/check-values.js';
export { BRAND, type Brand, GRAPH_VERSION, requireOwn } from './graph/brand.js';
export { formatNumber, topological } from './graph/describe.js';
export { bindDimension, bindPosition, OpenDimension, openNames } from './graph/dimension.js';
export { ELEMENTWISE_COSTS, type ElementwiseCost } from './graph/elementwise-costs.js';
export { allocate, BYTES_PER_ELEMENT, held, type TypedArrayOf } from './graph/dtype.js';
export {
  type BinaryOp,
  domainOf,
  ELEMENTWISE_OPS,
  type ElementwiseOp,
  inDomain,
  isBinary,
  isUnary,
  meaning,
  resultDType,
  type UnaryOp,
} from './graph/elementwise-table.js';
export type { Node, ProductAxes, ReduceOp } from './graph/node.js';
export { DISPOSE } from './run/lifetime.js';
export { isProjection, type Scan, type ScanRun, type Projection, projectionsByRun, runKey } from './graph/scan.js';
export { outsideValue } from './interpreter/indexing.js';
export { frozen, sizeOf, stridesOf } from './graph/shape.js';
export { valueName } from './graph/value-names.js';
export { VERSION } from './version.js';
