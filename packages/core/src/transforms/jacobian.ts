/** All first derivatives of a tensor, and all second ones of a scalar: products with one-hot vectors, all of them in one batch. */
import { isExpr } from '../graph/brand.js';
import { scalar } from '../graph/construct.js';
import { type Dimension, productOfDimensions } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import { placeholder } from '../graph/scan.js';
import { cotangentsOf, gradients, noGradient } from '../gradients/grad.js';
import { checkOptions } from '../arguments/options.js';
import { eye } from '../operations/masks.js';
import { broadcastTo, reshape } from '../operations/movement.js';
import { batched, inBatch, moveAxis } from './batched.js';
import { floatsOf, requireDependence, tangentsOf } from './products.js';

/** Options of `jacobian`. */
export interface JacobianOptions {
  /**
   * `'reverse'`: one way back for each element of the output, as `torch.func.jacrev`; right where the output is smaller than the inputs.
   * `'forward'`: one way forth for each element of an input, as `jacfwd`. The derivatives are the same. Default `'reverse'`.
   */
  readonly mode?: 'reverse' | 'forward';
}

/**
 * The derivative of each element of the output by each of an input: `[...output.shape, ...input.shape]`, for each input. The products with the one-hot vectors
 * are one batch, so that a step computes all of them together, and has them in memory together: `vjp` and `jvp` are products with
 * the matrix that never make it. Sizes may be open.
 *
 * @param output an expression of any shape; of a scalar it is the gradient
 * @param inputs one, or a list: whatever `grad` takes, also inner expressions
 * @throws {GraphError} if no gradient flows from the output to an input, which the message names; forward, if the output does not depend on one
 * @throws {DTypeError} if the output or an input is not of a float dtype
 * @throws {InputError} if the mode is none
 * @example const j = jacobian(model, w); // [batch, classes] by [d, classes] is [batch, classes, d, classes]
 */
export function jacobian(output: Expr, inputs: Expr, options?: JacobianOptions): Expr;
export function jacobian<const T extends readonly Expr[]>(output: Expr, inputs: T, options?: JacobianOptions): { [K in keyof T]: Expr };
export function jacobian(output: Expr, inputs: Expr | readonly Expr[], options?: JacobianOptions): Expr | readonly Expr[] {
  const { mode = 'reverse' } = checkOptions('jacobian', options, { mode: ['reverse', 'forward'] });
  const wrt = floatsOf('jacobian', inputs);
  const blocks = floatsOf('jacobian', [output]).flatMap((result) => (mode === 'reverse' ? flowing(result, wrt, reverseBlocks(result, wrt)) : forwardBlocks(result, wrt)));
  return isExpr(inputs, 'jacobian') ? (blocks[0] ?? output) : blocks;
}

/**
 * The second derivatives of a scalar: of one parameter `[...shape, ...shape]`; of a list, in the row of each parameter a block by each of them,
 * `[...row.shape, ...column.shape]`. It is the Jacobian of the gradient in reverse, by one-hot vectors
 * in one batch; where no second derivative flows it is 0. For products with it, `hessianVectorProduct` makes no matrix.
 *
 * @param loss a scalar
 * @param params one, or a list: whatever `grad` takes
 * @throws {ShapeError|DTypeError|GraphError} as `grad`
 * @example const [[ww, wb], [bw, bb]] = hessian(loss, [w, b]);
 */
export function hessian(loss: Expr, params: Expr): Expr;
export function hessian<const T extends readonly Expr[]>(loss: Expr, params: T): { [K in keyof T]: { [L in keyof T]: Expr } };
export function hessian(loss: Expr, params: Expr | readonly Expr[]): Expr | readonly (readonly Expr[])[] {
  const wrt = floatsOf('hessian', params);
  const firsts = gradients(loss, wrt, 'hessian');
  // Measured beside the tangents of the gradient: as fast or faster, and in half the memory, since less of the gradient is batched.
  const rows = firsts.map((first) => reverseBlocks(first, wrt).map((block, k) => block ?? broadcastTo(scalar(0, wrt[k]?.dtype ?? first.dtype), [...first.shape, ...(wrt[k]?.shape ?? [])])));
  return isExpr(params, 'hessian') ? (rows[0]?.[0] ?? loss) : rows;
}

/** `[size, ...shape]`: the one-hot vectors of an expression, in its shape. */
function oneHots({ shape, dtype }: Expr): { readonly size: Dimension; readonly vectors: Expr } {
  const size = productOfDimensions(shape);
  return { size, vectors: reshape(eye(size, size, { dtype }), [size, ...shape]) };
}

/** The derivatives of the output by each input; undefined where none flows. */
function reverseBlocks(output: Expr, inputs: readonly Expr[]): readonly (Expr | undefined)[] {
  const cotangent = placeholder('cotangent', output.shape, output.dtype);
  const pulled = cotangentsOf([output], [cotangent], inputs);
  const { size, vectors } = oneHots(output);
  const found = batched(pulled.flatMap((g) => g ?? []), { mapped: new Map([[cotangent, vectors]]), size });
  return pulled.map((g) => (g === undefined ? undefined : reshape(inBatch(g, found, size), [...output.shape, ...g.shape])));
}

/** @throws {GraphError} if nothing flows to one of the inputs */
function flowing(output: Expr, inputs: readonly Expr[], blocks: readonly (Expr | undefined)[]): readonly Expr[] {
  return inputs.map((input, k) => {
    const block = blocks[k];
    if (block === undefined) throw noGradient('jacobian', [output], input, 'the output');
    return block;
  });
}

function forwardBlocks(output: Expr, inputs: readonly Expr[]): readonly Expr[] {
  for (const input of inputs) requireDependence('jacobian', [output], input);
  return inputs.flatMap((input) => forwardColumn([output], input));
}

/** The derivatives of each result by one input. */
function forwardColumn(results: readonly Expr[], input: Expr): readonly Expr[] {
  const tangent = placeholder('tangent', input.shape, input.dtype);
  const pushed = tangentsOf(results, [input], [tangent]);
  const { size, vectors } = oneHots(input);
  const found = batched(pushed, { mapped: new Map([[tangent, vectors]]), size });
  return results.map((result, k) => {
    const columns = inBatch(pushed[k] ?? result, found, size);
    return reshape(moveAxis(columns, 0, result.rank), [...result.shape, ...input.shape]);
  });
}
