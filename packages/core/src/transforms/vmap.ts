/** `vmap`: a function of one example, for many at once. */
import { describe } from '../graph/describe.js';
import { type Dimension, fits } from '../graph/dimension.js';
import { GraphError, InputError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { placeholder } from '../graph/scan.js';
import { checkOptions, option } from '../arguments/options.js';
import { isList, normalizeAxis } from '../graph/shape.js';
import { show } from '../arguments/show.js';
import { type ExprTree, leavesOf, type SameTree, treeLike } from '../operations/expr-tree.js';
import { transpose } from '../operations/movement.js';
import { requireFunction, requireTensor } from '../operations/operand-checks.js';
import { batched } from './batching.js';

/** Options of `vmap`. */
export interface VmapOptions {
  /** The axis of each argument along which the examples lie, or null of what all have in common; one for all, or a list. Default 0. */
  readonly inAxes?: number | null | readonly (number | null)[];
  /** The axis of each result along which they lie afterwards. Default 0. */
  readonly outAxes?: number;
}

/**
 * A function of one example as one of many at once: it is called once, with expressions of one example, and every operation in it becomes the
 * same for all of them, along an axis in front. `grad` inside of it is that of each example. What the function uses from outside, such as
 * weights, all examples have in common; so they do random numbers, which are drawn once. After `jax.vmap` and `torch.vmap`.
 *
 * @param f answers one expression, or a record of them
 * @param options `inAxes`, `outAxes`: where the examples lie. Default: the first axis
 * @returns a function of the arguments of `f` with one more axis each, where that is said
 * @throws {InputError} if `f` is no function, or the options are none
 * @throws {ShapeError} when it is called, if the arguments have different numbers of examples or no such axis
 * @throws {GraphError} when it is called, if no argument has examples, or `f` answers something else
 * @example
 * const perExample = vmap((x, y) => grad(x.matmul(w).sub(y).square().sum(), w));   // [batch, in], [batch, out] give [batch, in, out]
 */
export function vmap<const T extends readonly Expr[], R extends ExprTree>(f: (...examples: { [K in keyof T]: Expr }) => R, options?: VmapOptions): (...args: T) => SameTree<R>;
export function vmap(f: (...examples: Expr[]) => ExprTree, options?: VmapOptions): (...args: Expr[]) => ExprTree {
  requireFunction('vmap', f, 'the first argument');
  const { inAxes = 0, outAxes = 0 } = checkOptions('vmap', options, { inAxes: option.unchecked, outAxes: option.unchecked });
  return (...args) => {
    for (const arg of args) requireTensor('vmap', arg, 'each argument of the function');
    const axes = axesOf(inAxes, args);
    let count: Dimension | undefined;
    const given = args.map((arg, k): { readonly example: Expr; readonly front: Expr | undefined } => {
      const axis = axes[k];
      if (axis === null || axis === undefined) return { example: arg, front: undefined };
      const along = normalizeAxis(axis, arg.rank, 'vmap');
      const size = arg.shape[along] ?? 1;
      if (count !== undefined && !fits(size, count)) throw new ShapeError(`vmap: argument ${k}, ${describe(arg)}, has ${String(size)} examples along axis ${along}, and one before it ${String(count)}`);
      count ??= size;
      const others = arg.shape.map((_, each) => each).filter((each) => each !== along);
      return { example: placeholder(`example ${k}`, others.map((each) => arg.shape[each] ?? 1), arg.dtype), front: transpose(arg, [along, ...others]) };
    });
    if (count === undefined) throw new GraphError('vmap: no argument has examples; give one an axis with inAxes');
    const answer: unknown = f(...given.map(({ example }) => example));
    const leaves = leavesOf(answer, 'vmap', 'what the function answers').map(([, expr]) => expr);
    const examples = new Map(given.flatMap(({ example, front }) => (front === undefined ? [] : [[example, front] as const])));
    const results = batched(leaves, examples, count).map((result) => {
      const to = normalizeAxis(outAxes, result.rank, 'vmap');
      const order = result.shape.map((_, axis) => axis).slice(1);
      order.splice(to, 0, 0);
      return transpose(result, order);
    });
    return treeLike(asTree(answer), results);
  };
}

function asTree(answer: unknown): ExprTree {
  if (isTree(answer)) return answer;
  throw new GraphError(`vmap: the function answers ${show(answer)}`);
}

/** What `leavesOf` has taken. */
function isTree(answer: unknown): answer is ExprTree {
  return typeof answer === 'object' && answer !== null;
}

function axesOf(inAxes: unknown, args: readonly Expr[]): readonly (number | null)[] {
  const list = isList(inAxes) ? inAxes : args.map(() => inAxes);
  const axes = list.filter((axis): axis is number | null => axis === null || Number.isSafeInteger(axis));
  if (axes.length !== list.length) throw new InputError(`vmap: inAxes must be whole numbers or null, not ${show(inAxes)}`);
  if (axes.length !== args.length) throw new InputError(`vmap: inAxes has ${axes.length} axes for ${args.length} arguments; give one for each, or null`);
  return axes;
}
