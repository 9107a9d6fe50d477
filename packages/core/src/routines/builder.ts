/** Writing the code of a routine: numbers with operators, and loops as functions. */
import { type ArrayDType, BINARY, type BinaryName, type NumberType, type RoutineArray, type RoutineCode, type RoutineLocal, type RoutineReduceOp, type RoutineStep, type Term, UNARY, type UnaryName } from './code.js';
import { binaryMeaning, unaryMeaning } from './run.js';

/** A number of a routine, or a number. */
export type Like = Num | number;

/** A number of a routine that is being written. Numbers are trees: what is used several times is named by `let` of the builder. */
export class Num {
  constructor(
    /** What gives it. */
    readonly term: Term,
  ) {}

  /** The sum; of integers it wraps. */
  add(b: Like): Num {
    return binary('add', this, b);
  }

  /** The difference; of integers it wraps. */
  sub(b: Like): Num {
    return binary('sub', this, b);
  }

  /** The product; of integers it wraps. */
  mul(b: Like): Num {
    return binary('mul', this, b);
  }

  /** The quotient; of integers towards 0, and 0 by 0. */
  div(b: Like): Num {
    return binary('div', this, b);
  }

  /** The smaller; neither is NaN. */
  min(b: Like): Num {
    return binary('min', this, b);
  }

  /** The larger; neither is NaN. */
  max(b: Like): Num {
    return binary('max', this, b);
  }

  /** Whether it is less. */
  lt(b: Like): Num {
    return binary('lt', this, b);
  }

  /** Whether it is less or equal. */
  le(b: Like): Num {
    return binary('le', this, b);
  }

  /** Whether it is greater. */
  gt(b: Like): Num {
    return binary('lt', numberOf(b, this), this);
  }

  /** Whether it is greater or equal. */
  ge(b: Like): Num {
    return binary('le', numberOf(b, this), this);
  }

  /** Whether they are equal. */
  eq(b: Like): Num {
    return binary('eq', this, b);
  }

  /** Whether both hold. */
  and(b: Num): Num {
    return binary('and', this, b);
  }

  /** Whether one of them holds. */
  or(b: Num): Num {
    return binary('or', this, b);
  }

  /** Whether it does not hold. */
  not(): Num {
    return unary('not', this);
  }

  /** Its negative. */
  neg(): Num {
    return unary('neg', this);
  }

  /** Its magnitude. */
  abs(): Num {
    return unary('abs', this);
  }

  /** The square root of a float. */
  sqrt(): Num {
    return unary('sqrt', this);
  }

  /** Whether a float is NaN. */
  isNan(): Num {
    return unary('isNan', this);
  }

  /** An integer as a float of the routine. */
  toFloat(): Num {
    return unary('toFloat', this);
  }
}

/** A variable that may be set again. */
export class Local extends Num {
  constructor(
    /** As code names it. */
    readonly local: RoutineLocal,
  ) {
    super(local);
  }
}

function numberOf(like: Like, beside: Num): Num {
  return typeof like === 'number' ? constant(beside.term.type, like) : like;
}

function constant(type: NumberType, value: number): Num {
  if (type === 'int' && (value | 0) !== value) throw new TypeError(`a routine has the integer ${value}, which is no int32`);
  return new Num({ kind: 'constant', type, value });
}

function unary(op: UnaryName, a: Num): Num {
  const answer = UNARY[op];
  if (answer === 'same' && a.term.type === 'int' && a.term.kind === 'constant') return constant('int', unaryMeaning(op, 'int')(a.term.value));
  return new Num({ kind: 'unary', op, type: answer === 'same' ? a.term.type : answer, a: a.term });
}

function binary(op: BinaryName, a: Num, b: Like): Num {
  const other = numberOf(b, a);
  const answer = BINARY[op];
  if (a.term.type !== other.term.type) throw new TypeError(`a routine's ${op} of ${a.term.type} and ${other.term.type}`);
  const folded = fold(op, a.term, other.term);
  return new Num(folded ?? { kind: 'binary', op, type: answer === 'same' ? a.term.type : answer, a: a.term, b: other.term });
}

/** Sizes are known: what is worked out of them is a constant, and nothing is added or multiplied that changes nothing. */
function fold(op: BinaryName, a: Term, b: Term): Term | undefined {
  if (a.type !== 'int') return undefined;
  if (a.kind === 'constant' && b.kind === 'constant') return BINARY[op] === 'same' ? constant('int', binaryMeaning(op, 'int')(a.value, b.value)).term : undefined;
  if (b.kind === 'constant' && ((b.value === 0 && (op === 'add' || op === 'sub')) || (b.value === 1 && (op === 'mul' || op === 'div')))) return a;
  if (a.kind === 'constant' && ((a.value === 0 && op === 'add') || (a.value === 1 && op === 'mul'))) return b;
  return undefined;
}

/** `condition ? a : b`; both are evaluated. */
export function choose(condition: Num, a: Like, b: Like): Num {
  const beside = a instanceof Num ? a : b;
  if (!(beside instanceof Num)) throw new TypeError('a choice of a routine between two plain numbers; write one as float() or int()');
  return new Num({ kind: 'select', type: beside.term.type, condition: condition.term, a: numberOf(a, beside).term, b: numberOf(b, beside).term });
}

/**
 * An integer.
 *
 * @throws {TypeError} if it is no int32
 */
export function int(value: number): Num {
  return constant('int', value);
}

/** A number of the routine's float dtype. */
export function float(value: number): Num {
  return constant('float', value);
}

/** An array of the item, whose elements are read and written by their row-major positions. */
export interface ArrayRef {
  /** How many elements an item has. */
  readonly size: number;
  /** The element at a position. */
  at(index: Like): Num;
  /** Writes an element. */
  set(index: Like, value: Like): void;
}

/** A matrix in an array, row-major. */
export interface MatrixRef {
  /** How many rows. */
  readonly rows: number;
  /** How many columns. */
  readonly columns: number;
  /** An element. */
  at(row: Like, column: Like): Num;
  /** Writes an element. */
  set(row: Like, column: Like, value: Like): void;
}

/** One of the values of a loop that reduces. */
export interface Reduced {
  /** By what. */
  readonly op: RoutineReduceOp;
  /** The value for the index. */
  readonly value: Num;
}

/** Writes the steps of a routine, in the order in which its methods are called. */
export class RoutineBuilder {
  private readonly arrays: RoutineArray[] = [];
  private steps: RoutineStep[] = [];
  private locals = 0;

  constructor(
    /** That of its floats; undefined if it has none. */
    readonly dtype: 'float32' | 'float64' | undefined,
  ) {}

  /** The distance from 1 to the next float. */
  get epsilon(): number {
    return this.dtype === 'float32' ? 2 ** -23 : 2 ** -52;
  }

  /** The least float that is no subnormal. */
  get tiny(): number {
    return this.dtype === 'float32' ? 2 ** -126 : 2 ** -1022;
  }

  /** An array: its elements by position. */
  array(name: string, dtype: ArrayDType, size: number, role: RoutineArray['role'] = 'work'): ArrayRef {
    const array = this.arrays.push({ name, dtype, size, role }) - 1;
    const type: NumberType = dtype === 'int32' ? 'int' : 'float';
    return {
      size,
      at: (index) => new Num({ kind: 'load', type, array, index: asInt(index).term }),
      set: (index, value) => void this.steps.push({ kind: 'store', array, index: asInt(index).term, value: typed(value, type).term }),
    };
  }

  /** Room to work in: floats of the routine. */
  work(name: string, size: number): ArrayRef {
    return this.array(name, this.dtype ?? 'int32', size);
  }

  /** The part of an array from a position on as a matrix. */
  matrix(array: ArrayRef, rows: number, columns: number, start: Like = 0): MatrixRef {
    const at = (row: Like, column: Like): Num => asInt(row).mul(columns).add(column).add(start);
    return { rows, columns, at: (row, column) => array.at(at(row, column)), set: (row, column, value) => array.set(at(row, column), value) };
  }

  /** A matrix read the other way round. */
  transposed(m: MatrixRef): MatrixRef {
    return { rows: m.columns, columns: m.rows, at: (row, column) => m.at(column, row), set: (row, column, value) => m.set(column, row, value) };
  }

  /** Names a number, to use it several times or to set it again. */
  let(value: Num): Local {
    const local = this.local(value.term.type);
    this.set(local, value);
    return local;
  }

  /** Sets a named number again. */
  set(local: Local, value: Like): void {
    this.steps.push({ kind: 'set', local: local.local, value: typed(value, local.local.type).term });
  }

  /** `for (index = from; index < to; index++)` */
  for(from: Like, to: Like, body: (index: Num) => void): void {
    this.loop(from, to, 'up', body);
  }

  /** `for (index = to - 1; index >= from; index--)` */
  forDown(from: Like, to: Like, body: (index: Num) => void): void {
    this.loop(from, to, 'down', body);
  }

  /** For every index, in any order and at once. */
  parallel(from: Like, to: Like, body: (index: Num) => void): void {
    this.loop(from, to, 'parallel', body);
  }

  /** Values reduced over indices, all in one loop. */
  reduce(from: Like, to: Like, values: (index: Num) => readonly Reduced[]): Local[] {
    const index = this.local('int');
    const reductions = values(index).map(({ op, value }) => ({ op, value: value.term, into: this.local(value.term.type) }));
    this.steps.push({ kind: 'reduce', index: index.local, from: asInt(from).term, to: asInt(to).term, reductions: reductions.map((r) => ({ ...r, into: r.into.local })) });
    return reductions.map((r) => r.into);
  }

  /** The sum of a value over indices. */
  sum(from: Like, to: Like, value: (index: Num) => Num): Local {
    const [sum] = this.reduce(from, to, (index) => [{ op: 'sum', value: value(index) }]);
    if (sum === undefined) throw new TypeError('a routine lost a sum');
    return sum;
  }

  /** What is done if a bool holds, and if not. */
  if(condition: Num, then: () => void, otherwise: () => void = () => undefined): void {
    this.steps.push({ kind: 'if', condition: condition.term, then: this.inside(then), otherwise: this.inside(otherwise) });
  }

  /** As long as a condition holds, which is evaluated before each round. */
  while(condition: Num, body: () => void): void {
    this.steps.push({ kind: 'while', condition: condition.term, body: this.inside(body) });
  }

  /** All that was written. */
  finish(): RoutineCode {
    return { arrays: this.arrays, steps: this.steps };
  }

  private local(type: NumberType): Local {
    return new Local({ kind: 'local', type, id: this.locals++ });
  }

  private loop(from: Like, to: Like, order: 'up' | 'down' | 'parallel', body: (index: Num) => void): void {
    const index = this.local('int');
    this.steps.push({ kind: 'for', index: index.local, from: asInt(from).term, to: asInt(to).term, order, body: this.inside(() => body(index)) });
  }

  private inside(body: () => void): readonly RoutineStep[] {
    const outer = this.steps;
    const own: RoutineStep[] = [];
    this.steps = own;
    body();
    this.steps = outer;
    return own;
  }
}

function typed(like: Like, type: NumberType): Num {
  const num = typeof like === 'number' ? constant(type, like) : like;
  if (num.term.type !== type) throw new TypeError(`a routine writes ${num.term.type} where there is ${type}`);
  return num;
}

function asInt(like: Like): Num {
  return typed(like, 'int');
}
