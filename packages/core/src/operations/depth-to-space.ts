/** Channels moved into blocks of pixels, and back: views in both of the orders that libraries have. */
import { describe } from '../graph/describe.js';
import { type Dimension, divideDimensions, multiplyDimensions } from '../graph/dimension.js';
import { ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { reshape, transpose } from './movement.js';
import { requireTensor, requireWhole } from './operand-checks.js';

/**
 * `[..., channels factor², height, width]` as `[..., channels, height factor, width factor]`: the channels that lie side by side are those of
 * one block of pixels: `out[c, y factor + i, x factor + j] = in[(c factor + i) factor + j, y, x]`. As PyTorch's pixel_shuffle, and ONNX's
 * DepthToSpace in mode CRD. Shi et al. (2016), arXiv:1609.05158.
 *
 * @throws {ShapeError} if there are fewer than three axes, the channels do not divide, or the factor is no whole number of at least 1
 */
export function pixelShuffle(x: Expr, factor: number): Expr {
  return spread('pixelShuffle', x, factor, 'channelsFirst');
}

/** The inverse of `pixelShuffle`: `[..., channels, height, width]` as `[..., channels factor², height / factor, width / factor]`. As PyTorch's pixel_unshuffle. */
export function pixelUnshuffle(x: Expr, factor: number): Expr {
  return gathered('pixelUnshuffle', x, factor, 'channelsFirst');
}

/**
 * As `pixelShuffle` with the channels of one pixel of the block side by side: `out[c, y factor + i, x factor + j] =
 * in[(i factor + j) channels + c, y, x]`. As TensorFlow's depth_to_space of data format NCHW, and ONNX's DepthToSpace in mode DCR.
 */
export function depthToSpace(x: Expr, factor: number): Expr {
  return spread('depthToSpace', x, factor, 'blockFirst');
}

/** The inverse of `depthToSpace`. As TensorFlow's space_to_depth of data format NCHW. */
export function spaceToDepth(x: Expr, factor: number): Expr {
  return gathered('spaceToDepth', x, factor, 'blockFirst');
}

/** How the channels that become a block are counted: which of the channel and the place in the block counts slower. */
type Order = 'channelsFirst' | 'blockFirst';

/** Where channel, row and column in the block stand among the axes `[c, i, j]` or `[i, j, c]`. */
const PLACES = { channelsFirst: [0, 1, 2], blockFirst: [2, 0, 1] } as const;

function spread(operation: string, x: Expr, factor: number, order: Order): Expr {
  const { before, channels, height, width } = axesOf(operation, x, factor);
  const left = divideDimensions(channels, factor * factor);
  if (left === undefined) throw new ShapeError(`${operation}: the ${String(channels)} channels of ${describe(x)} do not divide into blocks of ${factor} times ${factor}`);
  const at = before.length;
  const [c, i, j] = PLACES[order].map((place) => at + place);
  const apart = reshape(x, [...before, ...(order === 'channelsFirst' ? [left, factor, factor] : [factor, factor, left]), height, width]);
  const moved = transpose(apart, [...before.keys(), c ?? 0, at + 3, i ?? 0, at + 4, j ?? 0]);
  return reshape(moved, [...before, left, multiplyDimensions(height, factor), multiplyDimensions(width, factor)]);
}

function gathered(operation: string, x: Expr, factor: number, order: Order): Expr {
  const { before, channels, height, width } = axesOf(operation, x, factor);
  const [rows, columns] = [divideDimensions(height, factor), divideDimensions(width, factor)];
  if (rows === undefined || columns === undefined) throw new ShapeError(`${operation}: height and width of ${describe(x)} do not divide into blocks of ${factor} times ${factor}`);
  const at = before.length;
  const apart = reshape(x, [...before, channels, rows, factor, columns, factor]);
  const block = [at + 2, at + 4];
  const moved = transpose(apart, [...before.keys(), ...(order === 'channelsFirst' ? [at, ...block] : [...block, at]), at + 1, at + 3]);
  return reshape(moved, [...before, multiplyDimensions(channels, factor * factor), rows, columns]);
}

function axesOf(operation: string, x: Expr, factor: number): { before: readonly Dimension[]; channels: Dimension; height: Dimension; width: Dimension } {
  requireTensor(operation, x);
  requireWhole(operation, factor, 'the factor', 1);
  const [channels, height, width] = x.shape.slice(-3);
  if (channels === undefined || height === undefined || width === undefined) throw new ShapeError(`${operation}: ${describe(x)} should have at least 3 dimensions: channels, height and width`);
  return { before: x.shape.slice(0, -3), channels, height, width };
}
