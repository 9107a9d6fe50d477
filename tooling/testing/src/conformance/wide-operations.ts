// The elementwise operations that random graphs of the wide kind are made of.
import * as core from '@pappus/core';
import type { Expr } from '@pappus/core';

export const SMOOTH: readonly ((a: Expr) => Expr)[] = [
  core.neg, core.abs, core.square, core.tanh, core.sigmoid, core.erf, core.sin, core.cos, core.relu,
  (a) => core.exp(core.clip(a, -20, 5)), (a) => core.expm1(core.minimum(a, 3)), (a) => core.log1p(core.abs(a)), (a) => core.log(core.add(core.abs(a), 0.5)),
  (a) => core.sqrt(core.abs(a)), (a) => core.sqrt(core.add(core.square(a), 1)), (a) => core.reciprocal(core.add(core.abs(a), 1)), (a) => core.clip(a, -1, 1.5),
  (a) => core.pow(core.add(core.abs(a), 0.5), 1.5), (a) => core.pow(a, 2), (a) => core.mul(a, 0.5), (a) => core.sub(1, a), (a) => core.mul(a, 0.1), (a) => core.add(a, -0.25),
  (a) => core.div(a, 3), core.silu, core.softplus, core.gelu, core.logSigmoid, (a) => core.leakyRelu(a, 0.1), core.elu, core.floor, core.ceil, core.round, core.sign,
  (a) => core.mod(a, 1.5), (a) => core.tan(core.clip(a, -1, 1)),
];

export const ARITHMETIC: readonly ((a: Expr, b: Expr) => Expr)[] = [
  core.add, core.sub, core.mul, core.maximum, core.minimum, (a, b) => core.div(a, core.add(core.abs(b), 1)), core.div, (a, b) => core.mod(a, core.add(core.abs(b), 0.5)),
];
export const COMPARE: readonly ((a: Expr, b: Expr) => Expr)[] = [core.lt, core.le, core.gt, core.ge, core.eq, core.ne];
export const LOGICAL: readonly ((a: Expr, b: Expr) => Expr)[] = [core.and, core.or, core.xor, core.eq, core.ne, (a, b) => core.and(a, core.not(b))];
export const INTEGER: readonly ((a: Expr, b: Expr) => Expr)[] = [
  core.add, core.sub, core.mul, core.mod, core.maximum, core.minimum, core.bitwiseAnd, core.bitwiseOr, core.bitwiseXor, core.shiftLeft, core.shiftRightLogical,
  (a) => core.neg(a), (a) => core.abs(a), (a) => core.sign(a), (a) => core.add(a, 2147483647), (a) => core.mul(a, 65537), (a) => core.relu(a), (a, b) => core.mod(a, core.add(b, 3)),
];
