/**
 * What this compiler knows of graphs, for those of a newer core: tables of every name that its core had, in which a missing row is a type
 * error. Loaded where core is newer, and there alone.
 */
import type { BackendError, DType, Expr } from '@pappus/core';
import { bindDimension, type Computation, type ElementwiseOp, type Node, type ReduceOp, type Scan, topological } from '@pappus/core/backend';
import { type BinaryName, blocksOf, type RoutineArray, type RoutineCode, type RoutineReduction, type RoutineStep, type Term, termsOf, type UnaryName, withParts } from '@pappus/core/routines';

type Words<T extends string> = Readonly<Record<T, true>>;
/** Of a field whose values are names, the names; of any other one that it is there. */
type Known<T> = [T] extends [string] ? (string extends T ? true : Words<T>) : true;
type Fields<T> = { readonly [F in keyof T as F extends 'kind' ? never : F]-?: Known<NonNullable<T[F]>> };
type Kinds<T extends { readonly kind: string }> = { readonly [K in T['kind']]: Fields<Extract<T, { readonly kind: K }>> };

const DTYPES: Words<DType> = { float32: true, float64: true, int32: true, bool: true };

const ELEMENTWISE: Words<ElementwiseOp> = {
  neg: true, abs: true, sign: true, floor: true, ceil: true, round: true, exp: true, expm1: true, log: true, log1p: true, log2: true, log10: true, sqrt: true, sin: true,
  cos: true, tan: true, tanh: true, sigmoid: true, erf: true, relu: true, isNan: true, isFinite: true, not: true, add: true, sub: true, mul: true, div: true, pow: true,
  mod: true, maximum: true, minimum: true, eq: true, ne: true, lt: true, le: true, gt: true, ge: true, and: true, or: true, bitwiseAnd: true, bitwiseOr: true,
  bitwiseXor: true, shiftLeft: true, shiftRightLogical: true, where: true, cast: true,
};

const REDUCE: Words<ReduceOp> = { sum: true, prod: true, max: true, min: true, all: true, any: true };

const NODES: Kinds<Node> = {
  constant: { value: true },
  size: { dimension: true },
  data: { id: true, data: true },
  input: { id: true, name: true },
  variable: { id: true, name: true },
  iota: { axis: true },
  elementwise: { op: ELEMENTWISE },
  unroundedCast: {},
  reduce: { op: REDUCE, axes: true, ofNone: true, operation: true },
  cumsum: { axis: true, reverse: true, exclusive: true },
  reshape: {},
  broadcast: {},
  transpose: { permutation: true },
  slice: { starts: true, steps: true },
  pad: { starts: true, steps: true },
  concat: { axis: true },
  gather: { axis: true, outside: { missing: true, zero: true }, operation: true },
  scatter: { axis: true, operation: true },
  matmul: { rows: true, columns: true, depth: true },
  window: { axis: true, stride: true, dilation: true },
  customGradient: { key: true, vjp: true, windows: true },
  placeholder: { id: true, name: true },
  scan: { scan: true, result: { stack: true, final: true }, of: true },
  routine: { routine: true },
  remat: { body: true, index: true },
  barrier: {},
  stopGradient: {},
};

const SCAN: Fields<Scan> = { id: true, length: true, reverse: true, carries: true, inputs: true, constants: true, next: true, rules: true };

const COMPUTATION: Fields<Computation> = { graphVersion: true, inputs: true, outputs: true, updates: true };

const NUMBERS = { float: true, int: true, bool: true } as const;
const UNARY: Words<UnaryName> = { neg: true, abs: true, sqrt: true, not: true, isNan: true, toFloat: true };
const BINARY: Words<BinaryName> = { add: true, sub: true, mul: true, div: true, min: true, max: true, lt: true, le: true, eq: true, and: true, or: true };

const STEPS: Kinds<RoutineStep> = {
  set: { local: true, value: true },
  store: { array: true, index: true, value: true },
  for: { index: true, from: true, to: true, order: { up: true, down: true, parallel: true }, body: true },
  reduce: { index: true, from: true, to: true, reductions: true },
  if: { condition: true, then: true, otherwise: true },
  while: { condition: true, body: true },
};

const REDUCTION: Fields<RoutineReduction> = { op: { sum: true, max: true, min: true }, value: true, into: true };

const TERMS: Kinds<Term> = {
  local: { type: NUMBERS, id: true },
  constant: { type: NUMBERS, value: true },
  load: { type: NUMBERS, array: true, index: true },
  unary: { type: NUMBERS, op: UNARY, a: true },
  binary: { type: NUMBERS, op: BINARY, a: true, b: true },
  select: { type: NUMBERS, condition: true, a: true, b: true },
};

const ARRAY: Fields<RoutineArray> = { name: true, dtype: { float32: true, float64: true, int32: true }, size: true, role: { operand: true, result: true, work: true } };

const CODE: Fields<RoutineCode> = { arrays: true, steps: true };

/** Of a field, its names, or that it is there; of a kind, its fields. */
type Table = Readonly<Record<string, unknown>>;

/**
 * Refuses what this compiler would misunderstand, or fail at: all of a graph that has no row here.
 *
 * @param sizes of open dimensions, once they are known: the code of routines is written for them
 * @param unknown makes the error
 */
export function checkVocabulary({ computation, sizes, unknown }: { readonly computation: Computation; readonly sizes: ReadonlyMap<string, number> | undefined; readonly unknown: (what: string) => BackendError }): void {
  const checkFields = (what: string, fields: Table, given: object): void => {
    for (const [field, value] of Object.entries(given)) {
      if (field === 'kind' || value === undefined) continue;
      const words = entry(fields, field);
      if (words === undefined) throw unknown(`${what} with '${field}'`);
      if (!isTable(words) || entry(words, String(value)) !== undefined) continue;
      throw unknown(field === 'op' ? `the operation ${String(value)}` : `${what} with ${field} '${String(value)}'`);
    }
  };
  const checkKind = (what: string, kinds: Table, given: { readonly kind: string }): void => {
    const fields = entry(kinds, given.kind);
    if (!isTable(fields)) throw unknown(`${what} ${given.kind}`);
    checkFields(given.kind, fields, given);
  };
  const checkCode = (code: RoutineCode): void => {
    checkFields('routines', CODE, code);
    for (const array of code.arrays) checkFields('arrays of routines', ARRAY, array);
    checkSteps(code.steps);
  };
  const checkSteps = (steps: readonly RoutineStep[]): void => {
    for (const step of steps) {
      checkKind('the step of routines', STEPS, step);
      if (step.kind === 'reduce') for (const reduction of step.reductions) checkFields('reductions of routines', REDUCTION, reduction);
      for (const term of withParts(termsOf(step))) checkKind('the term of routines', TERMS, term);
      for (const block of blocksOf(step)) checkSteps(block);
    }
  };
  const seen = new Set<Expr>();
  const checkGraph = (roots: readonly Expr[]): void => {
    for (const expr of topological(roots)) {
      if (seen.has(expr)) continue;
      seen.add(expr);
      const { node, dtype, args } = expr;
      checkKind('the operation', NODES, node);
      if (entry(DTYPES, dtype) === undefined) throw unknown(`the dtype ${dtype}`);
      if (node.kind === 'routine' && sizes !== undefined) checkCode(node.routine.code(args.map(({ shape }) => shape.map((d) => bindDimension(d, sizes))), args.map((arg) => arg.dtype)));
      if (node.kind !== 'scan') continue;
      const { scan, of } = node;
      checkFields('scan', SCAN, scan);
      checkGraph([...scan.carries, ...scan.inputs, ...scan.constants, ...scan.next, of]);
    }
  };
  checkFields('computations', COMPUTATION, computation);
  checkGraph([...computation.inputs, ...computation.outputs, ...computation.updates].map(({ expr }) => expr));
  checkGraph(computation.updates.map(({ variable }) => variable));
}

function entry(table: Table, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null;
}
