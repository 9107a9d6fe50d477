/** Routines as the interpreter runs them: as they stand, floats in float64. */
import type { ArrayDType, BinaryName, RoutineCode, RoutineReduceOp, RoutineStep, Term, UnaryName } from './code.js';

/** The numbers of one item: its arrays, and the locals by their ids. Bools are 0 or 1. */
interface State {
  readonly arrays: readonly Float64Array[];
  readonly locals: number[];
}

type Evaluate = (state: State) => number;
type Run = (state: State) => void;

/** Code as functions, to be run for every item. */
export interface RunnableRoutine {
  /** Runs over the arrays of one item: operands, the result, which is written, and what it works in. */
  run(arrays: readonly Float64Array[]): void;
  /** Elements of each array that it works in. */
  readonly work: readonly number[];
}

/** How code is run. */
export interface RunOptions {
  /** Whether floats that are stored are rounded to float32, as in tensors of that dtype. Default false, as the interpreter has it. */
  readonly rounded?: boolean;
  /** Whether parallel loops and reductions run from their last iteration to the first, which must make no difference. Default false. */
  readonly backwards?: boolean | undefined;
}

/** Code as functions. */
export function runnable({ arrays, steps }: RoutineCode, { rounded = false, backwards = false }: RunOptions = {}): RunnableRoutine {
  const run = block(steps, { dtypeOf: (array) => (rounded ? dtypeAt(arrays, array) : 'float64'), backwards });
  return { run: (values) => run({ arrays: values, locals: [] }), work: arrays.flatMap(({ role, size }) => (role === 'work' ? [size] : [])) };
}

function dtypeAt(arrays: RoutineCode['arrays'], k: number): ArrayDType {
  const array = arrays[k];
  if (array === undefined) throw new TypeError(`a routine has no array ${k}`);
  return array.dtype;
}

const UNARY_REALS: Readonly<Record<UnaryName, (a: number) => number>> = {
  neg: (a) => -a,
  abs: Math.abs,
  sqrt: Math.sqrt,
  not: (a) => 1 - a,
  isNan: (a) => Number(Number.isNaN(a)),
  toFloat: (a) => a,
};

const REALS: Readonly<Record<BinaryName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (a < b ? b : a),
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
  eq: (a, b) => Number(a === b),
  and: (a, b) => a & b,
  or: (a, b) => a | b,
};

/** What an operation does to a number of a type; what it makes of an int32 wraps. */
export function unaryMeaning(op: UnaryName, type: Term['type']): (a: number) => number {
  const f = UNARY_REALS[op];
  return type === 'int' ? (a) => f(a) | 0 : f;
}

/** What an operation does to two numbers of a type; what it makes of int32 wraps. */
export function binaryMeaning(op: BinaryName, type: Term['type']): (a: number, b: number) => number {
  if (type === 'int' && op === 'mul') return Math.imul;
  const f = REALS[op];
  return type === 'int' ? (a, b) => f(a, b) | 0 : f;
}

const REDUCE: Readonly<Record<RoutineReduceOp, { readonly op: BinaryName; readonly none: (type: Term['type']) => number }>> = {
  sum: { op: 'add', none: () => 0 },
  max: { op: 'max', none: (type) => (type === 'int' ? -(2 ** 31) : -Infinity) },
  min: { op: 'min', none: (type) => (type === 'int' ? 2 ** 31 - 1 : Infinity) },
};

/** What a reduction begins with. */
export function neutral(op: RoutineReduceOp, type: Term['type']): number {
  return REDUCE[op].none(type);
}

/** The operation by which a reduction takes one more value. */
export function reducing(op: RoutineReduceOp): BinaryName {
  return REDUCE[op].op;
}

function evaluate(term: Term): Evaluate {
  switch (term.kind) {
    case 'constant': {
      const { value } = term;
      return () => value;
    }
    case 'local': {
      const { id } = term;
      return ({ locals }) => locals[id] ?? unset(id);
    }
    case 'load': {
      const { array } = term;
      const index = evaluate(term.index);
      return (state) => state.arrays[array]?.[index(state)] ?? outside(array);
    }
    case 'unary': {
      const f = unaryMeaning(term.op, term.a.type);
      const a = evaluate(term.a);
      return (state) => f(a(state));
    }
    case 'binary': {
      const a = evaluate(term.a);
      const b = evaluate(term.b);
      const f = binaryMeaning(term.op, term.a.type);
      return (state) => f(a(state), b(state));
    }
    case 'select': {
      const condition = evaluate(term.condition);
      const a = evaluate(term.a);
      const b = evaluate(term.b);
      return (state) => (condition(state) === 1 ? a(state) : b(state));
    }
  }
}

interface How {
  readonly dtypeOf: (array: number) => ArrayDType;
  readonly backwards: boolean;
}

function block(steps: readonly RoutineStep[], how: How): Run {
  const runs = steps.map((step) => stepRun(step, how));
  return (state) => {
    for (const run of runs) run(state);
  };
}

function stepRun(step: RoutineStep, how: How): Run {
  switch (step.kind) {
    case 'set': {
      const { id } = step.local;
      const value = evaluate(step.value);
      return (state) => {
        state.locals[id] = value(state);
      };
    }
    case 'store': {
      const { array } = step;
      const index = evaluate(step.index);
      const value = evaluate(step.value);
      const held = how.dtypeOf(array) === 'float32' ? Math.fround : (x: number): number => x;
      return (state) => {
        const at = index(state);
        const values = state.arrays[array];
        if (values === undefined || !(at >= 0 && at < values.length)) outside(array);
        values[at] = held(value(state));
      };
    }
    case 'for': {
      const { id } = step.index;
      const [from, to] = [evaluate(step.from), evaluate(step.to)];
      const body = block(step.body, how);
      const down = step.order === 'down' || (step.order === 'parallel' && how.backwards);
      return (state) => {
        const [first, end] = [from(state), to(state)];
        for (let k = 0; k < end - first; k++) {
          state.locals[id] = down ? end - 1 - k : first + k;
          body(state);
        }
      };
    }
    case 'reduce': {
      const { id } = step.index;
      const [from, to] = [evaluate(step.from), evaluate(step.to)];
      const reductions = step.reductions.map(({ op, value, into }) => ({ first: neutral(op, into.type), add: binaryMeaning(reducing(op), into.type), value: evaluate(value), into: into.id }));
      return (state) => {
        const [first, end] = [from(state), to(state)];
        const results = reductions.map((r) => r.first);
        for (let k = 0; k < end - first; k++) {
          state.locals[id] = how.backwards ? end - 1 - k : first + k;
          for (const [r, { add, value }] of reductions.entries()) results[r] = add(results[r] ?? NaN, value(state));
        }
        for (const [r, { into }] of reductions.entries()) state.locals[into] = results[r] ?? NaN;
      };
    }
    case 'if': {
      const condition = evaluate(step.condition);
      const [then, otherwise] = [block(step.then, how), block(step.otherwise, how)];
      return (state) => {
        if (condition(state) === 1) then(state);
        else otherwise(state);
      };
    }
    case 'while': {
      const condition = evaluate(step.condition);
      const body = block(step.body, how);
      return (state) => {
        while (condition(state) === 1) body(state);
      };
    }
  }
}

function unset(id: number): never {
  throw new TypeError(`a routine reads local ${id} before it is set`);
}

function outside(array: number): never {
  throw new TypeError(`a routine reaches outside of array ${array}`);
}
