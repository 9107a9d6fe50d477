/**
 * Indices that are known before a step runs: constants, and inputs of the call, as they are or seen through views. Those are checked,
 * and one out of range is an error; what a step computes reads NaN instead.
 */
import { scalar, size } from '../graph/construct.js';
import { describe, topological } from '../graph/describe.js';
import { bindDimension, type Dimension } from '../graph/dimension.js';
import { InputError } from '../errors.js';
import type { Expr } from '../graph/expr.js';
import { interpret } from '../interpreter/interpreter.js';
import type { Dense } from '../interpreter/tensor.js';
import { isProjection, rebuild, substitute } from '../graph/scan.js';
import { broadcastTo } from '../operations/movement.js';

/** Indices along an axis that come from a leaf. */
export interface IndexCheck {
  readonly operation: string;
  readonly extent: Dimension;
  readonly origin: Origin;
}

interface Origin {
  /** An input, data, a number or an iota. */
  readonly leaf: Expr;
  /** The indices over the leaf. */
  readonly view: Expr;
  /** Whether the view may leave elements of the leaf out. */
  readonly partial: boolean;
  /** A number that is no index, and stands for none. */
  readonly except: number | undefined;
  /** Whether numbers below 0 count from the end. */
  readonly fromEnd: boolean;
  /** Where the view joins the leaf with others. */
  readonly joins: Join | undefined;
}

/** One operand of several, on the way from a view to its leaf. */
interface Join {
  readonly expr: Expr;
  readonly arg: Expr;
  readonly outer: Join | undefined;
}

/** What placeholders of the bodies of scans stand for. */
type Outer = ReadonlyMap<Expr, Expr>;

/** The checks that a call makes of the expressions under the roots. */
export function indexChecks(roots: readonly Expr[], outer: Outer = new Map()): readonly IndexCheck[] {
  const checks = new Map<string, IndexCheck>();
  const add = (found: IndexCheck): void => {
    const { operation, extent, origin: { view, leaf } } = found;
    checks.set(`${operation} ${view.id} ${leaf.id} ${String(extent)}`, found);
  };
  const order = topological(roots);
  const bodies = new Map<Expr, Outer>();
  for (const expr of order) {
    const { node, args, shape } = expr;
    const [a, b] = args;
    if (node.kind === 'gather' && a !== undefined && b !== undefined) {
      for (const found of checksOf(node.operation, b, a.shape[node.axis] ?? 1, outer)) add(found);
    } else if (node.kind === 'scatter' && a !== undefined) {
      for (const found of checksOf(node.operation, a, shape[node.axis] ?? 1, outer)) add(found);
    } else if (isProjection(expr)) {
      const { scan } = expr.node;
      const within = new Map(outer);
      for (const [k, leaf] of [...scan.inputs, ...scan.constants].entries()) within.set(leaf, args[scan.carries.length + k] ?? leaf);
      for (const inside of [...scan.next, expr.node.of]) bodies.set(inside, within);
    }
  }
  for (const within of new Set(bodies.values())) {
    const inside = [...bodies].flatMap(([body, its]) => (its === within ? [body] : []));
    for (const found of indexChecks(inside, within)) add(found);
  }
  return [...checks.values()];
}

function checksOf(operation: string, indices: Expr, extent: Dimension, outer: Outer): IndexCheck[] {
  // Constants beside a known size were checked when they became indices.
  return originsOf(indices, extent, outer).flatMap((origin) => (isSettled(origin, extent) ? [] : [{ operation, extent, origin }]));
}

function isSettled({ leaf, view }: Origin, extent: Dimension): boolean {
  return leaf.node.kind !== 'input' && [extent, ...leaf.shape, ...view.shape].every((d) => typeof d === 'number');
}

/**
 * Checks the indices that a call gives, before anything runs.
 *
 * @param valuesOf the values of an input, and its name; undefined where they are on a device
 * @throws {InputError} if one is out of range
 */
export function verifyIndices(
  checks: readonly IndexCheck[],
  valuesOf: (input: Expr) => { readonly name: string; readonly values: ArrayLike<number> } | undefined,
  sizes: ReadonlyMap<string, number>,
): void {
  for (const { operation, extent, origin } of checks) {
    const given = origin.leaf.node.kind === 'input' ? valuesOf(origin.leaf) : { name: describe(origin.leaf), values: constantValues(origin.leaf, sizes) };
    if (given !== undefined) verify(operation, origin, bindDimension(extent, sizes), given.name, given.values, sizes);
  }
}

/** @throws {InputError} if indices are constants, and one is out of range */
export function checkConstantIndices(operation: string, indices: Expr, extent: Dimension): void {
  if (typeof extent !== 'number') return;
  for (const origin of originsOf(indices, extent, new Map())) {
    const { leaf } = origin;
    if (isSettled(origin, extent)) verify(operation, origin, extent, describe(leaf), constantValues(leaf, new Map()), new Map());
  }
}

/** Whose indices are labels, and what says that one does not count. */
const LABEL_HINTS: ReadonlyMap<string, string> = new Map([
  ['crossEntropy', 'a label that does not count is the option ignoreLabel'],
  ['ctcLoss', 'what stands behind the labels of an example does not count with the option labelLengths'],
]);

function verify(operation: string, origin: Origin, extent: number, name: string, values: ArrayLike<number>, sizes: ReadonlyMap<string, number>): void {
  // An axis of size 0 is another error, of the sizes.
  if (extent === 0) return;
  const { leaf, partial, except, fromEnd } = origin;
  if (values instanceof Int32Array && areInside(values, extent)) return;
  let wrong = firstOutside(values, fromEnd ? -extent : 0, extent, except);
  if (wrong === undefined) return;
  if (partial) {
    const whole: Dense = { data: Float64Array.from(values), shape: leaf.shape.map((d) => bindDimension(d, sizes)) };
    const [seen] = interpret([viewAlone(origin)], (other) => (other === leaf ? whole : undefined), sizes);
    wrong = firstOutside(seen?.data ?? [], 0, extent, undefined);
    if (wrong === undefined) return;
  }
  const ofLabels = LABEL_HINTS.get(operation);
  const [what, hint] = ofLabels === undefined ? ['index', "the options mode ('clamp', 'wrap') and fromEnd give others a meaning"] : ['label', ofLabels];
  throw new InputError(`${operation}: ${name} has the ${what} ${wrong}, which is not from ${fromEnd ? -extent : 0} to ${extent - 1}; ${hint}`);
}

/** The view of its leaf alone: 0, which is in range, in place of what it is joined with, and whose values may be unknown. */
function viewAlone({ view, joins }: Origin): Expr {
  const alone = new Map<Expr, Expr>();
  for (let join = joins; join !== undefined; join = join.outer) {
    const { expr, arg } = join;
    const [own = arg] = substitute([arg], alone);
    const zeros = expr.args.map((other) => [other, broadcastTo(scalar(0, other.dtype), other.shape)] as const);
    alone.set(expr, expr.node.kind === 'remat' ? own : rebuild(expr, new Map([...zeros, [arg, own]])));
  }
  return substitute([view], alone)[0] ?? view;
}

/** Indices of one call of `signs`: an engine compiles what is called often, and a long loop that it enters once only by halves. */
const CHUNK = 4096;

/** Whether all are from 0 to extent - 1. */
function areInside(values: Int32Array, extent: number): boolean {
  const { length } = values;
  for (let from = 0; from < length; from += CHUNK) {
    if (signs(values, from, Math.min(length, from + CHUNK), extent - 1) < 0) return false;
  }
  return true;
}

/**
 * Below 0 if an index is not from 0 to `last`: the index itself or its distance to `last` is below 0 then, and has the sign bit. Every
 * call of a step waits for this: two at a time, and all of it in int32.
 */
function signs(values: Int32Array, from: number, to: number, last: number): number {
  const even = to - ((to - from) & 1);
  let a = 0;
  let b = 0;
  for (let k = from; k < even; k += 2) {
    const p = values[k] ?? -1;
    const q = values[k + 1] ?? -1;
    a |= p | ((last - p) | 0);
    b |= q | ((last - q) | 0);
  }
  const rest = even < to ? (values[even] ?? -1) : 0;
  return a | b | rest | ((last - rest) | 0);
}

function firstOutside(values: ArrayLike<number>, low: number, extent: number, except: number | undefined): number | undefined {
  for (let k = 0; k < values.length; k++) {
    const value = values[k] ?? NaN;
    if (!(value >= low && value < extent) && value !== except) return value;
  }
  return undefined;
}

/** Of an iota the last of its numbers stands for all. */
function constantValues({ node, shape }: Expr, sizes: ReadonlyMap<string, number>): ArrayLike<number> {
  switch (node.kind) {
    case 'data':
      return node.data;
    case 'constant':
      return [node.value];
    case 'iota': {
      const extents = shape.map((d) => bindDimension(d, sizes));
      return extents.includes(0) ? [] : [(extents[node.axis] ?? 1) - 1];
    }
    default:
      return [];
  }
}

/** The leaves that indices are taken from as they are; none of what is computed. */
function originsOf(indices: Expr, extent: Dimension, outer: Outer): readonly Origin[] {
  const whole = { view: indices, partial: false, except: undefined, fromEnd: false, joins: undefined };
  const found: Origin[] = [];
  const open: { readonly expr: Expr; readonly so: Omit<Origin, 'leaf'> }[] = [{ expr: indices, so: whole }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { expr, so } = next;
    const { node, args } = expr;
    const [a] = args;
    switch (node.kind) {
      case 'input':
      case 'data':
      case 'constant':
        found.push({ ...so, leaf: expr });
        break;
      case 'iota':
        // An iota is known by its last number where all of it is used.
        if (!so.partial) found.push({ ...so, leaf: expr });
        break;
      case 'reshape':
      case 'broadcast':
      case 'transpose':
      case 'stopGradient':
      case 'barrier':
        if (a !== undefined) open.push({ expr: a, so });
        break;
      case 'slice':
      case 'window':
        if (a !== undefined) open.push({ expr: a, so: { ...so, partial: true } });
        break;
      case 'concat':
        for (const arg of args) open.push({ expr: arg, so: so.partial ? { ...so, joins: { expr, arg, outer: so.joins } } : { ...so, view: arg, joins: undefined } });
        break;
      case 'remat': {
        const result = args[node.index];
        if (result !== undefined) open.push({ expr: result, so: { ...so, joins: { expr, arg: result, outer: so.joins } } });
        break;
      }
      case 'placeholder': {
        const value = outer.get(expr);
        // Which elements of all steps a view shows of one step is not worked out.
        if (value !== undefined && value !== expr && !so.partial) open.push({ expr: value, so: { ...so, view: value } });
        break;
      }
      case 'elementwise': {
        const chosen = exception(expr, extent);
        if (chosen !== undefined && so.except === undefined && !so.fromEnd) open.push({ expr: chosen.expr, so: { ...so, ...chosen.so } });
        break;
      }
      default:
        break;
    }
  }
  return found;
}

/** `where(x == number, ..., x)`, which leaves a number out, and `where(x < 0, x + size, x)`, which counts from the end. */
function exception({ node, args: [condition, other, x] }: Expr, extent: Dimension): { readonly expr: Expr; readonly so: Partial<Origin> } | undefined {
  if (node.kind !== 'elementwise' || node.op !== 'where' || condition?.node.kind !== 'elementwise' || x === undefined) return undefined;
  const [left, right] = condition.args;
  const limit = numberUnder(right);
  if (left !== x || limit === undefined) return undefined;
  if (condition.node.op === 'eq' && numberUnder(other) === 0) return { expr: x, so: { except: limit } };
  const counts = other?.node.kind === 'elementwise' && other.node.op === 'add' && other.args[0] === x && unbroadcast(other.args[1]) === size(extent, 'int32');
  return condition.node.op === 'lt' && limit === 0 && counts ? { expr: x, so: { fromEnd: true } } : undefined;
}

function unbroadcast(expr: Expr | undefined): Expr | undefined {
  return expr?.node.kind === 'broadcast' ? expr.args[0] : expr;
}

function numberUnder(expr: Expr | undefined): number | undefined {
  const source = unbroadcast(expr);
  return source?.node.kind === 'constant' ? source.node.value : undefined;
}
