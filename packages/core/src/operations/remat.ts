/** `remat`: a part of a computation that the gradient computes again instead of keeping it. */
import { construct } from '../graph/construct.js';
import { GraphError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { capturing } from '../gradients/captured-views.js';
import { rematBody, type RematRules, rematVjp } from '../gradients/remat.js';
import { capture, placeholder, substitute } from '../graph/scan.js';
import { type ExprTree, leavesOf, type SameTree, treeLike } from './expr-tree.js';
import { requireFunction, requireTensor } from './operand-checks.js';

const RULES: RematRules = { vjp: rematVjp, capturing };

/**
 * `f(...inputs)`, of which the gradient keeps the inputs only: what is inside is computed again on the way back, when its gradient
 * is due. It costs that computation once more, and spares the memory of everything inside from the forward to the backward pass. Around
 * the layers of a deep network, say, or a step of `scan`, whose states alone are kept then. Values and gradients are the same.
 *
 * What `f` uses from outside without being given it (weights, say) has its gradient too; it is kept, being there anyway. After `jax.checkpoint`
 * and `torch.utils.checkpoint`; Chen et al. (2016), "Training deep nets with sublinear memory cost", arXiv:1604.06174.
 *
 * @param f is called once, with placeholders, and answers one expression or a record of them
 * @throws {GraphError} if `f` answers something else
 * @example
 * let h = images;
 * for (const { w, b } of layers) h = remat((x) => x.matmul(w).add(b).gelu(), h);
 */
export function remat<const T extends readonly Expr[], R extends ExprTree>(f: (...inputs: { [K in keyof T]: Expr }) => R, ...inputs: T): SameTree<R>;
export function remat(f: (...inputs: Expr[]) => ExprTree, ...inputs: readonly Expr[]): ExprTree {
  requireFunction('remat', f, 'the first argument');
  for (const input of inputs) requireTensor('remat', input, 'each argument behind the function');
  const given = inputs.map((input, k) => placeholder(`input ${k}`, input.shape, input.dtype));
  const answer = f(...given);
  const results = leavesOf(answer, 'remat', 'what the function answers').map(([, expr]) => expr);
  if (results.length === 0) throw new GraphError('remat: the function answers a record of nothing');
  const { constants, captured, inside } = capture(results, given);
  const body = rematBody(given, constants, results.map(inside), RULES);
  const operands = [...inputs, ...captured];
  const values = substitute(body.results, new Map([...given, ...constants].map((leaf, k) => [leaf, operands[k] ?? leaf])));
  return treeLike(answer, values.map((value, index) => construct({ kind: 'remat', body, index }, [...values, ...operands], value.shape, value.dtype)));
}
