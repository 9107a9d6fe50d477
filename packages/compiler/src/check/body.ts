/** The rules for the code of one element: operands, dtypes, and where it reaches. */
import { type DType } from '@pappus/core';
import { domainOf, type ElementwiseOp, inDomain, isBinary, isUnary, resultDType } from '@pappus/core/backend';
import type { Affine } from '../kernels/affine.js';
import type { HostProgram } from '../lower/host.js';
import type { Access, Body, Buffer, Instruction } from '../kernels/kernel.js';
import type { ProgramRule } from './rules.js';

export type Complain = (rule: ProgramRule, what: string) => void;

/** The dtype of an earlier instruction. */
type DTypeAt = (position: number) => DType | undefined;

/** What is around a body. */
export interface Surroundings {
  readonly extents: readonly number[];
  /** Dtypes of what the kernel gives to the body, by number. */
  readonly results: readonly DType[];
  /** Dtypes of the scalars that each segment has of its own. Default: there are none. */
  readonly parameters?: readonly DType[];
  readonly host: HostProgram | undefined;
  /** Whether the nest has one element, so that strides mean nothing. */
  readonly anyAxes?: boolean;
  /** The buffer that a segment has in the place of one of the code. */
  readonly standsFor?: (buffer: Buffer) => Buffer;
}

export function checkBody({ instructions, stores }: Body, around: Surroundings, complain: Complain): void {
  const runs = around.extents.every((n) => n > 0);
  for (const [k, instruction] of instructions.entries()) {
    const where = `instruction ${k}`;
    checkInstruction(instruction, (at) => (at < k ? instructions[at]?.dtype : undefined), where, around, complain);
    if (instruction.kind === 'load' && runs) checkReach(instruction.access, 0, where, around, complain);
    if (instruction.kind === 'gather' && runs && instruction.count > 0) checkReach(instruction.access, instruction.stride * (instruction.count - 1), where, around, complain);
  }
  for (const [k, { access, value }] of stores.entries()) {
    const stored = instructions[value];
    checkAxes(access, `store ${k}`, around, complain);
    if (stored === undefined) complain('operands', `store ${k} writes instruction ${value}, and there are ${instructions.length}`);
    else if (stored.dtype !== access.buffer.dtype) complain('dtypes', `store ${k} writes ${stored.dtype} to ${access.buffer.name}, which is ${access.buffer.dtype}`);
    if (runs) checkReach(access, 0, `store ${k}`, around, complain);
  }
}

function checkInstruction(i: Instruction, earlier: DTypeAt, where: string, around: Surroundings, complain: Complain): void {
  switch (i.kind) {
    case 'load':
      checkAxes(i.access, where, around, complain);
      if (i.dtype !== i.access.buffer.dtype) complain('dtypes', `${where} loads ${i.dtype} from ${i.access.buffer.name}, which is ${i.access.buffer.dtype}`);
      break;
    case 'gather':
      checkAxes(i.access, where, around, complain);
      if (i.dtype !== i.access.buffer.dtype) complain('dtypes', `${where} gathers ${i.dtype} from ${i.access.buffer.name}, which is ${i.access.buffer.dtype}`);
      if (earlier(i.index) !== 'int32') complain('operands', `${where} gathers by instruction ${i.index}, which is no int32 before it`);
      break;
    case 'uniform':
      if (around.host !== undefined && around.host.instructions[i.index] === undefined) complain('uniforms', `${where} reads scalar ${i.index} of the host, which has ${around.host.instructions.length}`);
      break;
    case 'parameter':
      if (around.parameters?.[i.index] !== i.dtype) complain('segments', `${where} is parameter ${i.index} of ${i.dtype}; a segment has [${(around.parameters ?? []).join(', ')}]`);
      break;
    case 'index':
      checkAxes(i.value, where, around, complain);
      break;
    case 'result':
      if (around.results[i.index] !== i.dtype) complain('results', `${where} is result ${i.index} of ${i.dtype}; the kernel gives [${around.results.join(', ')}]`);
      break;
    case 'apply':
      checkApply(i, earlier, where, complain);
      break;
    case 'constant':
      break;
  }
}

function checkApply({ op, args, operand, dtype }: Extract<Instruction, { kind: 'apply' }>, earlier: DTypeAt, where: string, complain: Complain): void {
  const given = args.map(earlier);
  const wanted = operandDTypes(op, operand);
  const complaint = (): string => `${where}, ${op} of ${operand} to ${dtype}, is given [${given.map((d, k) => `${String(args[k])}: ${d ?? 'no instruction before it'}`).join(', ')}]`;
  if (given.length !== wanted.length || wanted.some((d, k) => given[k] !== d)) complain('operands', complaint());
  if (op === 'cast') return;
  if (op === 'where') {
    if (dtype !== operand) complain('operands', complaint());
  } else if (!inDomain(domainOf(op), operand) || resultDType(op, operand) !== dtype) {
    complain('operands', complaint());
  }
}

function operandDTypes(op: ElementwiseOp, operand: DType): readonly DType[] {
  if (op === 'where') return ['bool', operand, operand];
  if (op === 'cast' || isUnary(op)) return [operand];
  return isBinary(op) ? [operand, operand] : [];
}

function checkAxes({ strides }: Affine, where: string, { extents, anyAxes }: Surroundings, complain: Complain): void {
  if (anyAxes !== true && strides.length !== extents.length) complain('axes', `${where} has ${strides.length} strides in a nest of ${extents.length} axes`);
}

/** @param further elements that a gather may add */
function checkReach(access: Access, further: number, where: string, { extents, standsFor }: Surroundings, complain: Complain): void {
  const { least, most } = reach(access, extents);
  const { name, size } = standsFor?.(access.buffer) ?? access.buffer;
  const [first, last] = [least + Math.min(0, further), most + Math.max(0, further)];
  if (first < 0 || last >= size) complain('bounds', `${where} reaches elements ${first} to ${last} of ${name}, which has ${size}`);
}

/** The least and the greatest value over a nest that has elements. */
export function reach({ offset, strides }: Affine, extents: readonly number[]): { readonly least: number; readonly most: number } {
  let [least, most] = [offset, offset];
  for (const [axis, stride] of strides.entries()) {
    const far = stride * ((extents[axis] ?? 1) - 1);
    least += Math.min(0, far);
    most += Math.max(0, far);
  }
  return { least, most };
}

/** Whether no two elements of a nest are at one place: each stride passes over all that the smaller ones reach. */
export function isInjective({ strides }: Affine, extents: readonly number[]): boolean {
  const axes = strides.flatMap((stride, axis) => ((extents[axis] ?? 1) > 1 ? [{ stride: Math.abs(stride), extent: extents[axis] ?? 1 }] : []));
  let passed = 0;
  for (const { stride, extent } of axes.sort((a, b) => a.stride - b.stride)) {
    if (stride <= passed) return false;
    passed += stride * (extent - 1);
  }
  return true;
}
