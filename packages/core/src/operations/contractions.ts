/** Products over any axes, as one matrix product each: outer, tensordot, einsum. */
import { iota } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { type Dimension, fits } from '../graph/dimension.js';
import { DTypeError, GraphError, InputError, ShapeError } from '../errors.js';
import type { Expr, Operand } from '../graph/expr.js';
import { asList, normalizeAxis } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { parseEinsum, type Term } from './einsum-notation.js';
import { eq, mul, where } from './elementwise.js';
import { reshape, transpose } from './movement.js';
import { pairOf, requireNumbers } from './operand-checks.js';
import { productNode } from './products.js';
import { sum } from './reductions.js';

/**
 * Every element of a times every element of b: `[...a.shape, ...b.shape]`, a matrix of two vectors.
 *
 * @throws {DTypeError} if the dtypes differ, or are bool
 */
export function outer(a: Operand, b: Operand): Expr {
  const [left, right] = pairOf('outer', a, b);
  return mul(reshape(left, [...left.shape, ...right.shape.map(() => 1)]), right);
}

/**
 * The sum of products over pairs of axes: the axes of a that are left, then those of b. NumPy's `tensordot`.
 *
 * @param axes how many of the last axes of a meet the first ones of b, 2 by default; or the axes of a and those of b, in pairs
 * @throws {ShapeError} if the pairs differ in size, or an axis is named twice
 * @throws {DTypeError} if the dtypes differ, or are bool
 * @example tensordot(images, kernel, [[1, 2], [0, 1]])
 */
export function tensordot(left: Operand, right: Operand, axes: number | readonly [a: readonly number[], b: readonly number[]] = 2): Expr {
  const [a, b] = pairOf('tensordot', left, right);
  if (typeof axes === 'number' && !(Number.isInteger(axes) && axes >= 0 && axes <= Math.min(a.rank, b.rank))) {
    throw new ShapeError(`tensordot: ${describe(a)} and ${describe(b)} have no ${show(axes)} axes in common`);
  }
  const count = (n: number, from: number): number[] => Array.from({ length: n }, (_, k) => from + k);
  const [axesOfA, axesOfB] = typeof axes === 'number' ? [count(axes, a.rank - axes), count(axes, 0)] : asList(axes, 'tensordot', 'the axes');
  const positions = (list: readonly number[] | undefined, rank: number): number[] =>
    Array.from(asList(list ?? [], 'tensordot', 'the axes of an operand'), (axis) => normalizeAxis(axis, rank, 'tensordot'));
  const [ofA, ofB] = [positions(axesOfA, a.rank), positions(axesOfB, b.rank)];
  if (ofA.length !== ofB.length || new Set(ofA).size !== ofA.length || new Set(ofB).size !== ofB.length) {
    throw new ShapeError(`tensordot: the axes [${ofA.join(', ')}] and [${ofB.join(', ')}] should be pairs, each axis once`);
  }
  // Labels are whatever is unique: positions, those of b counted on from a's.
  const labelsA = count(a.rank, 0).map(String);
  const labelsB = count(b.rank, 0).map((axis) => labelsA[ofA[ofB.indexOf(axis)] ?? -1] ?? String(a.rank + axis));
  const kept = [...labelsA.filter((_, k) => !ofA.includes(k)), ...labelsB.filter((_, k) => !ofB.includes(k))];
  return contract('tensordot', { expr: a, labels: labelsA }, { expr: b, labels: labelsB }, kept).expr;
}

/**
 * The sum of products that a subscript notation says, as NumPy's `einsum`: one letter an axis; a letter of several operands
 * pairs their axes; letters that the result does not have are summed over; a letter twice in one operand takes its
 * diagonal; `...` stands for axes that broadcast. Without `->`, the result has the letters that occur once, in the order
 * of the alphabet. Operands are taken from left to right, each pair as one matrix product.
 *
 * @throws {GraphError} if the subscripts cannot be read, or do not fit the number of operands
 * @throws {ShapeError} if the axes of a letter differ in size
 * @throws {DTypeError} if the dtypes differ, or are bool
 * @example einsum('bqhd,bkhd->bhqk', query, key)
 */
export function einsum(subscripts: string, ...operands: readonly Expr[]): Expr {
  const given: unknown = subscripts;
  if (typeof given !== 'string') throw new InputError(`einsum: the subscripts must be a text, as in 'ij,jk->ik', not ${show(given)}`);
  for (const operand of operands) requireNumbers('einsum', operand);
  const { terms, output } = parseEinsum(subscripts, operands);
  const needed = (label: string, from: number): boolean => output.includes(label) || terms.slice(from).some((t) => t.labels.includes(label));
  const [first, ...rest] = terms.map(diagonal);
  if (first === undefined) throw new GraphError('einsum: needs at least one operand');
  let result = first;
  for (const [k, term] of rest.entries()) {
    const kept = [...new Set([...result.labels, ...term.labels])].filter((label) => needed(label, k + 2));
    // The last product has the order of the result already, as far as a matrix product can.
    result = contract('einsum', result, term, k === rest.length - 1 ? output : kept);
  }
  return arrange(sumOut(result, (label) => !output.includes(label)), output);
}

/** One axis for each label: of axes with the same label, the diagonal. */
function diagonal({ expr, labels }: Term): Term {
  const repeated = labels.findIndex((label, k) => labels.indexOf(label) !== k);
  if (repeated < 0) return { expr, labels };
  const original = labels.indexOf(labels[repeated] ?? '');
  const onDiagonal = eq(iota(expr.shape, original), iota(expr.shape, repeated));
  return diagonal({ expr: sum(where(onDiagonal, expr, 0), repeated), labels: labels.filter((_, k) => k !== repeated) });
}

function sumOut({ expr, labels }: Term, gone: (label: string) => boolean): Term {
  const axes = labels.flatMap((label, k) => (gone(label) ? [k] : []));
  return axes.length === 0 ? { expr, labels } : { expr: sum(expr, axes), labels: labels.filter((label) => !gone(label)) };
}

/** The axes in the order of the labels. */
function arrange({ expr, labels }: Term, order: readonly string[]): Expr {
  return transpose(expr, order.map((label) => labels.indexOf(label)));
}

/** The product of two terms, with the labels that are kept, summed over the others, in the order of `kept` where that costs nothing. */
function contract(operation: string, a: Term, b: Term, kept: readonly string[]): Term {
  if (a.expr.dtype !== b.expr.dtype || a.expr.dtype === 'bool') {
    throw new DTypeError(`${operation}: ${describe(a.expr)} and ${describe(b.expr)} must have one dtype, and not bool; cast them with .cast(dtype)`);
  }
  const left = sumOut(a, (label) => !kept.includes(label) && !b.labels.includes(label));
  const right = sumOut(b, (label) => !kept.includes(label) && !a.labels.includes(label));
  const sizes = sizesOf(operation, [left, right]);
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = kept.filter((label) => shared.includes(label));
  const summed = shared.filter((label) => !kept.includes(label));
  const freeLeft = kept.filter((label) => left.labels.includes(label) && !shared.includes(label));
  const freeRight = kept.filter((label) => right.labels.includes(label) && !shared.includes(label));
  const extent = (labels: readonly string[]): Dimension[] => labels.map((label) => sizes.get(label) ?? 1);
  if (summed.length === 0 || freeLeft.length + freeRight.length === 0) return multiply(left, right, [...batch, ...freeLeft, ...freeRight], summed, extent);
  // Whichever's free axes come first in the result is the left matrix.
  const firstFree = kept.find((label) => freeLeft.includes(label) || freeRight.includes(label));
  const [rows, columns, freeRows, freeColumns] = firstFree === undefined || freeLeft.includes(firstFree) ? [left, right, freeLeft, freeRight] : [right, left, freeRight, freeLeft];
  const axes = { rows: freeRows.length, columns: freeColumns.length, depth: summed.length };
  const product = productNode(arrange(rows, [...batch, ...freeRows, ...summed]), arrange(columns, [...batch, ...summed, ...freeColumns]), axes);
  return { expr: product, labels: [...batch, ...freeRows, ...freeColumns] };
}

/** Element by element over the labels of both, then summed: what has no matrix in it. */
function multiply(a: Term, b: Term, kept: readonly string[], summed: readonly string[], extent: (labels: readonly string[]) => Dimension[]): Term {
  const all = [...kept, ...summed];
  const spread = (term: Term): Expr =>
    reshape(arrange(term, all.filter((label) => term.labels.includes(label))), all.map((label) => (term.labels.includes(label) ? (extent([label])[0] ?? 1) : 1)));
  return sumOut({ expr: mul(spread(a), spread(b)), labels: all }, (label) => summed.includes(label));
}

function sizesOf(operation: string, terms: readonly Term[]): ReadonlyMap<string, Dimension> {
  const sizes = new Map<string, Dimension>();
  for (const { expr, labels } of terms) {
    for (const [k, label] of labels.entries()) {
      const size = expr.shape[k] ?? 1;
      const known = sizes.get(label) ?? size;
      if (!fits(known, size)) {
        throw new ShapeError(`${operation}: paired axes of ${terms.map((t) => describe(t.expr)).join(' and ')} differ: ${String(known)} and ${String(size)}`);
      }
      sizes.set(label, size);
    }
  }
  return sizes;
}
