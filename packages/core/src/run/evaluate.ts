/** The value of an expression by the interpreter: for tests, for small things, and as the definition. */
import { bindInputs, type InputValue } from './bind-inputs.js';
import { isExpr } from '../graph/brand.js';
import { indexChecks, verifyIndices } from './check-indices.js';
import { checkSizes } from '../graph/check-sizes.js';
import { describe, topological } from '../graph/describe.js';
import { bindDimension } from '../graph/dimension.js';
import { GraphError, InputError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { reading } from '../arguments/fields.js';
import { interpreter } from '../interpreter/backend.js';
import { interpret } from '../interpreter/interpreter.js';
import type { Dense } from '../interpreter/tensor.js';
import { show } from '../arguments/show.js';
import { Variable } from '../values/variable.js';

/**
 * Evaluates an expression in float64 with the interpreter: `data` is a Float64Array in row-major order.
 *
 * @param given values of the inputs, by input; variables have the values that they have when this is called
 * @throws {InputError|ShapeError|DTypeError} if the values are no pairs of an input and a value that fits it
 * @throws {GraphError} if it is no expression, or a value is missing
 * @example (await evaluate(x.square().sum(), [[x, [1, 2, 3]]])).data[0]; // 14
 */
export async function evaluate(expr: Expr, given: Iterable<readonly [Expr, InputValue]> = []): Promise<Dense> {
  if (!isExpr(expr, 'evaluate')) throw new GraphError(`evaluate: takes an expression, not ${show(expr)}`);
  const leaves = topological([expr]);
  const pairs = reading('evaluate: the values', InputError, () => checkedPairs(given));
  const inputs = pairs.map(([input], k) => ({ name: nameOf(input, k), expr: input }));
  const byName = Object.fromEntries(pairs.map(([, value], k) => [inputs[k]?.name ?? '', value]));
  const bound = bindInputs(inputs, byName, interpreter());
  checkSizes([expr], bound.sizes);
  const feeds = new Map<Expr, Dense>();
  for (const [k, { expr: input }] of inputs.entries()) {
    const value = bound.values[k];
    if (value === undefined || 'backend' in value) throw new GraphError(`evaluate: give values for ${input.toString()}, not an output`);
    feeds.set(input, { data: Float64Array.from(value), shape: input.shape.map((d) => bindDimension(d, bound.sizes)) });
  }
  // All are read as they are now: none of the reads waits for another to end.
  const variables = leaves.filter((leaf) => leaf instanceof Variable);
  for (const [k, data] of (await Promise.all(variables.map((v) => v.read()))).entries()) {
    const leaf = variables[k];
    if (leaf !== undefined) feeds.set(leaf, { data: Float64Array.from(data), shape: leaf.shape });
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

/** Pairs of an input and its value, each input once. */
function checkedPairs(given: unknown): readonly (readonly [Expr, unknown])[] {
  const takes = 'evaluate: takes pairs of an input and its value, as in evaluate(y, [[x, [1, 2, 3]]])';
  if (!isIterable(given)) throw new InputError(`${takes}, not ${show(given)}`);
  const seen = new Set<Expr>();
  return Array.from(given, (pair) => {
    if (!isPair(pair)) throw new InputError(`${takes}; one of them is ${show(pair)}`);
    const [input, value] = pair;
    if (!isExpr(input, 'evaluate')) throw new InputError(`${takes}; ${show(input)} is no input`);
    if (input.node.kind !== 'input') throw new GraphError(`evaluate: a value is given for ${describe(input)}, which is no input`);
    if (seen.has(input)) throw new InputError(`evaluate: two values are given for ${describe(input)}`);
    seen.add(input);
    return [input, value];
  });
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function nameOf(input: Expr, k: number): string {
  return input.node.kind === 'input' && input.node.name !== undefined ? `${input.node.name}#${k}` : `input ${k}`;
}
