/** What an expression computes: the kinds of nodes, each with what it needs beside its operands. */
import type { TypedArray } from './dtype.js';
import type { Dimension } from './dimension.js';
import type { ElementwiseOp } from './elementwise-table.js';
import type { Expr } from './expr.js';
import type { Scan } from './scan.js';
import type { RematBody } from '../gradients/remat.js';
import type { Routine } from '../routines/routine.js';

/** How many axes of a product are rows of the left operand, columns of the right one, and summed over. */
export interface ProductAxes {
  /** Axes of the left operand that the product has, behind those of both. */
  readonly rows: number;
  /** Axes of the right operand that the product has, its last ones. */
  readonly columns: number;
  /** Axes that are summed over: the last ones of the left operand, and those before the columns of the right one. */
  readonly depth: number;
}

/** The operation that slides windows along axes, and the elements from the first to the last of a window along each. */
export interface WindowSpans {
  /** The function that was called, for messages. */
  readonly operation: string;
  /** Axes, and how many elements of each a window covers. */
  readonly spans: readonly (readonly [axis: number, span: number])[];
}

/** The cotangents of the operands, given that of the value; null where no gradient flows. */
export type CustomVjp = (cotangent: Expr, operands: readonly Expr[]) => readonly (Expr | null)[];

/** What an index outside of its axis reads: no number, or 0. */
export type Outside = 'missing' | 'zero';

/** The operations by which elements are reduced over axes. */
export type ReduceOp = 'sum' | 'prod' | 'max' | 'min' | 'all' | 'any';

/** What an expression computes; its shape and dtype stand beside it. Operands have one shape: broadcasting is a node. */
export type Node =
  /** A rank-0 number. */
  | {
      readonly kind: 'constant';
      /** The number, as the dtype holds it; of bool 0 or 1. */
      readonly value: number;
    }
  /** The size of an open dimension, as a rank-0 number. */
  | {
      readonly kind: 'size';
      /** The size, which a call binds. */
      readonly dimension: Dimension;
    }
  /** A tensor of given values. */
  | {
      readonly kind: 'data';
      /** Tells tensors of values apart. */
      readonly id: number;
      /** The values in row-major order; nobody changes them. */
      readonly data: TypedArray;
    }
  | {
      readonly kind: 'input';
      /** Tells inputs apart. */
      readonly id: number;
      /** For messages, if it was given one. */
      readonly name: string | undefined;
    }
  | {
      readonly kind: 'variable';
      /** Tells variables apart. */
      readonly id: number;
      /** The variable's name. */
      readonly name: string;
    }
  /** int32 indices counted along an axis. */
  | {
      readonly kind: 'iota';
      /** The axis along which it counts from 0. */
      readonly axis: number;
    }
  | {
      readonly kind: 'elementwise';
      /** The operation; the table of elementwise operations says what it means. */
      readonly op: ElementwiseOp;
    }
  /** A number as one of another float dtype, to which it is not rounded: what the host hands to a rule. */
  | { readonly kind: 'unroundedCast' }
  | {
      readonly kind: 'reduce';
      /** By what elements are reduced. */
      readonly op: ReduceOp;
      /** Over which axes, in ascending order; they are dropped. */
      readonly axes: readonly number[];
      /** Whether the largest or smallest element may be asked of none, and is infinite then. */
      readonly ofNone?: true;
      /** The function that was called, where it is not that of the op, for messages. */
      readonly operation?: string;
    }
  | {
      readonly kind: 'cumsum';
      /** Along which axis: sums of the elements up to each one. */
      readonly axis: number;
      /** Whether of the elements from each one on. */
      readonly reverse: boolean;
      /** Whether without the element itself. */
      readonly exclusive: boolean;
    }
  | { readonly kind: 'reshape' }
  /** To the node's shape, by NumPy's rule. */
  | { readonly kind: 'broadcast' }
  | {
      readonly kind: 'transpose';
      /** Axis k of the result is axis `permutation[k]` of the operand. */
      readonly permutation: readonly number[];
    }
  /** Element i of the result is element `starts + i * steps` of the operand. */
  | {
      readonly kind: 'slice';
      /** Where each axis begins. */
      readonly starts: readonly Dimension[];
      /** How far it is from one element to the next, along each axis; not 0. */
      readonly steps: readonly number[];
    }
  /** The adjoint of slice: element i of the operand goes to `starts + i * steps`; the rest is 0. */
  | {
      readonly kind: 'pad';
      /** Where the first element goes, along each axis. */
      readonly starts: readonly Dimension[];
      /** How far it is from one element to the next, along each axis; not 0. */
      readonly steps: readonly number[];
    }
  | {
      readonly kind: 'concat';
      /** The axis along which the operands lie one behind the other. */
      readonly axis: number;
    }
  /** Parts of the first operand along an axis by the second, int32 indices, whose shape takes the axis' place. */
  | {
      readonly kind: 'gather';
      /** The axis that the indices count along. */
      readonly axis: number;
      /** What an index reads that is not from 0 to the axis' size - 1: missing (NaN, the least int32, false) or 0. */
      readonly outside: Outside;
      /** The function that was called, for messages. */
      readonly operation: string;
    }
  /**
   * The adjoint of gather: zeros to which the second operand is added, at the first one's indices along an axis; an index outside
   * adds nothing.
   */
  | {
      readonly kind: 'scatter';
      /** The axis that the indices count along. */
      readonly axis: number;
      /** The function that was called, for messages. */
      readonly operation: string;
    }
  /** `[...batch, ...rows, ...depth]` times `[...batch, ...depth, ...columns]`, each group of as many axes as is said. */
  | ({ readonly kind: 'matmul' } & ProductAxes)
  /** Windows along an axis, which becomes two: element j of window i is element `i * stride + j * dilation`. */
  | {
      readonly kind: 'window';
      /** The axis that becomes that of the windows; the elements of a window are the axis behind it. */
      readonly axis: number;
      /** Elements from one window to the next. */
      readonly stride: number;
      /** Elements from one element of a window to its next. */
      readonly dilation: number;
    }
  /** The first operand, whose cotangent goes to the others by way of a function. */
  | {
      readonly kind: 'customGradient';
      /** Tells functions apart. */
      readonly key: string;
      /** The cotangents of the other operands. */
      readonly vjp: CustomVjp;
      /** What axes of the second operand must hold. */
      readonly windows?: WindowSpans;
    }
  /** What the body of a scan, or of `remat`, is given: a carry, a slice of an input, or a constant. */
  | {
      readonly kind: 'placeholder';
      /** Tells placeholders apart. */
      readonly id: number;
      /** What it stands for, for listings. */
      readonly name: string;
    }
  /** A scan run over initial carries, inputs `[length, ...]` and constants. */
  | {
      readonly kind: 'scan';
      /** The scan, whose body is over placeholders. */
      readonly scan: Scan;
      /** Whether `of` at every step, in `[length, ...]`, or the carry `of` after the last step. */
      readonly result: 'stack' | 'final';
      /** An expression of the body. */
      readonly of: Expr;
    }
  /** What a routine gives for every item of its operands: its results one behind the other, along the last axis. */
  | {
      readonly kind: 'routine';
      /** Which, with what is done with it. */
      readonly routine: Routine;
    }
  /** Behind the results of a body stand the body's operands. */
  | {
      readonly kind: 'remat';
      /** What the gradient computes again. */
      readonly body: RematBody;
      /** Which of the results it is: the operand of this number. */
      readonly index: number;
    }
  /** The first operand, for what is to be computed after the others: never the same expression as the operand itself. */
  | { readonly kind: 'barrier' }
  /** The operand; no gradient flows through. */
  | { readonly kind: 'stopGradient' };
