/**
 * Sums of many full reductions as one: in the graph they are added one to the next, and a sum that is used for nothing but a longer one is no
 * tensor of its own.
 */
import type { Tensor } from '../lower/tensor.js';

/** The totals that are parts of another and nothing else. */
export function absorbedTotals(order: readonly Tensor[], roots: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const uses = new Map<Tensor, number>();
  for (const { op, args } of order) {
    for (const arg of args) {
      if (arg.op.kind !== 'total') continue;
      const alone = op.kind === 'total' && op.op === arg.op.op && !roots.has(arg);
      uses.set(arg, (uses.get(arg) ?? 0) + (alone ? 1 : 2));
    }
  }
  return new Set([...uses].flatMap(([total, count]) => (count === 1 ? [total] : [])));
}

/** What a total reduces, in the order in which it was written. */
export function partsOfTotal(total: Tensor, absorbed: ReadonlySet<Tensor>): Tensor[] {
  const parts: Tensor[] = [];
  const stack = [...total.args].reverse();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (!absorbed.has(next)) {
      parts.push(next);
      continue;
    }
    for (let k = next.args.length - 1; k >= 0; k--) {
      const arg = next.args[k];
      if (arg !== undefined) stack.push(arg);
    }
  }
  return parts;
}
