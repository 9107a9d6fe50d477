/** Inputs: tensors that every call of a compiled function is given. */
import { construct } from './construct.js';
import type { DType } from './dtype.js';
import type { Expr } from './expr.js';
import { type ShapeLike, toShape } from './shape.js';

let nextId = 0;

/**
 * A tensor that each call gives. A named dimension stays open: its size is that of the values given.
 *
 * @param name for messages; the key in `compile`'s `inputs` names it too
 * @example const images = input('float32', ['batch', 784]);
 */
export function input(dtype: DType, shape: ShapeLike = [], name?: string): Expr {
  return construct({ kind: 'input', id: nextId++, name }, [], toShape(shape), dtype);
}
