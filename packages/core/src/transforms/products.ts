/** Products with the matrix of all derivatives, which is never made: from the left (`vjp`), from the right (`jvp`), and of second derivatives. */
import { isExpr, isInstance } from '../graph/brand.js';
import { describe, requireExprs, topological } from '../graph/describe.js';
import { DTypeError, InputError, ShapeError } from '../errors.js';
import { Expr, type Operand } from '../graph/expr.js';
import { capturingViews, cotangentsOf, gradients, noGradient, requireDifferentiable } from '../gradients/grad.js';
import { broadcastTo } from '../operations/movement.js';
import { lift } from '../operations/operand-checks.js';
import { reading } from '../arguments/fields.js';
import { broadcastShapes, formatShape, isList, sameShape } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { pushForward, zeroTangent } from './push-forward.js';

/**
 * The product of cotangents with the Jacobian, in reverse mode: `vᵀ ∂outputs/∂inputs` for each input, of its shape and dtype. `grad` is
 * that of a scalar with the cotangent 1. It costs about two computations of the outputs, however many inputs there are.
 *
 * @param outputs an expression of any shape, or a list
 * @param inputs one, or a list: whatever `grad` takes, also inner expressions
 * @param cotangents one for each output, of its dtype, and of its shape or one that broadcasts to it
 * @throws {GraphError} if no gradient flows from the outputs to an input, which the message names
 * @throws {DTypeError} if an output, an input or a cotangent is not of a float dtype, or a cotangent of another than its output
 * @throws {ShapeError} if a cotangent does not broadcast to its output
 * @throws {InputError} if there is not one cotangent for each output
 * @example const dw = vjp(logits, w, residuals);
 */
export function vjp(outputs: readonly Expr[], inputs: Expr, cotangents: readonly Operand[]): Expr;
export function vjp(outputs: Expr, inputs: Expr, cotangents: Operand): Expr;
export function vjp<const I extends readonly Expr[]>(outputs: readonly Expr[], inputs: I, cotangents: readonly Operand[]): { [K in keyof I]: Expr };
export function vjp<const I extends readonly Expr[]>(outputs: Expr, inputs: I, cotangents: Operand): { [K in keyof I]: Expr };
export function vjp(outputs: Expr | readonly Expr[], inputs: Expr | readonly Expr[], cotangents: Operand | readonly Operand[]): Expr | readonly Expr[] {
  const [results, wrt] = [floatsOf('vjp', outputs), floatsOf('vjp', inputs)];
  const given = vectorsOf('vjp', outputs, results, cotangents, 'cotangent');
  const pulled = cotangentsOf(results, given, wrt);
  return like(inputs, wrt.map((input, k) => {
    const g = pulled[k];
    if (g === undefined) throw noGradient('vjp', results, input, 'the output');
    return g;
  }));
}

/**
 * The product of the Jacobian with tangents, in forward mode: `∂outputs/∂inputs v`, how the outputs move where the inputs move by `v`, each of
 * the output's shape and dtype. It costs about one computation of the outputs beside their own, however many outputs there are, and keeps nothing
 * for a way back. A `scan` has its tangents by one scan in the same direction.
 *
 * @param outputs an expression of any shape, or a list; one that moves with no input has the tangent 0
 * @param inputs one, or a list: whatever `grad` takes, also inner expressions
 * @param tangents one for each input, of its dtype, and of its shape or one that broadcasts to it
 * @throws {GraphError} if no output depends on an input, which the message names; or a `customGradient` on the way has a gradient that is not
 * linear in the cotangent, and so no tangent
 * @throws {DTypeError} if an output, an input or a tangent is not of a float dtype, or a tangent of another than its input
 * @throws {ShapeError} if a tangent does not broadcast to its input
 * @throws {InputError} if there is not one tangent for each input
 * @example const slope = jvp(loss, [w, b], [directionOfW, directionOfB]); // the directional derivative
 */
export function jvp(outputs: Expr, inputs: readonly Expr[], tangents: readonly Operand[]): Expr;
export function jvp(outputs: Expr, inputs: Expr, tangents: Operand): Expr;
export function jvp<const T extends readonly Expr[]>(outputs: T, inputs: readonly Expr[], tangents: readonly Operand[]): { [K in keyof T]: Expr };
export function jvp<const T extends readonly Expr[]>(outputs: T, inputs: Expr, tangents: Operand): { [K in keyof T]: Expr };
export function jvp(outputs: Expr | readonly Expr[], inputs: Expr | readonly Expr[], tangents: Operand | readonly Operand[]): Expr | readonly Expr[] {
  const [results, wrt] = [floatsOf('jvp', outputs), floatsOf('jvp', inputs)];
  const given = vectorsOf('jvp', inputs, wrt, tangents, 'tangent');
  for (const input of wrt) requireDependence('jvp', results, input);
  return like(outputs, tangentsOf(results, wrt, given));
}

/**
 * The product of the Hessian with vectors: `∂²loss/∂params² v`, for each parameter of its shape and dtype, by the tangents of the gradient (Pearlmutter
 * 1994, "Fast exact multiplication by the Hessian"). It costs about two gradients, and no matrix is made: for conjugate gradients, Newton
 * steps, curvature. 0 where the gradient does not move.
 *
 * @param loss a scalar
 * @param params one, or a list: whatever `grad` takes
 * @param vectors one for each parameter, of its dtype, and of its shape or one that broadcasts to it
 * @throws {GraphError} as `grad`, and as `jvp` for gradients of one's own
 * @throws {DTypeError|ShapeError|InputError} as `grad` and `jvp`
 * @example const curvature = hessianVectorProduct(loss, [w, b], grad(loss, [w, b]));
 */
export function hessianVectorProduct<const T extends readonly Expr[]>(loss: Expr, params: T, vectors: readonly Operand[]): { [K in keyof T]: Expr };
export function hessianVectorProduct(loss: Expr, params: Expr, vectors: Operand): Expr;
export function hessianVectorProduct(loss: Expr, params: Expr | readonly Expr[], vectors: Operand | readonly Operand[]): Expr | readonly Expr[] {
  const wrt = floatsOf('hessianVectorProduct', params);
  const given = vectorsOf('hessianVectorProduct', params, wrt, vectors, 'vector');
  return like(params, tangentsOf(gradients(loss, wrt, 'hessianVectorProduct'), wrt, given));
}

/** How results move where `wrt` moves by tangents; by 0 where nothing moves them. */
export function tangentsOf(results: readonly Expr[], wrt: readonly Expr[], given: readonly Expr[]): readonly Expr[] {
  const captured = capturingViews([...results, ...wrt], wrt);
  const seeds = new Map<Expr, Expr>();
  for (const [k, tangent] of given.entries()) {
    const at = captured[results.length + k];
    if (at === undefined) continue;
    const other = seeds.get(at);
    seeds.set(at, other === undefined ? tangent : other.add(tangent));
  }
  const roots = captured.slice(0, results.length);
  const tangents = pushForward(roots, seeds);
  return roots.map((root) => tangents.get(root) ?? zeroTangent(root));
}

/** One expression of floats or a list of them, as a list. */
export function floatsOf(operation: string, given: Expr | readonly Expr[]): readonly Expr[] {
  const list = isExpr(given, operation) ? [given] : given;
  requireExprs(list, operation);
  for (const expr of list) requireDifferentiable(operation, expr);
  return list;
}

/** @throws {GraphError} if no result depends on what derivatives are taken by */
export function requireDependence(operation: string, results: readonly Expr[], input: Expr): void {
  const roots = capturingViews([...results, input], [input]);
  if (!topological(roots.slice(0, -1)).includes(roots[results.length] ?? input)) throw noGradient(operation, results, input, 'the output');
}

/** Several in a list for a list, one for one. */
function like(given: Expr | readonly Expr[], found: readonly Expr[]): Expr | readonly Expr[] {
  const [first] = found;
  return isList(given) || first === undefined ? found : first;
}

/** A vector for each expression, of its dtype and shape. */
function vectorsOf(operation: string, given: Expr | readonly Expr[], exprs: readonly Expr[], vectors: Operand | readonly Operand[], what: string): readonly Expr[] {
  if (!isList(given)) {
    if (!isOne(operation, vectors)) throw new InputError(`${operation}: takes one ${what} for one expression, not a list of expressions`);
    return exprs.map((expr) => vectorOf(operation, expr, vectors, what));
  }
  if (!isList(vectors)) throw new InputError(`${operation}: takes a list of ${what}s, one for each of a list of expressions, not ${show(vectors)}`);
  const list = reading(operation, InputError, (): readonly Operand[] => Array.from(vectors));
  if (list.length !== exprs.length) throw new InputError(`${operation}: ${list.length} ${what}s for ${exprs.length} expressions; give one for each`);
  return list.flatMap((vector, k) => (exprs[k] === undefined ? [] : vectorOf(operation, exprs[k], vector, what)));
}

/** Numbers may be in a list, expressions may not: those are several vectors. */
function isOne(operation: string, vectors: Operand | readonly Operand[]): vectors is Operand {
  return !isList(vectors) || !reading(operation, InputError, () => vectors.some((vector) => isInstance(Expr, vector)));
}

function vectorOf(operation: string, expr: Expr, vector: Operand, what: string): Expr {
  const lifted = lift(vector, expr.dtype, operation);
  if (lifted.dtype !== expr.dtype) throw new DTypeError(`${operation}: the ${what} of ${describe(expr)} is ${lifted.dtype}; cast it with .cast('${expr.dtype}')`);
  const common = broadcastShapes(lifted.shape, expr.shape);
  if (common === undefined || !sameShape(common, expr.shape)) {
    throw new ShapeError(`${operation}: the ${what} of ${describe(expr)} has the shape ${formatShape(lifted.shape)}, which does not broadcast to its own`);
  }
  return broadcastTo(lifted, expr.shape);
}
