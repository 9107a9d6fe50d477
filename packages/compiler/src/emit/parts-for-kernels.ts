/** The parts of a reduction of many tensors, shared out among kernels whose code stays small. */
import { instructionCode } from '../choose/body-size.js';
import type { ReducePart } from '../kernels/kernel.js';

/** Parts of a reduction for one kernel each, in their order. */
export function partsForKernels(parts: readonly ReducePart[], largestBody: number): ReducePart[][] {
  const groups: ReducePart[][] = [];
  let size = Infinity;
  for (const part of parts) {
    const code = part.body.instructions.reduce((sum, i) => sum + instructionCode(i), 0);
    size += code;
    if (size <= largestBody) groups.at(-1)?.push(part);
    else [size] = [code, groups.push([part])];
  }
  return groups;
}
