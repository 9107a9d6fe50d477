/** `vmap`: a function of one example, run for all of a batch. */
import { isExpr } from '../graph/brand.js';
import { describe } from '../graph/describe.js';
import { type Dimension, fits } from '../graph/dimension.js';
import { GraphError, InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { input } from '../graph/input.js';
import { reading } from '../arguments/fields.js';
import { checkOptions, option } from '../arguments/options.js';
import { show } from '../arguments/show.js';
import { isList, normalizeAxis } from '../graph/shape.js';
import { type ExprTree, leavesOf, type SameTree, treeLike } from '../operations/expr-tree.js';
import { broadcastTo } from '../operations/movement.js';
import { requireFunction } from '../operations/operand-checks.js';
import { batched, inBatch, moveAxis } from './batched.js';

/** What a function of an example may answer: one expression, several by name, or a list, as `grad` answers. */
export type ExampleAnswer = ExprTree | readonly Expr[];

/** The same, over a batch. */
export type BatchAnswer<R extends ExampleAnswer> = R extends readonly Expr[] ? { readonly [K in keyof R]: Expr } : R extends ExprTree ? SameTree<R> : never;

/** Options of `vmap`. */
export interface VmapOptions {
  /**
   * The axis of the examples: of every argument, or in a list of each; null for an argument that is the same for all examples. Of a
   * record it is the axis of all that it holds. Default 0.
   */
  readonly inAxes?: number | readonly (number | null)[];
  /** Where that axis stands in what is answered. Default 0. */
  readonly outAxes?: number;
}

/**
 * `f` over a batch: a function written for one example, which answers for all of them. It is called once, with an expression of one example in the
 * place of each argument; then every expression that depends on it is given the axis of the batch, by the rule of its operation. Nothing is looped
 * over: a matrix product of an example becomes one large product, a `scan` steps through all examples together, and an open batch stays open.
 * What does not depend on the examples is computed once. Whatever `f` uses from outside (variables, say) is the same for all.
 *
 * `grad` may be called inside: then each example has a gradient of its own, as for clipping them one by one (Abadi et al. 2016, "Deep learning with
 * differential privacy", arXiv:1607.00133). Gradients of the result, `scan` around it and `vmap` in `vmap` work as of any expression. As
 * `jax.vmap`, on expressions. Random numbers depend on seed, step and shape: all examples get the same, unless the seed is an argument too.
 *
 * @param f takes expressions or records of them, as many as are given, and answers one expression, a record or a list
 * @returns a function of expressions with the axis of the batch, or records of such
 * @throws {GraphError} if `f` answers something else, or an argument is no expression
 * @throws {ShapeError} if an argument has no such axis, or the examples are not equally many
 * @throws {InputError} if `f` is no function, an option is none, or every argument is the same for all
 * @example const [dw, db] = vmap((x, y) => grad(lossOf(x, y), [w, b]))(images, labels);   // [batch, ...w.shape], [batch, ...b.shape]
 */
export function vmap<A extends readonly ExprTree[], R extends ExampleAnswer>(f: (...example: A) => R, options?: VmapOptions): (...batch: A) => BatchAnswer<R>;
export function vmap(f: (...example: ExprTree[]) => ExampleAnswer, options?: VmapOptions): (...batch: ExprTree[]) => ExampleAnswer {
  requireFunction('vmap', f, 'the function of an example');
  const { inAxes = 0, outAxes = 0 } = checkOptions('vmap', options, { inAxes: option.unchecked, outAxes: option.unchecked });
  const given = axesOf(inAxes);
  if (typeof outAxes !== 'number') throw new InputError(`vmap: the option outAxes must be an axis, not ${show(outAxes)}`);
  return (...batch) => {
    const axes = isList(given) ? given : batch.map(() => given);
    if (axes.length !== batch.length) throw new InputError(`vmap: the option inAxes has ${axes.length} axes for ${batch.length} arguments; give one for each, null for what is the same for all`);
    const mapped = new Map<Expr, Expr>();
    let size: Dimension | undefined;
    const examples = batch.map((tree, k) => {
      const axis = axes[k] ?? null;
      const leaves = leavesOf(tree, 'vmap', 'an argument');
      if (axis === null) return tree;
      return treeLike(tree, leaves.map(([name, many]) => {
        const first = moveAxis(many, normalizeAxis(axis, many.rank, 'vmap'), 0);
        const [count = 1, ...shape] = first.shape;
        if (size !== undefined && !fits(size, count)) {
          throw new ShapeError(`vmap: ${describe(many)} has ${String(count)} examples on axis ${axis}, and what is given before it ${String(size)}; the option inAxes says which axis is theirs, or null for what is the same for all`);
        }
        size ??= count;
        const example = input(many.dtype, shape, `example ${[k, name].join(' ').trim()}`);
        // What is equal where no slice is cut short is compared with the first in a call.
        mapped.set(example, broadcastTo(first, [size, ...shape]));
        return example;
      }));
    });
    if (size === undefined) throw new InputError('vmap: no argument has an axis of examples; give one, or call the function itself');
    const many = size;
    const answer: unknown = f(...examples);
    const results = isList(answer) ? reading('vmap', GraphError, () => answer.map((expr) => checked(expr))) : leavesOf(answer, 'vmap', 'what the function answers').map(([, expr]) => expr);
    const found = batched(results, { mapped, size: many });
    const outputs = results.map((result) => moveAxis(inBatch(result, found, many), 0, normalizeAxis(outAxes, result.rank + 1, 'vmap')));
    return isTree(answer) ? treeLike(answer, outputs) : outputs;
  };
}

/** One axis, or one for each argument; null for what is the same for all. */
function axesOf(inAxes: unknown): number | null | readonly (number | null)[] {
  const axisOf = (axis: unknown): number | null => {
    if (axis !== null && typeof axis !== 'number') throw new InputError(`vmap: the option inAxes must be an axis, or a list with an axis or null for each argument, not ${show(axis)}`);
    return axis;
  };
  return isList(inAxes) ? reading('vmap', InputError, () => Array.from(inAxes)).map(axisOf) : axisOf(inAxes);
}

function checked(expr: unknown): Expr {
  if (!isExpr(expr, 'vmap')) throw new GraphError(`vmap: what the function answers must be expressions, not ${show(expr)}`);
  return expr;
}

/** Whether an answer, which was read, is no list. */
function isTree(answer: unknown): answer is ExprTree {
  return !isList(answer);
}
