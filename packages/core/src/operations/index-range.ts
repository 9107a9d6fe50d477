/** What an index along an axis may be: how it is counted, and which are in range. */
import { construct, scalar, size } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import type { Dimension } from '../graph/dimension.js';
import { DTypeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { checkOptions, option, type OptionTable } from '../arguments/options.js';
import { add, clip, lt, mod, sub, where } from './elementwise.js';
import { broadcastTo } from './movement.js';
import { requireTensor } from './operand-checks.js';

/** What an index means that is not from 0 to size - 1. */
export interface IndexOptions {
  /**
   * `'fill'`, the default: it reads NaN (of int32 the least number, -2147483648; of bool false), and adds nothing. `'clamp'`: below 0 it
   * is the first, beyond the end the last. `'wrap'`: it is taken modulo the size, so that -1 is the last.
   */
  readonly mode?: 'fill' | 'clamp' | 'wrap';
  /** Whether indices below 0 count from the end, -1 being the last, before `mode` is looked at. Default false. */
  readonly fromEnd?: boolean;
}

/** What those options take. */
export const INDEX_OPTIONS = { mode: ['fill', 'clamp', 'wrap'], fromEnd: option.flag } as const satisfies OptionTable<IndexOptions>;

/**
 * Indices from 0 to size - 1 wherever the options give one such a meaning.
 *
 * @throws {DTypeError} if the indices are not int32
 * @throws {InputError} if a mode or `fromEnd` is none
 */
export function resolveIndices(operation: string, indices: Expr, extent: Dimension, options: IndexOptions | undefined): Expr {
  requireTensor(operation, indices, 'the indices');
  if (indices.dtype !== 'int32') {
    throw new DTypeError(`${operation}: the indices ${describe(indices)} are ${indices.dtype}, not int32; cast them with .cast('int32')`);
  }
  const { mode = 'fill', fromEnd = false } = checkOptions(operation, options, INDEX_OPTIONS);
  const count = size(extent, 'int32');
  if (mode === 'wrap') return mod(indices, count);
  const counted = fromEnd ? where(lt(indices, 0), add(indices, count), indices) : indices;
  return mode === 'clamp' ? clip(counted, 0, sub(count, 1)) : counted;
}

/** bool: whether each index is from 0 to extent - 1. Who asks has its indices checked like one who reads by them. */
export function inRange(operation: string, indices: Expr, extent: Dimension): Expr {
  const all = broadcastTo(scalar(1, 'bool'), [extent]);
  return construct({ kind: 'gather', axis: 0, outside: 'missing', operation }, [all, indices], indices.shape, 'bool');
}
