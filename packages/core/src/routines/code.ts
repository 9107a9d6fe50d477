/**
 * The language of routines: code with loops over the elements of a few arrays, for what no graph of tensor operations says well, such as
 * factorizations and sorting. A routine is written once, for given sizes; the interpreter runs it as it stands, a CPU runs its parallel loops
 * in vectors, and a GPU gives each item to a workgroup, whose threads share the parallel loops.
 */
import type { DType } from '../graph/dtype.js';

/** What a number of a routine is: floats have the routine's dtype; integers are int32, and wrap. */
export type NumberType = 'float' | 'int' | 'bool';

/** The dtypes of arrays. */
export type ArrayDType = Exclude<DType, 'bool'>;

/** Operations on one number, with what they take and answer. */
export const UNARY = {
  neg: 'same',
  abs: 'same',
  sqrt: 'float',
  not: 'bool',
  isNan: 'bool',
  toFloat: 'float',
} as const;

/** Operations on two numbers of one type, with what they answer. Of `min` and `max` no operand is NaN; `div` of integers rounds towards 0. */
export const BINARY = {
  add: 'same',
  sub: 'same',
  mul: 'same',
  div: 'same',
  min: 'same',
  max: 'same',
  lt: 'bool',
  le: 'bool',
  eq: 'bool',
  and: 'bool',
  or: 'bool',
} as const;

/** The name of an operation on one number. */
export type UnaryName = keyof typeof UNARY;

/** The name of an operation on two numbers. */
export type BinaryName = keyof typeof BINARY;

/** A variable of a routine. */
export interface RoutineLocal {
  readonly kind: 'local';
  readonly type: NumberType;
  /** Tells locals of one routine apart. */
  readonly id: number;
}

/** What gives a number. */
export type Term =
  | RoutineLocal
  | { readonly kind: 'constant'; readonly type: NumberType; readonly value: number }
  /** An element of an array. */
  | { readonly kind: 'load'; readonly type: NumberType; readonly array: number; readonly index: Term }
  | { readonly kind: 'unary'; readonly type: NumberType; readonly op: UnaryName; readonly a: Term }
  | { readonly kind: 'binary'; readonly type: NumberType; readonly op: BinaryName; readonly a: Term; readonly b: Term }
  /** Both are evaluated. */
  | { readonly kind: 'select'; readonly type: NumberType; readonly condition: Term; readonly a: Term; readonly b: Term };

/** What elements are reduced by; `max` and `min` of no NaN. */
export type RoutineReduceOp = 'sum' | 'max' | 'min';

/** One of the values that a loop reduces. */
export interface RoutineReduction {
  readonly op: RoutineReduceOp;
  readonly value: Term;
  /** Takes the result. */
  readonly into: RoutineLocal;
}

/** What is done. */
export type RoutineStep =
  | { readonly kind: 'set'; readonly local: RoutineLocal; readonly value: Term }
  | { readonly kind: 'store'; readonly array: number; readonly index: Term; readonly value: Term }
  /**
   * For each index from `from` to `to - 1`, in that order, or the other way round. In parallel no iteration reads what another writes, in
   * arrays or in locals, and there are neither parallel loops nor reductions inside.
   */
  | { readonly kind: 'for'; readonly index: RoutineLocal; readonly from: Term; readonly to: Term; readonly order: 'up' | 'down' | 'parallel'; readonly body: readonly RoutineStep[] }
  /** Reduces values over indices from `from` to `to - 1`; of none a sum is 0, a maximum the least number and a minimum the largest. */
  | { readonly kind: 'reduce'; readonly index: RoutineLocal; readonly from: Term; readonly to: Term; readonly reductions: readonly RoutineReduction[] }
  | { readonly kind: 'if'; readonly condition: Term; readonly then: readonly RoutineStep[]; readonly otherwise: readonly RoutineStep[] }
  | { readonly kind: 'while'; readonly condition: Term; readonly body: readonly RoutineStep[] };

/** An array of an item: an operand, the result, or room to work in. */
export interface RoutineArray {
  /** For listings and messages. */
  readonly name: string;
  readonly dtype: ArrayDType;
  /** Elements of one item. */
  readonly size: number;
  /** Operands are only read; what is room to work in holds anything at first. */
  readonly role: 'operand' | 'result' | 'work';
}

/** The code of a routine for given sizes. */
export interface RoutineCode {
  /** The operands in their order, then the result, then what it works in. */
  readonly arrays: readonly RoutineArray[];
  readonly steps: readonly RoutineStep[];
}
