/** Arrays of routines as matrices, and loops that are written out. */
import { GraphError } from '../../errors.js';
import type { MatrixRef, RoutineBuilder } from '../../routines/builder.js';
import type { ItemArray } from '../../routines/routine.js';

/** How many rows are computed at once: what is summed stays in registers, and what all of them read is read once. */
export const ROWS = 4;

/** An array of two axes as a matrix. */
export function matrixOf(b: RoutineBuilder, array: ItemArray): MatrixRef {
  const [rows, columns] = array.shape;
  if (rows === undefined || columns === undefined) throw new GraphError(`a routine has an array of ${array.shape.length} axes where there is a matrix`);
  return b.matrix(array, rows, columns);
}

/** The numbers from 0 to `count` - 1. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, k) => k);
}
