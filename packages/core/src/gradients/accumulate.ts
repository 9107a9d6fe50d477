/** The sum of what several uses of a tensor add to its cotangent. */
import { addDimensions, type Dimension } from '../dimension.js';
import type { Expr } from '../expr.js';
import { concat } from '../operations/movement.js';

/** Slices of a tensor that cover it add their cotangents side by side: those are joined, not padded with zeros and added. */
export function accumulate(contributions: readonly Expr[]): Expr | undefined {
  let rest = contributions;
  const joined: Expr[] = [];
  const [first] = contributions;
  for (let axis = 0; contributions.length > 1 && axis < (first?.rank ?? 0); axis++) {
    for (let cover = covering(rest, axis); cover.length > 1; cover = covering(rest, axis)) {
      const used = new Set(cover);
      joined.push(concat(cover.flatMap((pad) => pad.args), axis));
      rest = rest.filter((e) => !used.has(e));
    }
  }
  const [start, ...others] = [...joined, ...rest];
  return start === undefined ? undefined : others.reduce((sum, e) => sum.add(e), start);
}

/** Paddings whose operands lie one behind the other along an axis and fill it, in that order; none if there are no such. */
function covering(contributions: readonly Expr[], axis: number): readonly Expr[] {
  const candidates = contributions.filter((e) => isPart(e, axis));
  const cover: Expr[] = [];
  let end: Dimension = 0;
  while (candidates.length > 0 && end !== candidates[0]?.shape[axis]) {
    const next = candidates.find((e) => e.node.kind === 'pad' && e.node.starts[axis] === end && !cover.includes(e));
    if (next === undefined) return [];
    cover.push(next);
    end = addDimensions(end, next.args[0]?.shape[axis] ?? 0);
  }
  return cover;
}

/** Whether an expression is its operand with zeros before and behind it along one axis only. */
function isPart({ node, args: [a], shape }: Expr, axis: number): boolean {
  return node.kind === 'pad' && node.steps.every((step) => step === 1) && shape.every((size, k) => k === axis || a?.shape[k] === size);
}
