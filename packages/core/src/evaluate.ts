/** The value of an expression by the interpreter: for tests, for small things, and as the definition. */
import { bindInputs, type InputValue } from './bind-inputs.js';
import { indexChecks, verifyIndices } from './check-indices.js';
import { checkSizes } from './check-sizes.js';
import { describe, topological } from './describe.js';
import { bindDimension } from './dimension.js';
import { GraphError } from './errors.js';
import type { Expr } from './expr.js';
import { interpreter } from './interpreter/backend.js';
import { interpret } from './interpreter/interpreter.js';
import type { Dense } from './interpreter/tensor.js';
import { Variable } from './variable.js';

/**
 * Evaluates an expression in float64 with the interpreter: `data` is a Float64Array in row-major order.
 *
 * @param given values of the inputs, by input
 * @example (await evaluate(x.square().sum(), [[x, [1, 2, 3]]])).data[0]; // 14
 */
export async function evaluate(expr: Expr, given: Iterable<readonly [Expr, InputValue]> = []): Promise<Dense> {
  const leaves = topological([expr]);
  const pairs = [...given];
  const inputs = pairs.map(([input], k) => ({ name: nameOf(input, k), expr: input }));
  const byName = Object.fromEntries(pairs.map(([, value], k) => [inputs[k]?.name ?? '', value]));
  for (const { expr: leaf } of inputs) {
    if (leaf.node.kind !== 'input') throw new GraphError(`evaluate: a value is given for ${describe(leaf)}, which is no input`);
  }
  const bound = bindInputs(inputs, byName, interpreter());
  checkSizes([expr], bound.sizes);
  const feeds = new Map<Expr, Dense>();
  for (const [k, { expr: input }] of inputs.entries()) {
    const value = bound.values[k];
    if (value === undefined || 'backend' in value) throw new GraphError(`evaluate: give values for ${input.toString()}, not an output`);
    feeds.set(input, { data: Float64Array.from(value), shape: input.shape.map((d) => bindDimension(d, bound.sizes)) });
  }
  for (const leaf of leaves) {
    if (leaf instanceof Variable) feeds.set(leaf, { data: Float64Array.from(await leaf.read()), shape: leaf.shape });
  }
  const values = (leaf: Expr): { name: string; values: ArrayLike<number> } | undefined => {
    const fed = feeds.get(leaf);
    return fed === undefined ? undefined : { name: describe(leaf), values: fed.data };
  };
  verifyIndices(indexChecks([expr]), values, bound.sizes);
  const [result] = interpret([expr], (leaf) => feeds.get(leaf), bound.sizes);
  if (result === undefined) throw new GraphError('evaluate: no value');
  return result;
}

function nameOf(input: Expr, k: number): string {
  return input.node.kind === 'input' && input.node.name !== undefined ? `${input.node.name}#${k}` : `input ${k}`;
}
