/** Values of expressions that depend on no input and no variable, such as initializers. */
import { bindDimension } from '../graph/dimension.js';
import { describe, topological } from '../graph/describe.js';
import type { TypedArray } from '../graph/dtype.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { sizeOf } from '../graph/shape.js';
import { interpret } from './interpreter.js';

/** The value of a constant expression; one number repeated and plain data are not interpreted, since they can be large. */
export function evaluateConstant(expr: Expr, what: string): { data: ArrayLike<number>; shape: readonly number[] } {
  const shape = expr.shape.map((d) => bindDimension(d, new Map()));
  const source = expr.node.kind === 'broadcast' ? expr.args[0] : expr;
  if (source?.node.kind === 'constant') {
    return { data: new Float64Array(sizeOf(shape)).fill(source.node.value), shape };
  }
  if (expr.node.kind === 'data') {
    const data: TypedArray = expr.node.data;
    return { data, shape };
  }
  const leaf = topological([expr]).find((e) => e.node.kind === 'input' || e.node.kind === 'variable');
  if (leaf !== undefined) {
    throw new GraphError(`${what}: starts from ${describe(expr)}, which depends on ${describe(leaf)}; give values, or evaluate it first`);
  }
  const [value] = interpret([expr], () => undefined, new Map());
  return { data: value?.data ?? [], shape };
}
