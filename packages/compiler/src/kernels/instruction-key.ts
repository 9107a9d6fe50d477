/** Instructions and places as texts: equal ones have equal texts. */
import type { Affine } from './affine.js';
import type { Buffer, Instruction } from './kernel.js';

/** The text of an element's place. */
export function placeKey({ offset, strides }: Affine): string {
  return `${offset}+${strides.join()}`;
}

/**
 * The text of an instruction, operands by their positions.
 *
 * @param bufferKey how a buffer is told from others: by itself, or by its place in a list where code is compared that runs on other buffers
 */
export function instructionKey(i: Instruction, bufferKey: (buffer: Buffer) => string): string {
  switch (i.kind) {
    case 'load':
      return `load ${bufferKey(i.access.buffer)} ${placeKey(i.access)}`;
    case 'gather':
      return `gather ${bufferKey(i.access.buffer)} ${placeKey(i.access)} ${i.index} ${i.stride} ${i.count} ${i.outside}`;
    case 'constant':
      return `constant ${Object.is(i.value, -0) ? '-0' : i.value} ${i.dtype}`;
    case 'uniform':
    case 'parameter':
    case 'result':
      return `${i.kind} ${i.index} ${i.dtype}`;
    case 'index':
      return `index ${placeKey(i.value)}`;
    case 'apply':
      return `apply ${i.op} ${i.args.join()} ${i.operand} ${i.dtype}`;
  }
}
