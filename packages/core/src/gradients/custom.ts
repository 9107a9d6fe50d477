/** Values with a gradient of one's own. */
import { construct } from '../graph/construct.js';
import { describe } from '../graph/describe.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import { Expr } from '../graph/expr.js';
import type { CustomVjp, Node, WindowSpans } from '../graph/node.js';
import { broadcastTo } from '../operations/movement.js';
import { requireFunction, requireTensor, requireTensors } from '../operations/operand-checks.js';
import { formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';

let nextKey = 0;

/**
 * A value whose gradient is said rather than derived: where a formula is better than the chain rule's, or where an
 * operation has no derivative, as in straight-through estimators. `grad` takes the operands for all that the value depends on.
 *
 * @param vjp the cotangents of the operands, each of its operand's shape and dtype, given that of the value and the
 *   operands (use these rather than the expressions outside: in the body of a scan they are others); null where no gradient
 *   flows. They are expressions, so gradients of gradients are theirs
 * @throws {GraphError|ShapeError|DTypeError} from `grad`, if the cotangents do not fit the operands
 * @example const rounded = customGradient(x.round(), [x], (g) => [g]); // straight through
 */
export function customGradient(value: Expr, operands: readonly Expr[], vjp: CustomVjp): Expr {
  requireTensor('customGradient', value, 'the value');
  requireTensors('customGradient', operands, 'the operands');
  requireFunction('customGradient', vjp, 'the gradient');
  return customNode(value, operands, vjp, `${nextKey++}`);
}

/** As `customGradient`, where equal keys say equal functions, so that equal values with equal operands are one expression. */
export function customNode(value: Expr, operands: readonly Expr[], vjp: CustomVjp, key: string, windows?: WindowSpans): Expr {
  return construct({ kind: 'customGradient', key, vjp, ...(windows === undefined ? {} : { windows }) }, [value, ...operands], value.shape, value.dtype);
}

export function customVjp(node: Extract<Node, { kind: 'customGradient' }>, out: Expr, g: Expr): readonly (Expr | null)[] {
  const operands = out.args.slice(1);
  const cotangents: unknown = node.vjp(g, operands);
  if (!isList(cotangents)) throw new GraphError(`customGradient: the function answers ${show(cotangents)}; answer a list with a cotangent for each operand, or null`);
  if (cotangents.length !== operands.length) {
    throw new GraphError(`customGradient: ${cotangents.length} cotangents for ${operands.length} operands; answer one for each, or null`);
  }
  for (const [k, operand] of operands.entries()) {
    const cotangent = cotangents[k];
    if (cotangent === null) continue;
    if (!(cotangent instanceof Expr)) throw new GraphError(`customGradient: the cotangent of ${describe(operand)} is ${show(cotangent)}; answer an expression, or null`);
    if (cotangent.dtype !== operand.dtype) throw new DTypeError(`customGradient: the cotangent of ${describe(operand)} is ${cotangent.dtype}`);
    if (!sameShape(cotangent.shape, operand.shape)) {
      throw new ShapeError(`customGradient: the cotangent of ${describe(operand)} has the shape ${formatShape(cotangent.shape)}`);
    }
  }
  // A call checks that a cotangent of a slice that is cut short has the size of its operand.
  return cotangents.map((cotangent, k) => (cotangent instanceof Expr ? broadcastTo(cotangent, operands[k]?.shape ?? []) : null));
}
