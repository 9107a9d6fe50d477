/**
 * What the elementwise operations cost, one row each: what is worth keeping rather than computing again, and how much fits into one
 * kernel, are read from here. Both columns are rough, and counted in additions.
 */
import type { ElementwiseOp } from './elementwise-table.js';

/** What one elementwise operation costs, in additions. */
export interface ElementwiseCost {
  /** How long it takes. */
  readonly time: number;
  /**
   * How much code it is written out as, by either backend and in the wider dtype: its bytes in WebAssembly, where an addition has 14. A power is a
   * logarithm and an exponential in double the precision, of some hundred instructions; so it is in WGSL, where drivers put it in its place.
   */
  readonly code: number;
}

const SIMPLE: ElementwiseCost = { time: 1, code: 1 };

/** A row for each elementwise operation. */
export const ELEMENTWISE_COSTS: Readonly<Record<ElementwiseOp, ElementwiseCost>> = {
  neg: SIMPLE,
  abs: SIMPLE,
  sign: { time: 1, code: 3 },
  floor: SIMPLE,
  ceil: SIMPLE,
  round: SIMPLE,
  exp: { time: 8, code: 30 },
  expm1: { time: 12, code: 40 },
  log: { time: 10, code: 45 },
  log1p: { time: 14, code: 50 },
  log2: { time: 10, code: 45 },
  log10: { time: 10, code: 45 },
  sqrt: { time: 4, code: 1 },
  sin: { time: 14, code: 75 },
  cos: { time: 14, code: 75 },
  tan: { time: 18, code: 75 },
  tanh: { time: 12, code: 32 },
  sigmoid: { time: 10, code: 34 },
  erf: { time: 20, code: 80 },
  relu: SIMPLE,
  isNan: SIMPLE,
  isFinite: SIMPLE,
  not: SIMPLE,
  add: SIMPLE,
  sub: SIMPLE,
  mul: SIMPLE,
  div: { time: 4, code: 1 },
  pow: { time: 30, code: 160 },
  mod: { time: 8, code: 30 },
  maximum: SIMPLE,
  minimum: SIMPLE,
  eq: SIMPLE,
  ne: SIMPLE,
  lt: SIMPLE,
  le: SIMPLE,
  gt: SIMPLE,
  ge: SIMPLE,
  and: SIMPLE,
  or: SIMPLE,
  bitwiseAnd: SIMPLE,
  bitwiseOr: SIMPLE,
  bitwiseXor: SIMPLE,
  shiftLeft: { time: 1, code: 3 },
  shiftRightLogical: { time: 1, code: 3 },
  where: SIMPLE,
  cast: SIMPLE,
};
