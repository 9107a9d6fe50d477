/** Gradients of the elementwise operations: one row each, the cotangent of every operand, or null where none flows. */
import { scalar } from '../graph/construct.js';
import { isFloat } from '../graph/dtype.js';
import type { BinaryOp, ElementwiseOp, UnaryOp } from '../graph/elementwise-table.js';
import type { Expr } from '../graph/expr.js';
import { exp, isFinite, log, reciprocal, where } from '../operations/elementwise.js';

type UnaryVjp = ((g: Expr, a: Expr, out: Expr) => Expr) | null;
type BinaryVjp = readonly [(g: Expr, a: Expr, b: Expr, out: Expr) => Expr, (g: Expr, a: Expr, b: Expr, out: Expr) => Expr] | null;

const UNARY: Readonly<Record<UnaryOp, UnaryVjp>> = {
  neg: (g) => g.neg(),
  abs: (g, a) => g.mul(a.sign()),
  sign: null,
  floor: null,
  ceil: null,
  round: null,
  exp: (g, _, out) => g.mul(out),
  expm1: (g, _, out) => g.mul(out.add(1)),
  log: (g, a) => g.div(a),
  log1p: (g, a) => g.div(a.add(1)),
  log2: (g, a) => g.div(a.mul(Math.LN2)),
  log10: (g, a) => g.div(a.mul(Math.LN10)),
  sqrt: (g, _, out) => g.div(out.mul(2)),
  sin: (g, a) => g.mul(a.cos()),
  cos: (g, a) => g.mul(a.sin()).neg(),
  tan: (g, _, out) => g.mul(out.square().add(1)),
  tanh: (g, _, out) => g.mul(out.square().neg().add(1)),
  sigmoid: (g, _, out) => g.mul(out.mul(out.neg().add(1))),
  erf: (g, a) => g.mul(exp(a.square().neg()).mul(2 / Math.sqrt(Math.PI))),
  relu: (g, _, out) => where(out.gt(0), g, 0),
  isNan: null,
  isFinite: null,
  not: null,
};

const BINARY: Readonly<Record<BinaryOp, BinaryVjp>> = {
  add: [(g) => g, (g) => g],
  sub: [(g) => g, (g) => g.neg()],
  mul: [(g, _, b) => g.mul(b), (g, a) => g.mul(a)],
  div: [(g, _, b) => g.div(b), (g, _, b, out) => g.mul(out).div(b).neg()],
  pow: [
    (g, a, b) => g.mul(powSlope(a, b)),
    // At a = 0 the power is flat in b: 0, not 0 times minus infinity.
    (g, a, b, out) => g.mul(where(a.gt(0), out.mul(log(where(a.gt(0), a, 1))), a.mul(0).mul(b))),
  ],
  mod: [(g) => g, (g, a, b) => g.mul(a.div(b).floor()).neg()],
  // A tie is shared half and half, so that the two gradients sum to the whole.
  maximum: [(g, a, b) => share(g, a.lt(b), a, b), (g, a, b) => share(g, b.lt(a), a, b)],
  minimum: [(g, a, b) => share(g, b.lt(a), a, b), (g, a, b) => share(g, a.lt(b), a, b)],
  eq: null,
  ne: null,
  lt: null,
  le: null,
  gt: null,
  ge: null,
  and: null,
  or: null,
  bitwiseAnd: null,
  bitwiseOr: null,
  bitwiseXor: null,
  shiftLeft: null,
  shiftRightLogical: null,
};

/**
 * b a^(b - 1), the derivative of the power by its base. At b = 0 it is 0 whatever the base, not 0 times an infinite 1 / a: it is
 * written as `b a^0 / a` there, which is 0 in all its derivatives by a, and has the derivative 1 / a by b. Where 1 / a is infinite,
 * also by rounding, nothing is left but 0.
 */
function powSlope(a: Expr, b: Expr): Expr {
  const flat = b.eq(0);
  const divisor = where(flat, where(isFinite(reciprocal(a)), a, 1), scalar(1, a.dtype));
  return b.mul(a.pow(where(flat, 1, b).sub(1))).div(divisor);
}

/** Nothing to the one that loses, half at a tie, else all: to both where one is NaN, as in PyTorch. No cotangent is multiplied by 0. */
function share(g: Expr, loses: Expr, a: Expr, b: Expr): Expr {
  return where(loses, 0, where(a.eq(b), g.mul(0.5), g));
}

/** The cotangent of each operand of `out`, given that of `out`. */
export function elementwiseVjp(op: ElementwiseOp, out: Expr, g: Expr): readonly (Expr | null)[] {
  const [a, b, c] = out.args;
  if (a === undefined) return [];
  if (op === 'cast') return [isFloat(a.dtype) ? g.cast(a.dtype) : null];
  if (op === 'where') return b === undefined || c === undefined ? [] : [null, where(a, g, 0), where(a, 0, g)];
  if (b === undefined) return [isUnaryRow(op) ? (UNARY[op]?.(g, a, out) ?? null) : null];
  const row = isUnaryRow(op) ? null : BINARY[op];
  return row === null ? [null, null] : row.map((vjp) => vjp(g, a, b, out));
}

function isUnaryRow(op: UnaryOp | BinaryOp): op is UnaryOp {
  return op in UNARY;
}
