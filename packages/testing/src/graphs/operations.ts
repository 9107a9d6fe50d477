// The functions that random graphs are made of, by the names under which `pappus` exports them; behind a dot, the name of a result.
import * as core from '@pappus/core';
import type { Expr, Operand } from '@pappus/core';

const { abs, acos, acosh, add, all, and, any, argMax, argMin, argSort, asin, asinh, atan, atan2, atanh, bitwiseAnd, bitwiseOr, bitwiseXor, broadcastTo, cast, cbrt, ceil, cholesky, clip, concat, cos, cosh, cumprod, cumsum, determinant, diag, diagonal, diff } = core;
const { div, elu, eq, erf, exp, exp2, expandDims, expm1, eye, flip, floor, fmax, fmin, gather, ge, gelu, gt, hardSwish, hypot, inverse, iota, isFinite, isNan, le, leakyRelu, lerp, linspace, log, log10, log1p, log2, logAddExp, logSigmoid } = core;
const { logSoftmax, logSumExp, lt, matmul, max, maximum, mean, median, min, minimum, mish, mod, mul, ne, neg, norm, not, or, pad, pow, prod, quantile, reciprocal, relu, relu6, repeat, reshape, roll, round, rsqrt, scalar, scatter, scatterAdd } = core;
const { searchSorted, selu, shiftLeft, shiftRightLogical, sigmoid, sign, silu, sin, sinh, slice, softmax, softplus, solve, sort, sqrt, square, squeeze, stack, stopGradient, sub, sum, take, tan, tanh, tensordot, tile, trace, transpose, trunc, variance, where, window, xor } = core;

export const OPERATIONS = {
  abs, acos, acosh, add, all, and, any, argMax, argMin, argSort, asin, asinh, atan, atan2, atanh, bitwiseAnd, bitwiseOr, bitwiseXor, broadcastTo, cast, cbrt, ceil, cholesky, clip, concat, cos, cosh,
  cumprod, cumsum, determinant, diag, diagonal, diff, div, elu, eq, erf, exp, exp2, expandDims, expm1, eye, flip, floor, fmax, fmin, gather, ge, gelu, gt, hardSwish, hypot, inverse, iota, isFinite,
  isNan, le, leakyRelu, lerp, linspace, log, log10, log1p, log2, logAddExp, logSigmoid, logSoftmax, logSumExp, lt, matmul, max, maximum, mean, median, min, minimum, mish, mod, mul, ne, neg, norm,
  not, or, pad, pow, prod, quantile, reciprocal, relu, relu6, repeat, reshape, roll, round, rsqrt, scalar, scatter, scatterAdd, searchSorted, selu, shiftLeft, shiftRightLogical, sigmoid, sign, silu,
  sin, sinh, slice, softmax, softplus, solve, sort, sqrt, square, squeeze, stack, stopGradient, sub, sum, take, tan, tanh, tensordot, tile, trace, transpose, trunc, variance, where, window, xor,
  /** By one expression. */
  grad: (loss: Expr, by: Expr): Expr => core.grad(loss, by),
  // One of the results of functions that have several.
  'cummax.indices': (...args: Parameters<typeof core.cummax>): Expr => core.cummax(...args).indices,
  'cummax.values': (...args: Parameters<typeof core.cummax>): Expr => core.cummax(...args).values,
  'cummin.indices': (...args: Parameters<typeof core.cummin>): Expr => core.cummin(...args).indices,
  'cummin.values': (...args: Parameters<typeof core.cummin>): Expr => core.cummin(...args).values,
  'eigh.values': (a: Expr): Expr => core.eigh(a).values,
  'qr.r': (a: Expr): Expr => core.qr(a).r,
  'slogdet.logAbs': (a: Expr): Expr => core.slogdet(a).logAbs,
  'topK.indices': (...args: Parameters<typeof core.topK>): Expr => core.topK(...args).indices,
  'topK.values': (...args: Parameters<typeof core.topK>): Expr => core.topK(...args).values,
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
