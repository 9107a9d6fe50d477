// The elementwise operations that random graphs of the wide kind are made of.
import type { Expr } from '@pappus/core';
import type { Apply } from '../graphs/operations.js';

export const SMOOTH: readonly ((f: Apply, a: Expr) => Expr)[] = [
  (f, a) => f('neg', a), (f, a) => f('abs', a), (f, a) => f('square', a), (f, a) => f('tanh', a), (f, a) => f('sigmoid', a), (f, a) => f('erf', a), (f, a) => f('sin', a), (f, a) => f('cos', a), (f, a) => f('relu', a),
  (f, a) => f('exp', f('clip', a, -20, 5)), (f, a) => f('expm1', f('minimum', a, 3)), (f, a) => f('log1p', f('abs', a)), (f, a) => f('log', f('add', f('abs', a), 0.5)),
  (f, a) => f('sqrt', f('abs', a)), (f, a) => f('sqrt', f('add', f('square', a), 1)), (f, a) => f('reciprocal', f('add', f('abs', a), 1)), (f, a) => f('clip', a, -1, 1.5),
  (f, a) => f('pow', f('add', f('abs', a), 0.5), 1.5), (f, a) => f('pow', a, 2), (f, a) => f('mul', a, 0.5), (f, a) => f('sub', 1, a), (f, a) => f('mul', a, 0.1), (f, a) => f('add', a, -0.25),
  (f, a) => f('div', a, 3), (f, a) => f('silu', a), (f, a) => f('softplus', a), (f, a) => f('gelu', a), (f, a) => f('logSigmoid', a), (f, a) => f('leakyRelu', a, 0.1), (f, a) => f('elu', a), (f, a) => f('floor', a), (f, a) => f('ceil', a), (f, a) => f('round', a), (f, a) => f('sign', a),
  (f, a) => f('mod', a, 1.5), (f, a) => f('tan', f('clip', a, -1, 1)), (f, a) => f('log2', f('add', f('abs', a), 0.5)), (f, a) => f('log10', f('add', f('abs', a), 0.5)), (f, a) => f('atan', a), (f, a) => f('asinh', a),
  (f, a) => f('sinh', f('clip', a, -5, 5)), (f, a) => f('cosh', f('clip', a, -5, 5)), (f, a) => f('exp2', f('clip', a, -20, 5)), (f, a) => f('asin', f('clip', a, -0.9, 0.9)), (f, a) => f('acos', f('clip', a, -0.9, 0.9)), (f, a) => f('atanh', f('clip', a, -0.9, 0.9)),
  (f, a) => f('acosh', f('add', f('abs', a), 1.1)), (f, a) => f('cbrt', f('add', f('abs', a), 0.1)), (f, a) => f('trunc', a), (f, a) => f('relu6', a), (f, a) => f('selu', a), (f, a) => f('hardSwish', a), (f, a) => f('mish', a),
];

export const ARITHMETIC: readonly ((f: Apply, a: Expr, b: Expr) => Expr)[] = [
  (f, a, b) => f('add', a, b), (f, a, b) => f('sub', a, b), (f, a, b) => f('mul', a, b), (f, a, b) => f('maximum', a, b), (f, a, b) => f('minimum', a, b), (f, a, b) => f('div', a, f('add', f('abs', b), 1)), (f, a, b) => f('div', a, b), (f, a, b) => f('mod', a, f('add', f('abs', b), 0.5)),
  (f, a, b) => f('fmax', a, b), (f, a, b) => f('fmin', a, b), (f, a, b) => f('lerp', a, b, 0.25), (f, a, b) => f('hypot', a, f('add', f('abs', b), 0.5)), (f, a, b) => f('atan2', a, f('add', f('abs', b), 0.5)), (f, a, b) => f('logAddExp', a, b),
];
export const COMPARE: readonly ((f: Apply, a: Expr, b: Expr) => Expr)[] = [(f, a, b) => f('lt', a, b), (f, a, b) => f('le', a, b), (f, a, b) => f('gt', a, b), (f, a, b) => f('ge', a, b), (f, a, b) => f('eq', a, b), (f, a, b) => f('ne', a, b)];
export const LOGICAL: readonly ((f: Apply, a: Expr, b: Expr) => Expr)[] = [(f, a, b) => f('and', a, b), (f, a, b) => f('or', a, b), (f, a, b) => f('xor', a, b), (f, a, b) => f('eq', a, b), (f, a, b) => f('ne', a, b), (f, a, b) => f('and', a, f('not', b))];
export const INTEGER: readonly ((f: Apply, a: Expr, b: Expr) => Expr)[] = [
  (f, a, b) => f('add', a, b), (f, a, b) => f('sub', a, b), (f, a, b) => f('mul', a, b), (f, a, b) => f('mod', a, b), (f, a, b) => f('maximum', a, b), (f, a, b) => f('minimum', a, b), (f, a, b) => f('bitwiseAnd', a, b), (f, a, b) => f('bitwiseOr', a, b), (f, a, b) => f('bitwiseXor', a, b), (f, a, b) => f('shiftLeft', a, b), (f, a, b) => f('shiftRightLogical', a, b),
  (f, a) => f('neg', a), (f, a) => f('abs', a), (f, a) => f('sign', a), (f, a) => f('add', a, 2147483647), (f, a) => f('mul', a, 65537), (f, a) => f('relu', a), (f, a, b) => f('mod', a, f('add', b, 3)),
];
