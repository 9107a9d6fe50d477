/** How a product is blocked: the sizes of what is packed at once, and in which order its axes are run through. */
import { extentAlong, type MatmulKernel, readAccesses } from '@pappus/compiler';
import { BYTES_PER_ELEMENT, sizeOf } from '@pappus/core/backend';
import { LOWEST_OPERAND, tile, type Tile } from '../matmul/index.js';
import { matmulType } from './matmul-type.js';

/** A packed block of rows stays in the second cache. */
const BLOCK_BYTES = 192 * 1024;
/** A left operand up to this size that many products of a batch share is packed once for all of them. */
const SHARED_BYTES = 768 * 1024;
/** Steps of the depth that are packed at once; more are summed in parts. */
const DEPTH = 1024;

/** A part of the depth that is packed at once: single indices of the axes before `axis`, `count` of it, all of those behind. */
export interface DepthPart {
  readonly axis: number;
  readonly count: number;
}

export interface MatmulPlan {
  readonly tile: Tile;
  /** m, n, k: the sizes of all rows, columns and steps of the depth. */
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly part: DepthPart;
  /** Whether the depth is one part. */
  readonly whole: boolean;
  readonly blockRows: number;
  /** Batch axes in the order of their loops, those of which the left operand depends first. */
  readonly batchOrder: readonly number[];
  /** How many of them are around the packing of the left operand, where it is packed for the loops within; else undefined. */
  readonly sharedLevel: number | undefined;
  /** Scratch bytes: the packed rows, then the packed right operand. */
  readonly leftBytes: number;
  readonly bytes: number;
}

export function planMatmul(kernel: MatmulKernel, relaxed: boolean): MatmulPlan {
  const [m, n, k] = [sizeOf(kernel.rows), sizeOf(kernel.columns), sizeOf(kernel.depth)];
  const sizes = tile(matmulType(kernel), relaxed);
  const size = BYTES_PER_ELEMENT[kernel.dtype];
  const part = partOf(kernel.depth);
  const steps = part.count * sizeOf(kernel.depth.slice(part.axis + 1));
  const panelBytes = Math.max(1, sizes.rows * steps * size);
  const allPanels = Math.max(1, Math.ceil(m / sizes.rows));
  const depends = (axis: number): boolean => readAccesses(kernel.left).some((a) => a.strides[axis] !== 0) || kernel.left.instructions.some((i) => i.kind === 'index' && i.value.strides[axis] !== 0);
  const axes = kernel.batch.map((_, axis) => axis);
  const [own, free] = [axes.filter(depends), axes.filter((axis) => !depends(axis))];
  const whole = steps === k;
  const shared = whole && free.length > 0 && allPanels * panelBytes <= SHARED_BYTES;
  const panels = shared ? allPanels : Math.max(1, Math.min(24, Math.floor(BLOCK_BYTES / panelBytes), allPanels));
  const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;
  const leftBytes = align(LOWEST_OPERAND + panels * panelBytes);
  const rightBytes = align(LOWEST_OPERAND + Math.ceil(n / sizes.columns) * sizes.columns * steps * size);
  return {
    tile: sizes, m, n, k, part, whole, blockRows: panels * sizes.rows,
    batchOrder: [...own, ...free], sharedLevel: shared ? own.length : undefined, leftBytes, bytes: leftBytes + rightBytes,
  };
}

/** As many steps as `DEPTH` allows, in parts of one size where the axis can be cut so. */
function partOf(depth: readonly number[]): DepthPart {
  let axis = depth.length - 1;
  let within = 1;
  while (axis > 0 && within * extentAlong(depth, axis) <= DEPTH) within *= extentAlong(depth, axis--);
  const extent = extentAlong(depth, axis);
  const most = Math.max(1, Math.floor(DEPTH / Math.max(1, within)));
  if (extent <= most) return { axis, count: extent };
  const even = Math.ceil(extent / Math.ceil(extent / most));
  const divisor = Array.from({ length: Math.floor(even / 2) }, (_, d) => even - d).find((count) => extent % count === 0);
  return { axis, count: divisor ?? even };
}
