/**
 * What tensors are called in listings and errors: by the names of inputs, variables and outputs, by those that core gives, such as
 * `grad of w`, or by what computes them from what, such as `matmul of images and w`.
 */
import type { Tensor } from './tensor.js';
import { itemAt } from '../required.js';

/** The names that a computation gives. */
export interface GivenNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly variables: readonly string[];
  /** Of values between, and of what a scan hands to its step. */
  readonly values: ReadonlyMap<Tensor, string>;
}

export const NO_NAMES: GivenNames = { inputs: [], outputs: [], variables: [], values: new Map() };

/** Operands that a name lists; `...` stands for the others. */
const MOST_OPERANDS = 3;
/** Tensors that are looked at for them. */
const MOST_VISITED = 24;

/** The name of an input: its own, or with the word before it where a variable has that. */
export function inputName({ inputs, variables }: GivenNames, position: number): string {
  const name = inputs[position];
  if (name === undefined) return `input ${position}`;
  return variables.includes(name) ? `input ${name}` : name;
}

/** The name of an output: its own, or with the word before it where an input or a variable has that. */
export function outputName({ inputs, outputs, variables }: GivenNames, position: number): string {
  const name = outputs[position];
  if (name === undefined) return `output ${position}`;
  return variables.includes(name) || inputs.includes(name) ? `output ${name}` : name;
}

/** @param held what memory that holds a tensor is called, if it has any of its own */
export function tensorName(tensor: Tensor, given: GivenNames, held: (tensor: Tensor) => string | undefined): string {
  const own = given.values.get(tensor);
  if (own !== undefined) return own;
  const operands = operandWords(tensor, given, held);
  return operands.length === 0 ? what(tensor) : `${what(tensor)} of ${operands.length === 2 ? operands.join(' and ') : operands.join(', ')}`;
}

/** What a tensor is computed from, up to what has a name or memory of its own. */
function operandWords(tensor: Tensor, given: GivenNames, held: (tensor: Tensor) => string | undefined): string[] {
  const words = new Set<string>();
  const stack = [...tensor.args].reverse();
  let visited = 0;
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const word = leafName(next, given) ?? given.values.get(next) ?? (held(next) === undefined ? undefined : what(next));
    if (word !== undefined) words.add(word);
    if (words.size > MOST_OPERANDS || visited++ > MOST_VISITED) return [...[...words].slice(0, MOST_OPERANDS), '...'];
    if (word === undefined) stack.push(...[...next.args].reverse());
  }
  return [...words];
}

function leafName({ op }: Tensor, given: GivenNames): string | undefined {
  switch (op.kind) {
    case 'input':
      return inputName(given, op.position);
    case 'variable':
      return op.variable.name;
    case 'data':
      return 'constant';
    default:
      return undefined;
  }
}

/** What computes a tensor. */
function what({ op, args }: Tensor): string {
  switch (op.kind) {
    case 'elementwise':
      return op.op;
    case 'reduce': {
      const all = op.axes.length === itemAt(args, 0, 'operand').shape.length;
      return all ? op.op : `${op.op} over ${op.axes.length === 1 ? 'axis' : 'axes'} ${op.axes.join(', ')}`;
    }
    case 'total':
      return op.op;
    case 'scatter':
      return 'scatterAdd';
    case 'scan':
      return op.result === 'stack' ? `steps of ${what(op.of)}` : `last ${what(op.of)}`;
    default:
      return op.kind;
  }
}
