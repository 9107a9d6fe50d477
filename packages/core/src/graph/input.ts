/** Inputs: tensors that every call of a compiled function is given. */
import { construct } from './construct.js';
import { checkDType, type DType } from './dtype.js';
import { InputError } from '../errors.js';
import type { Expr } from './expr.js';
import { type ShapeLike, toShape } from './shape.js';
import { show } from '../arguments/show.js';

let nextId = 0;

/**
 * A tensor that each call gives. A named dimension stays open: its size is that of the values given.
 *
 * @throws {DTypeError} if there is no such dtype
 * @throws {ShapeError} if the shape is none
 * @param name for messages; the key in `compile`'s `inputs` names it too
 * @example const images = input('float32', ['batch', 784]);
 */
export function input(dtype: DType, shape: ShapeLike = [], name?: string): Expr {
  checkDType(dtype, 'input');
  if (name !== undefined && typeof name !== 'string') throw new InputError(`input: the name must be a text, not ${show(name)}`);
  return construct({ kind: 'input', id: nextId++, name }, [], toShape(shape, 'input'), dtype);
}
