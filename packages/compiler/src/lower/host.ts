/**
 * Scalars that depend on no tensor: evaluated on the host in float64, once a step, and handed to the kernels. A flat list
 * of instructions over numbers; constants are folded as they are added.
 */
import { type DType, type Variable } from '@pappus/core';
import { type ElementwiseOp, formatNumber, meaning } from '@pappus/core/backend';
import { itemAt } from '../required.js';
import type { Table } from './tables.js';

type Instruction =
  | {
      readonly kind: 'constant';
      /** The number. */
      readonly value: number;
    }
  /** The value of a rank-0 input. */
  | {
      readonly kind: 'input';
      /** Which input of the computation. */
      readonly position: number;
    }
  /** The value of a rank-0 variable from before the step. */
  | {
      readonly kind: 'variable';
      /** Which variable. */
      readonly variable: Variable;
    }
  /** An element of given values. */
  | {
      readonly kind: 'look-up';
      /** The values. */
      readonly table: Table;
      /** The instruction that says which. */
      readonly index: number;
      /** What an index gives that is not from 0 to the last. */
      readonly outside: number;
    }
  | {
      readonly kind: 'apply';
      /** The operation, an elementwise one. */
      readonly op: ElementwiseOp;
      /** The instructions whose values it takes. */
      readonly args: readonly number[];
      /** What it means in the dtypes of its operands and its result. */
      readonly evaluate: (a: number, b: number, c: number) => number;
    };

/** The scalars of a step as instructions over numbers, each once. */
export class HostProgram {
  /** In the order in which they run; kernels and updates name them by position. */
  readonly instructions: Instruction[] = [];
  private readonly known = new Map<string, number>();
  private values = new Float64Array(0);

  /**
   * A program without instructions.
   *
   * @param inputs their names, by position
   */
  constructor(private readonly inputs: readonly string[] = []) {}

  /** The position of a number. */
  constant(value: number): number {
    return this.add(`constant ${Object.is(value, -0) ? '-0' : value}`, { kind: 'constant', value });
  }

  /** The position of the value of an input. */
  input(position: number): number {
    return this.add(`input ${position}`, { kind: 'input', position });
  }

  /** The position of the value of a variable from before the step. */
  variable(variable: Variable): number {
    return this.add(`variable ${variable.id}`, { kind: 'variable', variable });
  }

  /** The position of an operation's value, of operands of one dtype, with a result of another; a constant where all operands are. */
  apply(op: ElementwiseOp, args: readonly number[], operand: DType, result: DType): number {
    const evaluate = meaning(op, operand, result);
    const constants = args.map((a) => this.constantAt(a));
    const [a = NaN, b = NaN, c = NaN] = constants;
    if (constants.every((value) => value !== undefined)) return this.constant(evaluate(a, b, c));
    return this.add(`${op} ${operand} ${result} ${args.join()}`, { kind: 'apply', op, args, evaluate });
  }

  /** The position of the element of a table that an instruction names; `outside` where there is none. */
  lookUp(table: Table, index: number, outside: number): number {
    const known = this.constantAt(index);
    if (known !== undefined) return this.constant(elementOf(table, known, outside));
    return this.add(`look-up ${table.key} ${index} ${outside}`, { kind: 'look-up', table, index, outside });
  }

  /** The number at a position, if a constant stands there. */
  constantAt(index: number): number | undefined {
    const instruction = this.instructions[index];
    return instruction?.kind === 'constant' ? instruction.value : undefined;
  }

  /** All values, given those of the inputs and variables. The array is reused by the next evaluation. */
  evaluate(input: (position: number) => number, variable: (variable: Variable) => number): Float64Array {
    if (this.values.length !== this.instructions.length) this.values = new Float64Array(this.instructions.length);
    const { values } = this;
    for (let k = 0; k < this.instructions.length; k++) {
      const instruction = this.instructions[k];
      switch (instruction?.kind) {
        case 'constant':
          values[k] = instruction.value;
          break;
        case 'input':
          values[k] = input(instruction.position);
          break;
        case 'variable':
          values[k] = variable(instruction.variable);
          break;
        case 'look-up':
          values[k] = elementOf(instruction.table, operandOf(values, instruction.index), instruction.outside);
          break;
        case 'apply': {
          const { args, evaluate } = instruction;
          values[k] = evaluate(operandOf(values, args[0]), operandOf(values, args[1]), operandOf(values, args[2]));
          break;
        }
        case undefined:
          break;
      }
    }
    return values;
  }

  /** An instruction as text, such as `mul(learningRate, sqrt(sub(1, pow(0.999, t))))`; `...` stands for what is deeper. */
  describe(index: number, depth = 8): string {
    const instruction = this.instructions[index];
    switch (instruction?.kind) {
      case 'constant':
        // Most constants hold float32; those that do not have digits of their own.
        return formatNumber(instruction.value, 'float32');
      case 'input':
        return this.inputs[instruction.position] ?? `input ${instruction.position}`;
      case 'variable':
        return instruction.variable.name;
      case 'look-up':
        return depth === 0 ? '...' : `constant[${this.describe(instruction.index, depth - 1)}]`;
      case 'apply':
        return depth === 0 ? '...' : `${instruction.op}(${instruction.args.map((a) => this.describe(a, depth - 1)).join(', ')})`;
      case undefined:
        return '';
    }
  }

  private add(key: string, instruction: Instruction): number {
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    this.known.set(key, this.instructions.length);
    return this.instructions.push(instruction) - 1;
  }
}

function elementOf({ data, count, position }: Table, index: number, outside: number): number {
  return index >= 0 && index < count ? itemAt(data, position(index), 'element') : outside;
}

/** A value that an operation is given; what it does not take is no number. */
function operandOf(values: Float64Array, position: number | undefined): number {
  return position === undefined ? NaN : itemAt(values, position, 'scalar');
}
