/** The numbers of a routine in WGSL. */
import { type Buffer, itemAt, type RoutineKernel } from '@pappus/compiler';
import type { BinaryName, NumberType, Term, UnaryName } from '@pappus/core/routines';
import type { Opacity } from '../opaque-operands.js';
import { decode, encode, literal, type Reached, type Shader } from '../shader.js';
import type { Locals } from './locals.js';
import { Opacities } from './opacity.js';

/** The types of numbers in WGSL. */
export const NUMBER_TYPES: Readonly<Record<NumberType, string>> = { float: 'f32', int: 'i32', bool: 'bool' };

/** What a row may use: the shader being written, and the type of the operands. */
interface Site {
  readonly shader: Shader;
  readonly operand: NumberType;
}

const UNARY: Readonly<Record<UnaryName, (s: Site, a: string) => string>> = {
  neg: (_, a) => `(-${a})`,
  abs: (_, a) => `abs(${a})`,
  sqrt: (_, a) => `sqrt(${a})`,
  not: (_, a) => `!${a}`,
  isNan: (s, a) => `${s.shader.helper('isNan')}(${a})`,
  toFloat: (_, a) => `f32(${a})`,
};

const QUOTIENT = 'fn quotient(a: i32, b: i32) -> i32 { return select(a / b, 0, b == 0); }';

/** Towards 0, and 0 by 0. */
function quotient({ shader }: Site, a: string, b: string): string {
  if (/^-?\d+$/.test(b) && b !== '0') return `(${a} / ${b})`;
  shader.declare(QUOTIENT);
  return `quotient(${a}, ${b})`;
}

const infix =
  (operator: string) =>
  (_: Site, a: string, b: string): string =>
    `(${a} ${operator} ${b})`;

const BINARY: Readonly<Record<BinaryName, (s: Site, a: string, b: string) => string>> = {
  add: infix('+'),
  sub: infix('-'),
  mul: infix('*'),
  div: (s, a, b) => (s.operand === 'int' ? quotient(s, a, b) : `(${a} / ${b})`),
  min: (_, a, b) => `min(${a}, ${b})`,
  max: (_, a, b) => `max(${a}, ${b})`,
  lt: infix('<'),
  le: infix('<='),
  eq: infix('=='),
  and: infix('&'),
  or: infix('|'),
};

/** The operation on two expressions. */
export function binaryText(op: BinaryName, shader: Shader, operand: NumberType, a: string, b: string): string {
  return BINARY[op]({ shader, operand }, a, b);
}

/** The name of a local. */
export function localName(id: number): string {
  return `v${id}`;
}

/** Writes numbers, over the arrays of an item. */
export class TermWriter {
  private readonly opacities: Opacities;
  private readonly names: readonly string[];

  constructor(
    private readonly shader: Shader,
    private readonly kernel: RoutineKernel,
    locals: Locals,
  ) {
    this.opacities = new Opacities(locals);
    this.names = namesOf(kernel.code.arrays.map(({ name }) => name));
  }

  /** The statements that say where the arrays of an item begin. */
  beginnings(item: string): string[] {
    const { code, items } = this.kernel;
    return code.arrays.map(({ size }, k) => {
      // Whether the GPU counts so far.
      this.shader.size(items * size);
      return `let ${this.nameOf(k)} = ${this.shader.offset(this.bufferOf(k))} + ${item} * ${size};`;
    });
  }

  text(term: Term): string {
    switch (term.kind) {
      case 'local':
        return localName(term.id);
      case 'constant':
        return term.type === 'int' ? `${term.value}` : literal(term.value, term.type === 'bool' ? 'bool' : 'float32', this.shader);
      case 'load': {
        const { binding, type } = this.shader.slot(this.bufferOf(term.array));
        return decode(this.shader.read(binding, this.place(term.array, term.index), this.reached(term.array)), type, this.dtypeOf(term.array), 1);
      }
      case 'unary': {
        // What is computed of constants is an error where it is not finite.
        const a = this.operand(term.a, term.a.kind === 'constant' && term.a.type === 'float' ? 'bits' : 'none');
        if (term.op === 'not' && term.a.kind === 'binary') return this.negated(term.a, a);
        return UNARY[term.op]({ shader: this.shader, operand: term.a.type }, a);
      }
      case 'binary': {
        const [a, b] = this.opacities.of(term);
        return binaryText(term.op, this.shader, term.a.type, this.operand(term.a, a), this.operand(term.b, b));
      }
      case 'select':
        return `select(${this.text(term.b)}, ${this.text(term.a)}, ${this.text(term.condition)})`;
    }
  }

  store(array: number, index: Term, value: Term): string {
    const { binding, type } = this.shader.slot(this.bufferOf(array));
    return this.shader.write(binding, this.place(array, index), encode(this.text(value), type, this.dtypeOf(array), 1), this.reached(array));
  }

  /** That a comparison does not hold, as it does of no NaN: a driver that knows none would turn `!(a < b)` into `a >= b`. */
  private negated({ a, b }: Extract<Term, { kind: 'binary' }>, comparison: string): string {
    const floats = [a, b].filter(({ type, kind }) => type === 'float' && kind !== 'constant');
    if (floats.length === 0) return `!${comparison}`;
    return `(${[`!${comparison}`, ...floats.map((term) => `${this.shader.helper('isNan')}(${this.text(term)})`)].join(' | ')})`;
  }

  private operand(term: Term, opacity: Opacity): string {
    switch (opacity) {
      case 'none':
        return this.text(term);
      case 'bits':
        return `${this.shader.helper('opaque')}(${this.text(term)})`;
      case 'zero':
        return `${this.shader.helper('fromBits')}(${term.kind === 'constant' && Object.is(term.value, -0) ? '0x80000000u' : '0u'})`;
    }
  }

  private place(array: number, index: Term): string {
    const at = this.text(index);
    return at === '0' ? this.nameOf(array) : `${this.nameOf(array)} + ${at}`;
  }

  private reached(array: number): Reached {
    const base = this.nameOf(array);
    return { buffer: this.bufferOf(array), base, end: `${base} + ${itemAt(this.kernel.code.arrays, array, 'array').size}` };
  }

  private nameOf(array: number): string {
    return itemAt(this.names, array, 'the name of array');
  }

  private bufferOf(array: number): Buffer {
    return itemAt(this.kernel.buffers, array, 'the buffer of array');
  }

  private dtypeOf(array: number): 'float32' | 'int32' {
    return this.bufferOf(array).dtype === 'int32' ? 'int32' : 'float32';
  }
}

/** Where an array begins, by its name in listings; each name once. */
function namesOf(names: readonly string[]): string[] {
  const words = names.map((name) => `at_${name.replace(/\W+/g, '_')}`);
  return words.map((word, k) => (words.indexOf(word) === k ? word : `${word}_${k}`));
}
