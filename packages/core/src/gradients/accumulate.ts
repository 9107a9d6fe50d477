/** The sum of what several uses of a tensor add to its cotangent. */
import { addDimensions, type Dimension } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import { concat } from '../operations/movement.js';

/** Slices of a tensor that cover it add their cotangents side by side: those are joined, not padded with zeros and added. */
export function accumulate(contributions: readonly Expr[]): Expr | undefined {
  let rest = contributions;
  const joined: Expr[] = [];
  const [first] = contributions;
  for (let axis = 0; contributions.length > 1 && axis < (first?.rank ?? 0); axis++) {
    const used = new Set<Expr>();
    for (const cover of coverings(rest, axis)) {
      joined.push(concat(cover.flatMap((pad) => pad.args), axis));
      for (const pad of cover) used.add(pad);
    }
    if (used.size > 0) rest = rest.filter((e) => !used.has(e));
  }
  const [start, ...others] = [...joined, ...rest];
  return start === undefined ? undefined : others.reduce((sum, e) => sum.add(e), start);
}

/** Lists of several paddings whose operands lie one behind the other along an axis and fill it, in that order. */
function coverings(contributions: readonly Expr[], axis: number): Expr[][] {
  const found: Expr[][] = [];
  /** Paddings by where their operand begins, the first one last. */
  const byStart = new Map<Dimension, Expr[]>();
  for (let k = contributions.length - 1; k >= 0; k--) {
    const e = contributions[k];
    if (e === undefined || e.node.kind !== 'pad' || !isPart(e, axis)) continue;
    const start = e.node.starts[axis] ?? 0;
    const list = byStart.get(start);
    if (list === undefined) byStart.set(start, [e]);
    else list.push(e);
  }
  const size = contributions[0]?.shape[axis];
  for (;;) {
    const cover: Expr[] = [];
    let end: Dimension = 0;
    while (end !== size) {
      const next = byStart.get(end)?.pop();
      if (next === undefined) return found;
      cover.push(next);
      end = addDimensions(end, next.args[0]?.shape[axis] ?? 0);
    }
    if (cover.length < 2) return found;
    found.push(cover);
  }
}

/** Whether an expression is its operand with zeros before and behind it along one axis only. */
function isPart({ node, args: [a], shape }: Expr, axis: number): boolean {
  return node.kind === 'pad' && node.steps.every((step) => step === 1) && shape.every((size, k) => k === axis || a?.shape[k] === size);
}
