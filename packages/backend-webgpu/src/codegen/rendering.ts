/** Elementwise operations in WGSL: one row each, so that a missing one does not compile. */
import type { DType } from '@pappus/core';
import type { BinaryOp, ElementwiseOp, UnaryOp } from '@pappus/core/backend';
import type { HelperName } from '../math/index.js';
import { literal, type Shader, splat, valueType } from './shader.js';

/** What a row may use: the shader being written, and the operands' dtype. */
export interface Site {
  readonly shader: Shader;
  readonly operand: DType;
}

type Unary = (s: Site, a: string) => string;
type Binary = (s: Site, a: string, b: string) => string;

const integer = (s: Site): boolean => s.operand === 'int32';
const constant = (s: Site, value: number, dtype: DType = s.operand): string =>
  splat(literal(value, dtype, s.shader), dtype, s.shader.lanes);

const library =
  (name: HelperName): ((s: Site, a: string, b?: string) => string) =>
  (s, a, b) =>
    `${s.shader.helper(name)}(${b === undefined ? a : `${a}, ${b}`})`;

const infix =
  (operator: string): Binary =>
  (_, a, b) =>
    `(${a} ${operator} ${b})`;

/** `a` where the condition holds, else `b`. */
const choose = (condition: string, a: string, b: string): string => `select(${b}, ${a}, ${condition})`;

const UNARY: Readonly<Record<UnaryOp, Unary>> = {
  neg: (_, a) => `-${a}`,
  abs: (_, a) => `abs(${a})`,
  sign: (s, a) => (integer(s) ? `sign(${a})` : library('sign_')(s, a)),
  floor: (_, a) => `floor(${a})`,
  ceil: (_, a) => `ceil(${a})`,
  round: (_, a) => `round(${a})`,
  exp: library('exp_'),
  expm1: library('expm1_'),
  log: library('log_'),
  log1p: library('log1p_'),
  log2: library('log2_'),
  log10: library('log10_'),
  sqrt: (_, a) => `sqrt(${a})`,
  sin: library('sin_'),
  cos: library('cos_'),
  tan: library('tan_'),
  tanh: library('tanh_'),
  sigmoid: library('sigmoid_'),
  erf: library('erf_'),
  relu: (s, a) =>
    integer(s) ? `max(${a}, ${constant(s, 0)})` : choose(`(${a} > ${constant(s, 0)}) | ${library('isNan')(s, a)}`, a, constant(s, 0)),
  isNan: library('isNan'),
  isFinite: library('isFinite'),
  not: (_, a) => `!${a}`,
};

const BINARY: Readonly<Record<BinaryOp, Binary>> = {
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: infix('/'),
  pow: library('pow_'),
  mod: (s, a, b) => library(integer(s) ? 'integerMod' : 'mod_')(s, a, b),
  maximum: (s, a, b) => (integer(s) ? `max(${a}, ${b})` : library('maximum')(s, a, b)),
  minimum: (s, a, b) => (integer(s) ? `min(${a}, ${b})` : library('minimum')(s, a, b)),
  eq: infix('=='),
  // Not `!=`, which some drivers take for an ordered comparison: false of NaN.
  ne: (_, a, b) => `!(${a} == ${b})`,
  lt: infix('<'),
  le: infix('<='),
  gt: infix('>'),
  ge: infix('>='),
  and: infix('&'),
  or: infix('|'),
  bitwiseAnd: infix('&'),
  bitwiseOr: infix('|'),
  bitwiseXor: infix('^'),
  shiftLeft: (s, a, b) => `(${a} << ${shiftCount(s, b)})`,
  shiftRightLogical: (s, a, b) => `bitcast<${valueType('int32', s.shader.lanes)}>(bitcast<${unsigned(s)}>(${a}) >> ${shiftCount(s, b)})`,
};

const unsigned = (s: Site): string => (s.shader.lanes === 4 ? 'vec4<u32>' : 'u32');

/** A count modulo 32; WGSL takes it unsigned. */
function shiftCount(s: Site, count: string): string {
  return `(bitcast<${unsigned(s)}>(${count}) & ${s.shader.lanes === 4 ? 'vec4<u32>(31u)' : '31u'})`;
}

function cast(s: Site, a: string, to: DType): string {
  const { operand, shader } = s;
  if (operand === to) return a;
  if (to === 'bool') return `!(${a} == ${constant(s, 0)})`;
  if (operand === 'bool') return choose(a, constant(s, 1, to), constant(s, 0, to));
  return to === 'int32' ? `${shader.helper('toInteger')}(${a})` : `${valueType(to, shader.lanes)}(${a})`;
}

/** The expression of an operation on expressions. */
export function render(op: ElementwiseOp, site: Site, args: readonly string[], result: DType): string {
  const [a, b, c] = args;
  if (a === undefined) throw new TypeError(`${op} has no operand`);
  if (op === 'cast') return cast(site, a, result);
  if (op === 'where') {
    if (b === undefined || c === undefined) throw new TypeError('where takes three operands');
    return choose(a, b, c);
  }
  if (isUnaryRow(op)) return UNARY[op](site, a);
  if (b === undefined) throw new TypeError(`${op} takes two operands`);
  return BINARY[op](site, a, b);
}

function isUnaryRow(op: UnaryOp | BinaryOp): op is UnaryOp {
  return op in UNARY;
}
