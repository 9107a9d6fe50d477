/**
 * The language of routines: code with loops over the elements of a few arrays, for what no graph of tensor operations says well, such as
 * factorizations and sorting. A routine is written once, for given sizes; the interpreter runs it as it stands, a CPU runs its parallel loops
 * in vectors, and a GPU gives each item to a workgroup, whose threads share the parallel loops.
 */
import { GraphError } from '../errors.js';
import type { DType } from '../graph/dtype.js';

/** What a number of a routine is: floats have the routine's dtype; integers are int32, and wrap. */
export type NumberType = 'float' | 'int' | 'bool';

/** The dtypes of arrays. */
export type ArrayDType = Exclude<DType, 'bool'>;

/**
 * The dtype of an array, of a tensor's.
 *
 * @throws {GraphError} if it is bool, which no array of a routine is
 */
export function arrayDType(dtype: DType): ArrayDType {
  if (dtype === 'bool') throw new GraphError('a routine has an operand that is bool');
  return dtype;
}

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
  /** That it is one. */
  readonly kind: 'local';
  /** What it holds. */
  readonly type: NumberType;
  /** Tells locals of one routine apart. */
  readonly id: number;
}

/** What gives a number. */
export type Term =
  | RoutineLocal
  | {
      readonly kind: 'constant';
      /** What it is. */
      readonly type: NumberType;
      /** The number; of bool 0 or 1. */
      readonly value: number;
    }
  /** An element of an array. */
  | {
      readonly kind: 'load';
      /** What the array's elements are. */
      readonly type: NumberType;
      /** Which array of the code. */
      readonly array: number;
      /** The position of the element. */
      readonly index: Term;
    }
  | {
      readonly kind: 'unary';
      /** What it answers. */
      readonly type: NumberType;
      /** The operation. */
      readonly op: UnaryName;
      /** What it takes. */
      readonly a: Term;
    }
  | {
      readonly kind: 'binary';
      /** What it answers. */
      readonly type: NumberType;
      /** The operation. */
      readonly op: BinaryName;
      /** What it takes first. */
      readonly a: Term;
      /** What it takes second, of the same type. */
      readonly b: Term;
    }
  /** One of two numbers, both of which are evaluated. */
  | {
      readonly kind: 'select';
      /** What both are. */
      readonly type: NumberType;
      /** A bool. */
      readonly condition: Term;
      /** The number if it holds. */
      readonly a: Term;
      /** The number if not. */
      readonly b: Term;
    };

/** What elements are reduced by; `max` and `min` of no NaN. */
export type RoutineReduceOp = 'sum' | 'max' | 'min';

/** One of the values that a loop reduces. */
export interface RoutineReduction {
  /** By what. */
  readonly op: RoutineReduceOp;
  /** The value for an index. */
  readonly value: Term;
  /** Takes the result. */
  readonly into: RoutineLocal;
}

/** What is done. */
export type RoutineStep =
  | {
      readonly kind: 'set';
      /** Takes the value. */
      readonly local: RoutineLocal;
      /** Of the local's type. */
      readonly value: Term;
    }
  | {
      readonly kind: 'store';
      /** Which array of the code; no operand. */
      readonly array: number;
      /** The position of the element. */
      readonly index: Term;
      /** What is written there. */
      readonly value: Term;
    }
  /** A body for each index from `from` to `to - 1`. */
  | {
      readonly kind: 'for';
      /** The index, which the body does not set. */
      readonly index: RoutineLocal;
      /** The first. */
      readonly from: Term;
      /** The one behind the last. */
      readonly to: Term;
      /**
       * Upwards, downwards, or in any order and at once: in parallel no iteration reads what another writes, in arrays or in locals, and
       * there are neither parallel loops nor reductions inside.
       */
      readonly order: 'up' | 'down' | 'parallel';
      /** What is done for each. */
      readonly body: readonly RoutineStep[];
    }
  /** Reduces values over indices from `from` to `to - 1`; of none a sum is 0, a maximum the least number and a minimum the largest. */
  | {
      readonly kind: 'reduce';
      /** The index. */
      readonly index: RoutineLocal;
      /** The first. */
      readonly from: Term;
      /** The one behind the last. */
      readonly to: Term;
      /** All in one loop. */
      readonly reductions: readonly RoutineReduction[];
    }
  | {
      readonly kind: 'if';
      /** A bool. */
      readonly condition: Term;
      /** What is done if it holds. */
      readonly then: readonly RoutineStep[];
      /** What is done if not. */
      readonly otherwise: readonly RoutineStep[];
    }
  | {
      readonly kind: 'while';
      /** A bool, asked before each round. */
      readonly condition: Term;
      /** What is done as long as it holds. */
      readonly body: readonly RoutineStep[];
    };

/** An array of an item: an operand, the result, or room to work in. */
export interface RoutineArray {
  /** For listings and messages. */
  readonly name: string;
  /** The dtype of its elements. */
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
  /** What is done with an item, in this order. */
  readonly steps: readonly RoutineStep[];
}
