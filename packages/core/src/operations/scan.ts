/** `scan`: a function run over the steps of a time axis, with a state that it hands on. */
import { describe } from '../graph/describe.js';
import { type Dimension, type DimensionLike, dimension, fits } from '../graph/dimension.js';
import { DTypeError, GraphError, ShapeError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { capturing } from '../gradients/captured-views.js';
import { scanVjp } from '../gradients/scan.js';
import { interpretScan } from '../interpreter/scan.js';
import { closeScan, finalOf, type ScanRules, placeholder, stackOf } from '../graph/scan.js';
import { checkOptions, option } from '../arguments/options.js';
import { formatShape, sameShape } from '../graph/shape.js';
import { type ExprTree, leavesOf, type SameTree, treeLike } from './expr-tree.js';
import { requireFunction } from './operand-checks.js';

/** What a step answers: the carry for the next step, of the same shapes and dtypes, and what is to be stacked. */
export interface ScanStep<C extends ExprTree, O extends ExprTree> {
  /** The carry for the next step: a record like that of the first one, of the same shapes and dtypes. */
  readonly carry: SameTree<C>;
  /** What is stacked along a new first axis. Default: nothing. */
  readonly outputs?: O;
}

/** What `scan` runs over. */
export interface ScanOptions<C extends ExprTree, X extends ExprTree> {
  /** The carry of the first step. */
  readonly carry: C;
  /** Each `[length, ...]`: a step sees `[...]`. */
  readonly inputs?: X;
  /** The number of steps. Default: the first size of the inputs; needed where there are none. */
  readonly length?: DimensionLike;
  /** The last step comes first; outputs stay beside the inputs they were computed from. Default false. */
  readonly reverse?: boolean;
}

/** What `scan` answers. */
export interface ScanResult<C extends ExprTree, O extends ExprTree> {
  /** The carry after the last step; the initial one where there is no step. */
  readonly carry: SameTree<C>;
  /** Each `[length, ...]`. */
  readonly outputs: SameTree<O>;
}

type NoOutputs = Readonly<Record<never, Expr>>;

const RULES: ScanRules = { vjp: scanVjp, interpret: interpretScan, capturing };

/**
 * Runs a function over time: step t takes the carry of step t - 1 and part t of the inputs, and answers the next carry and outputs,
 * which are stacked along a new first axis. The function is called once, with placeholders, and compiled once for all steps; what it uses
 * from outside (weights, say) is computed once, before the first step. A gradient is a scan in the other direction, which keeps what it
 * needs of every step.
 *
 *     carry[t + 1], outputs[t] = step(carry[t], inputs[t])
 *
 * Carries, inputs and outputs are one expression or a record of them, of any shapes and dtypes. The length may be an open dimension. After
 * `jax.lax.scan` and `theano.scan`.
 *
 * @throws {ShapeError} if the inputs have different lengths or none, or a carry changes its shape
 * @throws {DTypeError} if a carry changes its dtype
 * @throws {GraphError} if something is no expression, a carry is missing, or there are neither inputs nor a length
 * @example
 * const { outputs } = scan((h, x) => {
 *   const next = x.matmul(w).add(h.matmul(u)).add(b).tanh();
 *   return { carry: next, outputs: next };
 * }, { carry: zeros([32, 128]), inputs: sequence });   // [time, 32, 64] gives [time, 32, 128]
 */
export function scan<C extends ExprTree, X extends ExprTree = NoOutputs, O extends ExprTree = NoOutputs>(
  step: (carry: SameTree<C>, inputs: SameTree<X>) => ScanStep<C, O>,
  options: ScanOptions<C, X>,
): ScanResult<C, O>;
export function scan(
  step: (carry: ExprTree, inputs: ExprTree) => { readonly carry: ExprTree; readonly outputs?: ExprTree },
  options: ScanOptions<ExprTree, ExprTree>,
): { carry: ExprTree; outputs: ExprTree } {
  requireFunction('scan', step, 'the step');
  const { carry, inputs = {}, length, reverse = false } = checkOptions('scan', options, {
    carry: option.unchecked,
    inputs: option.unchecked,
    length: option.unchecked,
    reverse: option.flag,
  });
  if (carry === undefined) throw new GraphError('scan: the carry of the first step is missing; give the option { carry }');
  const initial = leavesOf(carry, 'scan', 'the carry');
  const values = leavesOf(inputs, 'scan', 'an input');
  const steps = lengthOf(values, length);
  const carries = initial.map(([name, expr]) => ({ name, initial: expr, placeholder: placeholder(`carry ${name}`.trim(), expr.shape, expr.dtype) }));
  const slices = values.map(([name, value]) => ({ value, placeholder: placeholder(`input ${name}`.trim(), value.shape.slice(1), value.dtype) }));
  const answer: unknown = step(treeLike(carry, carries.map((c) => c.placeholder)), treeLike(inputs, slices.map((s) => s.placeholder)));
  if (!isAnswer(answer)) throw new GraphError('scan: the step must answer { carry } or { carry, outputs }');
  const next = new Map(leavesOf(answer.carry, 'scan', 'a carry that the step answers'));
  const outputs = leavesOf(answer.outputs ?? {}, 'scan', 'an output of the step');
  for (const [name] of next) {
    if (!carries.some((c) => c.name === name)) throw new GraphError(`scan: the step answers a carry${called(name)} that there is not at first; add it to 'carry'`);
  }
  const open = carries.map((c) => ({ ...c, next: checkedNext(c.name, c.initial, next.get(c.name)) }));
  const closed = closeScan({ length: steps, reverse, carries: open, inputs: slices, rules: RULES }, outputs.map(([, expr]) => expr));
  return {
    carry: treeLike(carry, carries.map((_, k) => finalOf(closed.run, k))),
    outputs: treeLike(answer.outputs ?? {}, closed.wanted.map((expr) => stackOf(closed.run, expr))),
  };
}

function isAnswer(answer: unknown): answer is { readonly carry: unknown; readonly outputs?: ExprTree } {
  return typeof answer === 'object' && answer !== null && 'carry' in answer;
}

function called(name: string): string {
  return name === '' ? '' : ` '${name}'`;
}

function lengthOf(inputs: readonly (readonly [name: string, expr: Expr])[], given: DimensionLike | undefined): Dimension {
  let length = given === undefined ? undefined : dimension(given, 'scan');
  let source = 'the option length';
  for (const [name, expr] of inputs) {
    const [size] = expr.shape;
    if (size === undefined) throw new ShapeError(`scan: the input${called(name)}, ${describe(expr)}, has no axis to run over; use it in the step without giving it`);
    if (length !== undefined && !fits(size, length)) {
      throw new ShapeError(`scan: ${source} is ${String(length)}, but the input${called(name)}, ${describe(expr)}, has ${String(size)} steps`);
    }
    if (length !== undefined) continue;
    // What is said first is what a call compares the others with.
    source = `the length of the input${called(name)}`;
    length = size;
  }
  if (length === undefined) throw new GraphError('scan: the number of steps is not known without inputs; give the option { length }');
  return length;
}

function checkedNext(name: string, initial: Expr, next: Expr | undefined): Expr {
  if (next === undefined) throw new GraphError(`scan: the step answers no carry${called(name)}; answer it, if only unchanged`);
  if (next.dtype !== initial.dtype) {
    throw new DTypeError(`scan: the carry${called(name)} is ${initial.dtype} at first, and ${next.dtype} after a step; cast one of them with .cast(dtype)`);
  }
  if (!sameShape(next.shape, initial.shape)) {
    throw new ShapeError(`scan: the carry${called(name)} has the shape ${formatShape(initial.shape)} at first, and ${formatShape(next.shape)} after a step; they must be the same`);
  }
  return next;
}
