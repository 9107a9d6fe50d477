/**
 * Matrix products: a workgroup computes a tile of the result from tiles of both operands in shared memory, an invocation a block of it
 * in registers. What is fused before runs where tiles are filled, what is fused after where results are written. Where tiles are few
 * and the sums long, workgroups share a tile: each takes a part of the depth, and a second kernel adds what they have.
 */
import type { Buffer, MatmulKernel } from '@pappus/compiler';
import { operandFunction, partFunction, resultFunction } from './matmul/functions.js';
import { type MatmulShape, resultsOf, size } from './matmul/shape.js';
import { emitPartSums, emitSingle } from './matmul/single.js';
import { emitTiled } from './matmul/tiled.js';
import { type Bindings, Shader, type ShaderText } from './shader.js';

/** What a product is rendered from. */
export interface MatmulSource {
  readonly kernel: MatmulKernel;
  readonly shape: MatmulShape;
  /** The tensors that the kernel is bound to, in its order. */
  readonly operands: readonly Buffer[];
}

/**
 * All of a product, or where it is computed in parts, the sums of each.
 *
 * @param end where sums of parts go; otherwise whether the plain product is read later
 */
export function emitMatmul({ kernel, shape, operands }: MatmulSource, bindings: Bindings, end: Buffer | { readonly keepProduct: boolean }): ShaderText {
  const shader = new Shader(bindings, operands, 1, resultsOf(kernel) * size(kernel.depth));
  shader.declare(operandFunction(shader, 'leftAt', kernel, 'left'));
  shader.declare(operandFunction(shader, 'rightAt', kernel, 'right'));
  shader.declare('keepProduct' in end ? resultFunction(shader, kernel, end.keepProduct) : partFunction(shader, kernel, end));
  return shape.tile === undefined ? emitSingle(shader, kernel) : emitTiled(shader, kernel, shape.tile, shape);
}

/** The end of a product that was computed in parts. */
export function emitMatmulEnd({ kernel, shape, operands }: MatmulSource, bindings: Bindings, sums: Buffer, keepProduct: boolean): ShaderText {
  const shader = new Shader(bindings, operands, 1, resultsOf(kernel) * shape.parts);
  shader.declare(resultFunction(shader, kernel, keepProduct));
  return emitPartSums(shader, kernel, sums, shape.parts);
}
