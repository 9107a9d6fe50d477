/** Scans as the interpreter runs them: one step after the other, all that is asked of a run together. */
import { bindDimension } from '../graph/dimension.js';
import type { Expr } from '../graph/expr.js';
import type { Scan, Projection } from '../graph/scan.js';
import { sizeOf } from '../graph/shape.js';
import { interpret, type Noise } from './interpreter.js';
import { type Dense, dense } from './tensor.js';

/** The values of projections of one run, given those of its operands. */
export function interpretScan(
  scan: Scan,
  projections: readonly Projection[],
  args: readonly Dense[],
  sizes: ReadonlyMap<string, number>,
  noise?: Noise,
): ReadonlyMap<Expr, Dense> {
  const length = bindDimension(scan.length, sizes);
  const results = new Map<Expr, Dense>();
  const stacks = projections.filter(({ node }) => node.result === 'stack');
  for (const stack of stacks) results.set(stack, dense(stack.shape.map((d) => bindDimension(d, sizes))));
  const inputs = args.slice(scan.carries.length, scan.carries.length + scan.inputs.length);
  const values = new Map<Expr, Dense>();
  for (const [k, constant] of scan.constants.entries()) give(values, constant, args[scan.carries.length + inputs.length + k]);
  for (const [k, carry] of scan.carries.entries()) give(values, carry, args[k]);
  for (let step = 0; step < length; step++) {
    const t = scan.reverse ? length - 1 - step : step;
    for (const [k, placeholder] of scan.inputs.entries()) give(values, placeholder, partOf(inputs[k], t));
    const computed = interpret([...scan.next, ...stacks.map(({ node }) => node.of)], (leaf) => values.get(leaf), sizes, noise);
    for (const [k, stack] of stacks.entries()) {
      const value = computed[scan.next.length + k];
      if (value !== undefined) results.get(stack)?.data.set(value.data, t * value.data.length);
    }
    for (const [k, carry] of scan.carries.entries()) give(values, carry, computed[k]);
  }
  for (const projection of projections) {
    if (projection.node.result === 'final') give(results, projection, values.get(projection.node.of));
  }
  return results;
}

function give(values: Map<Expr, Dense>, expr: Expr, value: Dense | undefined): void {
  if (value !== undefined) values.set(expr, value);
}

/** Part t along the first axis. */
function partOf(whole: Dense | undefined, t: number): Dense | undefined {
  if (whole === undefined) return undefined;
  const shape = whole.shape.slice(1);
  const size = sizeOf(shape);
  return { data: whole.data.subarray(t * size, (t + 1) * size), shape };
}
