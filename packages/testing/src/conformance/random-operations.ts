/**
 * The elementwise operations that random graphs with bounds are made of: for each, the largest magnitude of its result, and a bound on its error, in roundings,
 * by those of its operands.
 */
import type { Expr } from '@pappus/core';
import type { Apply, BinaryName, UnaryName } from '../graphs/operations.js';

/** Roundings of an elementary function: 4 units in the last place, and one of the definition. */
export const ELEMENTARY = 10;

type UnaryRule = { readonly apply: (f: Apply, a: Expr) => Expr; readonly magnitude: (m: number) => number; readonly error: (m: number, e: number) => number; readonly limit?: number };

/** Smooth functions of one operand: the bounds of the result, and of its error by the largest derivative. */
export const SMOOTH: readonly UnaryRule[] = [
  { apply: (f, a) => f('neg', a), magnitude: (m) => m, error: (_, e) => e },
  { apply: (f, a) => f('abs', a), magnitude: (m) => m, error: (_, e) => e },
  { apply: (f, a) => f('relu', a), magnitude: (m) => m, error: (_, e) => e },
  { apply: (f, a) => f('square', a), magnitude: (m) => m * m, error: (m, e) => 2 * m * e + m * m },
  { apply: (f, a) => f('tanh', a), magnitude: () => 1, error: (_, e) => e + ELEMENTARY },
  { apply: (f, a) => f('sigmoid', a), magnitude: () => 1, error: (_, e) => e + ELEMENTARY },
  { apply: (f, a) => f('erf', a), magnitude: () => 1, error: (_, e) => 1.2 * e + ELEMENTARY },
  { apply: (f, a) => f('sin', a), magnitude: () => 1, error: (_, e) => e + ELEMENTARY },
  { apply: (f, a) => f('cos', a), magnitude: () => 1, error: (_, e) => e + ELEMENTARY },
  { apply: (f, a) => f('tan', f('clip', a, -1, 1)), magnitude: () => 1.6, error: (_, e) => 3.5 * e + 1.6 * ELEMENTARY },
  { apply: (f, a) => f('exp', a), magnitude: (m) => Math.exp(m), error: (m, e) => Math.exp(m) * (e + ELEMENTARY), limit: 4 },
  { apply: (f, a) => f('expm1', a), magnitude: (m) => Math.exp(m), error: (m, e) => Math.exp(m) * (e + ELEMENTARY), limit: 4 },
  { apply: (f, a) => f('log1p', f('abs', a)), magnitude: (m) => Math.log1p(m), error: (_, e) => e + 7 * ELEMENTARY },
  { apply: (f, a) => f('log', f('add', f('abs', a), 1)), magnitude: (m) => Math.log1p(m), error: (_, e) => e + 7 * ELEMENTARY },
  { apply: (f, a) => f('log2', f('add', f('abs', a), 1)), magnitude: (m) => Math.log2(m + 1), error: (_, e) => 1.5 * e + 10 * ELEMENTARY },
  { apply: (f, a) => f('log10', f('add', f('abs', a), 1)), magnitude: (m) => Math.log10(m + 1), error: (_, e) => 0.5 * e + 3 * ELEMENTARY },
  { apply: (f, a) => f('atan', a), magnitude: () => 1.6, error: (_, e) => e + 1.6 * ELEMENTARY },
  { apply: (f, a) => f('asinh', a), magnitude: (m) => Math.asinh(m), error: (_, e) => e + 8 * ELEMENTARY },
  { apply: (f, a) => f('sqrt', f('add', f('square', a), 1)), magnitude: (m) => m + 1, error: (m, e) => e + 2 * (m + 1) },
  { apply: (f, a) => f('reciprocal', f('add', f('abs', a), 1)), magnitude: () => 1, error: (_, e) => e + 3 },
  { apply: (f, a) => f('clip', a, -1, 1.5), magnitude: (m) => Math.min(m, 1.5), error: (_, e) => e },
  { apply: (f, a) => f('pow', f('add', f('abs', a), 0.5), 1.5), magnitude: (m) => (m + 0.5) ** 1.5, error: (m, e) => 1.5 * (m + 1) * (e + m + 1) + (m + 1) ** 1.5 * ELEMENTARY, limit: 20 },
  { apply: (f, a) => f('mul', a, 0.5), magnitude: (m) => m / 2, error: (_, e) => e / 2 },
  { apply: (f, a) => f('sub', 1, a), magnitude: (m) => m + 1, error: (m, e) => e + m + 1 },
  { apply: (f, a) => f('sinh', a), magnitude: (m) => Math.cosh(m), error: (m, e) => Math.cosh(m) * (e + ELEMENTARY), limit: 4 },
  { apply: (f, a) => f('cosh', a), magnitude: (m) => Math.cosh(m), error: (m, e) => Math.cosh(m) * (e + ELEMENTARY), limit: 4 },
  { apply: (f, a) => f('exp2', a), magnitude: (m) => 2 ** m, error: (m, e) => 2 ** m * (e + ELEMENTARY), limit: 6 },
  // Of arguments up to a half, where they are no steeper than 4 / 3.
  { apply: (f, a) => f('asin', f('clip', a, -0.5, 0.5)), magnitude: () => 0.6, error: (_, e) => 1.2 * e + ELEMENTARY },
  { apply: (f, a) => f('acos', f('clip', a, -0.5, 0.5)), magnitude: () => 2.1, error: (_, e) => 1.2 * e + 2.1 * ELEMENTARY },
  { apply: (f, a) => f('atanh', f('clip', a, -0.5, 0.5)), magnitude: () => 0.6, error: (_, e) => 1.4 * e + ELEMENTARY },
  { apply: (f, a) => f('acosh', f('add', f('abs', a), 2)), magnitude: (m) => Math.acosh(m + 2), error: (m, e) => 0.6 * (e + m + 2) + Math.acosh(m + 2) * ELEMENTARY },
  { apply: (f, a) => f('cbrt', f('add', f('abs', a), 1)), magnitude: (m) => Math.cbrt(m + 1), error: (m, e) => (e + m + 1) / 3 + Math.cbrt(m + 1) * ELEMENTARY },
  { apply: (f, a) => f('relu6', a), magnitude: (m) => Math.min(m, 6), error: (_, e) => e },
  { apply: (f, a) => f('hardSwish', a), magnitude: (m) => m, error: (m, e) => 1.5 * e + 5 * (m + 1) },
  { apply: (f, a) => f('selu', a), magnitude: (m) => 1.8 * (m + 1), error: (m, e) => 1.8 * (e + ELEMENTARY + m) },
  { apply: (f, a) => f('mish', a), magnitude: (m) => m, error: (m, e) => 1.1 * e + 2 * ELEMENTARY * (m + 1) },
];

type BinaryRule = { readonly apply: (f: Apply, a: Expr, b: Expr) => Expr; readonly magnitude: (m: number, n: number) => number; readonly error: (m: number, e: number, n: number, f: number) => number };

export const ARITHMETIC: readonly BinaryRule[] = [
  { apply: (f, a, b) => f('add', a, b), magnitude: (m, n) => m + n, error: (m, e, n, f) => e + f + m + n },
  { apply: (f, a, b) => f('sub', a, b), magnitude: (m, n) => m + n, error: (m, e, n, f) => e + f + m + n },
  { apply: (f, a, b) => f('mul', a, b), magnitude: (m, n) => m * n, error: (m, e, n, f) => m * f + n * e + m * n },
  { apply: (f, a, b) => f('maximum', a, b), magnitude: Math.max, error: (_m, e, _n, f) => Math.max(e, f) },
  { apply: (f, a, b) => f('minimum', a, b), magnitude: Math.max, error: (_m, e, _n, f) => Math.max(e, f) },
  { apply: (f, a, b) => f('div', a, f('add', f('abs', b), 1)), magnitude: (m) => m, error: (m, e, n, f) => e + m * (f + n + 3) },
  { apply: (f, a, b) => f('fmax', a, b), magnitude: Math.max, error: (_m, e, _n, f) => Math.max(e, f) },
  { apply: (f, a, b) => f('fmin', a, b), magnitude: Math.max, error: (_m, e, _n, f) => Math.max(e, f) },
  { apply: (f, a, b) => f('lerp', a, b, 0.25), magnitude: Math.max, error: (m, e, n, f) => e + f + 3 * (m + n) },
  // Both are nowhere steeper than 1 where one operand is 1 at least.
  { apply: (f, a, b) => f('hypot', a, f('add', f('abs', b), 1)), magnitude: (m, n) => m + n + 1, error: (m, e, n, f) => e + f + (n + 1) + ELEMENTARY * (m + n + 1) },
  { apply: (f, a, b) => f('atan2', a, f('add', f('abs', b), 1)), magnitude: () => 1.6, error: (_m, e, n, f) => e + f + (n + 1) + 1.6 * ELEMENTARY },
  { apply: (f, a, b) => f('logAddExp', a, b), magnitude: (m, n) => Math.max(m, n) + 1, error: (m, e, n, f) => Math.max(e, f) + ELEMENTARY * (Math.max(m, n) + 1) },
];

export const EXACT_UNARY = ['floor', 'ceil', 'round', 'trunc', 'sign'] as const satisfies readonly UnaryName[];
export const COMPARE = ['lt', 'le', 'gt', 'ge', 'eq', 'ne'] as const satisfies readonly BinaryName[];
export const LOGICAL = ['and', 'or', 'eq', 'ne'] as const satisfies readonly BinaryName[];
export const INTEGER = ['add', 'sub', 'mul', 'mod', 'maximum', 'minimum'] as const satisfies readonly BinaryName[];
/** Counts of a shift stay small, so that what is shifted does. */
export const BITWISE: readonly ((f: Apply, a: Expr, b: Expr) => Expr)[] = [
  (f, a, b) => f('bitwiseAnd', a, b), (f, a, b) => f('bitwiseOr', a, b), (f, a, b) => f('bitwiseXor', a, b), (f, a, b) => f('shiftLeft', a, f('mod', b, 3)), (f, a) => f('shiftLeft', a, 2), (f, a, b) => f('shiftRightLogical', f('abs', a), b),
];
