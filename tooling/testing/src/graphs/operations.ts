// The functions that random graphs are made of, by the names under which `pappus` exports them.
import * as core from '@pappus/core';
import type { Expr, Operand } from '@pappus/core';

const { abs, add, all, and, any, argMax, argMin, asinh, atan, bitwiseAnd, bitwiseOr, bitwiseXor, broadcastTo, cast, ceil, clip, concat, cos, cumsum, div, elu, eq, erf, exp, expandDims, expm1, flip, floor } = core;
const { gather, ge, gelu, gt, iota, isFinite, isNan, le, leakyRelu, log, log10, log1p, log2, logSigmoid, logSoftmax, logSumExp, lt, matmul, max, maximum, mean, min, minimum, mod, mul, ne, neg, norm, not, or } = core;
const { pad, pow, prod, reciprocal, relu, reshape, round, rsqrt, scalar, scatterAdd, shiftLeft, shiftRightLogical, sigmoid, sign, silu, sin, slice, softmax, softplus, sqrt, square, squeeze } = core;
const { stack, stopGradient, sub, sum, take, tan, tanh, tensordot, tile, transpose, variance, where, window, xor } = core;

export const OPERATIONS = {
  abs, add, all, and, any, argMax, argMin, asinh, atan, bitwiseAnd, bitwiseOr, bitwiseXor, broadcastTo, cast, ceil, clip, concat, cos, cumsum, div, elu, eq, erf, exp, expandDims, expm1, flip, floor,
  gather, ge, gelu, gt, iota, isFinite, isNan, le, leakyRelu, log, log10, log1p, log2, logSigmoid, logSoftmax, logSumExp, lt, matmul, max, maximum, mean, min, minimum, mod, mul, ne, neg, norm, not, or,
  pad, pow, prod, reciprocal, relu, reshape, round, rsqrt, scalar, scatterAdd, shiftLeft, shiftRightLogical, sigmoid, sign, silu, sin, slice, softmax, softplus, sqrt, square, squeeze,
  stack, stopGradient, sub, sum, take, tan, tanh, tensordot, tile, transpose, variance, where, window, xor,
  /** By one expression. */
  grad: (loss: Expr, by: Expr): Expr => core.grad(loss, by),
} as const;

export type Operations = typeof OPERATIONS;
export type OperationName = keyof Operations;

/** Operations that take one or two operands and nothing else. */
export type UnaryName = { [N in OperationName]: Operations[N] extends (a: Expr) => Expr ? N : never }[OperationName];
export type BinaryName = { [N in OperationName]: Operations[N] extends (a: Operand, b: Operand) => Expr ? N : never }[OperationName];

/** Calls an operation by its name. */
export type Apply = <N extends OperationName>(operation: N, ...args: Parameters<Operations[N]>) => Expr;

/** The same with arguments that are checked by the operation itself. */
export function applied(operation: OperationName, args: readonly unknown[]): Expr {
  const result: unknown = Reflect.apply(OPERATIONS[operation], undefined, args);
  if (!(result instanceof core.Expr)) throw new TypeError(`${operation} answers no expression`);
  return result;
}
