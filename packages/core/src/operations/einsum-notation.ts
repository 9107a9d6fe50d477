/** Reading the subscripts of einsum: letters to labels, `...` to labels that nobody can write. */
import { describe } from '../graph/describe.js';
import type { Dimension } from '../graph/dimension.js';
import { GraphError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { squeeze } from './movement.js';

/** An operand with a label for each axis; axes with one label have one size. */
export interface Term {
  readonly expr: Expr;
  readonly labels: readonly string[];
}

/**
 * The operands with their labels, and the labels of the result.
 *
 * @throws {GraphError} if the subscripts cannot be read, or do not fit the number of operands
 * @throws {ShapeError} if they do not fit the ranks, or one letter's axes differ in size
 */
export function parseEinsum(subscripts: string, operands: readonly Expr[]): { readonly terms: readonly Term[]; readonly output: readonly string[] } {
  const compact = subscripts.replace(/\s/g, '');
  if (!/^([A-Za-z,]|\.{3})*(->([A-Za-z]|\.{3})*)?$/.test(compact)) {
    throw new GraphError(`einsum: '${subscripts}' is no list of subscripts; write them as in 'ij,jk->ik'`);
  }
  const [left = '', right] = compact.split('->');
  const inputs = left.split(',');
  if (inputs.length !== operands.length) {
    throw new GraphError(`einsum: '${subscripts}' has subscripts for ${inputs.length} operands, and ${operands.length} are given`);
  }
  const given = inputs.flatMap((text, k) => (operands[k] === undefined ? [] : [labelled(text, operands[k], subscripts)]));
  const terms = withoutBroadcast(given);
  checkSizes(terms, subscripts);
  const all = given.flatMap((term) => term.labels);
  const covered = [...new Set(all.filter(isCovered))].sort((a, b) => Number(b) - Number(a));
  const output = right === undefined ? [...covered, ...all.filter((label) => !isCovered(label) && all.indexOf(label) === all.lastIndexOf(label)).sort()] : lettersOf(right, subscripts, covered);
  for (const [k, label] of output.entries()) {
    if (output.indexOf(label) !== k) throw new GraphError(`einsum: '${subscripts}' names '${label}' twice in the result`);
    if (!all.includes(label)) throw new GraphError(`einsum: '${subscripts}' names '${label}' in the result, and no operand has it`);
  }
  return { terms, output };
}

/** The labels of what `...` stands for are numbers: how far each axis is from the last of them. */
function isCovered(label: string): boolean {
  return /^\d+$/.test(label);
}

/** The letters of a term, with `covered` for its ellipsis. */
function lettersOf(text: string, subscripts: string, covered: readonly string[]): string[] {
  const [before = '', after, ...more] = text.split('...');
  if (more.length > 0) throw new GraphError(`einsum: a term of '${subscripts}' has more than one '...'`);
  return [...Array.from(before), ...(after === undefined ? [] : [...covered, ...Array.from(after)])];
}

function labelled(text: string, expr: Expr, subscripts: string): Term {
  const count = expr.rank - lettersOf(text, subscripts, []).length;
  if (count < 0 || (count > 0 && !text.includes('...'))) {
    throw new ShapeError(`einsum: '${text}' of '${subscripts}' does not fit the ${expr.rank} axes of ${describe(expr)}`);
  }
  return { expr, labels: lettersOf(text, subscripts, Array.from({ length: count }, (_, k) => String(count - 1 - k))) };
}

/** Axes of size 1 under `...` that others stretch go: their element meets every one of the others. */
function withoutBroadcast(terms: readonly Term[]): readonly Term[] {
  const stretched = new Set(terms.flatMap(({ expr, labels }) => labels.filter((label, k) => isCovered(label) && expr.shape[k] !== 1)));
  return terms.map(({ expr, labels }) => {
    const gone = labels.flatMap((label, k) => (stretched.has(label) && expr.shape[k] === 1 ? [k] : []));
    return gone.length === 0 ? { expr, labels } : { expr: squeeze(expr, gone), labels: labels.filter((_, k) => !gone.includes(k)) };
  });
}

function checkSizes(terms: readonly Term[], subscripts: string): void {
  const seen = new Map<string, { readonly expr: Expr; readonly size: Dimension | undefined }>();
  for (const { expr, labels } of terms) {
    for (const [k, label] of labels.entries()) {
      const size = expr.shape[k];
      const other = seen.get(label);
      if (other !== undefined && other.size !== size) {
        const name = isCovered(label) ? "'...'" : `'${label}'`;
        throw new ShapeError(`einsum: ${name} of '${subscripts}' is ${String(other.size)} in ${describe(other.expr)} and ${String(size)} in ${describe(expr)}`);
      }
      seen.set(label, { expr, size });
    }
  }
}
