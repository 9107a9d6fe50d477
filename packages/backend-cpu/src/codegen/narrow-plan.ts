/**
 * Which products are narrow: of a few rows or a few columns. Their large operand takes longer to pack than to multiply, so that it is read
 * where it is; the narrow one is packed.
 */
import { type Body, extentAlong, type Instruction, type MatmulKernel, strideAlong } from '@pappus/compiler';
import { elementOf } from '../matmul/element.js';
import { lanesOf } from './body-emitter.js';
import { matmulType } from './matmul-type.js';

/**
 * The most rows or columns of what is narrow, by where lanes lie: as many as are no slower than with both operands packed (measured on 1000 x 1000
 * and 1024 x 1024 float32; of one row it takes a quarter to a seventh of the time).
 */
export const MOST_NARROW = { items: 8, depth: 16 } as const;
/** Steps of the depth that are summed before the sum is added to the product. */
const DEPTH = 512;
/** Elements that stay in the first cache while the large operand passes by: sums, and what several groups of rows read of it. */
const CACHED = 4096;
/** Numbers of the packed operand that fit registers beside the sums, with lanes along the items. */
const IN_REGISTERS = 8;

/** How a narrow product is computed. Items are the rows or columns of the large operand. */
export interface NarrowPlan {
  /** The operand that is read where it is. */
  readonly large: 'left' | 'right';
  /** Which of its axes lies side by side in memory. */
  readonly lanesAlong: 'items' | 'depth';
  /** Rows or columns of the other operand. */
  readonly few: number;
  readonly items: number;
  readonly depth: number;
  /** Steps of the depth that are packed, and whose sums are added to the product at once. */
  readonly steps: number;
  /** Rows or columns of the narrow operand that are multiplied side by side. */
  readonly group: number;
  /** Steps of the depth that are added to the sums in one turn, with lanes along the items. */
  readonly unroll: number;
  /** Items that are summed at once, whole vectors; all of them with lanes along the depth. */
  readonly chunk: number;
  /** Bytes of the packed operand, and of the sums behind it. */
  readonly packedBytes: number;
  readonly sumsBytes: number;
}

/** The plan of a product that is narrow; undefined of others. */
export function planNarrow(kernel: MatmulKernel): NarrowPlan | undefined {
  const { rows, columns, depth } = kernel;
  if (rows.length !== 1 || columns.length !== 1 || depth.length !== 1) return undefined;
  const [m, n, k] = [extentAlong(rows, 0), extentAlong(columns, 0), extentAlong(depth, 0)];
  if (m * n * k === 0) return undefined;
  const few = Math.min(m, n);
  const large = m <= n ? 'right' : 'left';
  const body = kernel[large];
  const { lanes, bytes } = elementOf(matmulType(kernel), false);
  const [items, itemAxis, depthAxis] = large === 'right' ? [n, kernel.batch.length + 1, kernel.batch.length] : [m, kernel.batch.length, kernel.batch.length + 1];
  const lanesAlong = runsAlong(body, itemAxis) ? 'items' : runsAlong(body, depthAxis) ? 'depth' : undefined;
  if (lanesAlong === undefined || few > MOST_NARROW[lanesAlong]) return undefined;
  const group = Math.min(few, lanesAlong === 'items' ? 2 : 4);
  // What is fused before the product is computed for each group.
  if (lanesOf(body) !== lanes || (few > group && body.instructions.some(isWork))) return undefined;
  const unroll = IN_REGISTERS / group;
  const align = (size: number): number => Math.ceil(size / 64) * 64;
  const steps = Math.min(k, DEPTH);
  const whole = Math.ceil(items / lanes) * lanes;
  const chunk = lanesAlong === 'depth' ? items : Math.min(whole, Math.floor(CACHED / (few + (few > group ? unroll : 0)) / 64) * 64);
  return {
    large, lanesAlong, few, items, depth: k, steps, group, unroll, chunk,
    packedBytes: align(few * steps * bytes + 16),
    sumsBytes: lanesAlong === 'depth' ? 0 : align(few * chunk * bytes),
  };
}

/** What takes time for each element, beside reading it. */
function isWork(i: Instruction): boolean {
  return i.kind === 'apply' || i.kind === 'gather';
}

/** Whether all that a body reads along an axis lies side by side. */
function runsAlong({ instructions }: Body, axis: number): boolean {
  let some = false;
  for (const i of instructions) {
    if (i.kind !== 'load' && i.kind !== 'gather') continue;
    const stride = strideAlong(i.access.strides, axis);
    if (stride !== 0 && (stride !== 1 || i.kind === 'gather')) return false;
    some ||= stride === 1;
  }
  return some;
}
