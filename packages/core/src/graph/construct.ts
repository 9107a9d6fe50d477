/** Making expressions: hash-consing, and the leaves. Every node is built by `construct`. */
import { requireOwn } from './brand.js';
import type { Dimension } from './dimension.js';
import { checkDType, checkNumber, type DType, dtypeOfArray, held, isFloat, toTypedArray, type TypedArray } from './dtype.js';
import { GraphError, InputError, ShapeError } from '../errors.js';
import { Expr } from './expr.js';
import type { Node } from './node.js';
import { reading } from '../arguments/fields.js';
import { asList, formatShape, normalizeAxis, type Shape, type ShapeLike, sizeOf, toShape } from './shape.js';
import { show } from '../arguments/show.js';
import { checkedArray } from '../values/values.js';

/** Expressions by structure; an entry goes when its expression is collected. */
const known = new Map<string, WeakRef<Expr>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** The expression of this node: the one that exists, or a new one. */
export function construct(node: Node, args: readonly Expr[], shape: Shape, dtype: DType): Expr {
  for (const arg of args) if (!(arg instanceof Expr)) throw noOperand(node, arg);
  const key = `${keyOf(node)}(${args.map((a) => a.id).join()})${dtype}[${shape.join()}]`;
  const existing = known.get(key)?.deref();
  if (existing !== undefined) return existing;
  const expr = new Expr(node, args, shape, dtype);
  known.set(key, new WeakRef(expr));
  collected.register(expr, key);
  return expr;
}

/** The error of an operand that is none, or that another copy of core has made: expressions are told apart by ids that each copy counts. */
function noOperand(node: Node, arg: unknown): GraphError {
  const operation = 'op' in node ? node.op : node.kind;
  requireOwn(arg, operation);
  return new GraphError(`${operation}: ${show(arg)} is no expression`);
}

const FEW = 32;

function format(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

function keyOf(node: Node): string {
  switch (node.kind) {
    case 'constant':
      return `constant ${format(node.value)}`;
    case 'size':
      return `size ${node.dimension.toString()}`;
    case 'data':
      // Few values are told apart by what they are: literals written twice are one.
      return node.data.length > FEW ? `data ${node.id}` : `data of ${Array.from(node.data, format).join()}`;
    case 'input':
    case 'variable':
    case 'placeholder':
      return `${node.kind} ${node.id}`;
    case 'iota':
    case 'concat':
      return `${node.kind} ${node.axis}`;
    case 'gather':
      return `gather ${node.axis} ${node.outside} ${node.operation}`;
    case 'scatter':
      return `scatter ${node.axis} ${node.operation}`;
    case 'elementwise':
      return node.op;
    case 'reduce':
      return `${node.op} ${node.axes.join()}${node.ofNone === true ? ' of none' : ''} ${node.operation ?? ''}`;
    case 'cumsum':
      return `cumsum ${node.axis} ${node.reverse} ${node.exclusive}`;
    case 'transpose':
      return `transpose ${node.permutation.join()}`;
    case 'slice':
    case 'pad':
      return `${node.kind} ${node.starts.join()};${node.steps.join()}`;
    case 'matmul':
      return `matmul ${node.rows} ${node.columns} ${node.depth}`;
    case 'window':
      return `window ${node.axis} ${node.stride} ${node.dilation}`;
    case 'customGradient':
      return `customGradient ${node.key}`;
    case 'remat':
      return `remat ${node.body.id} ${node.index}`;
    case 'scan':
      return `scan ${node.scan.id} ${node.result} ${node.of.id}`;
    case 'routine':
      return `routine ${node.routine.key}`;
    case 'barrier':
    case 'unroundedCast':
    case 'reshape':
    case 'broadcast':
    case 'stopGradient':
      return node.kind;
  }
}

/**
 * A rank-0 constant: a number, or true or false for bool; in float32 the nearest number that it has, so that 1e39 is Infinity.
 *
 * @throws {InputError} if the dtype does not have the value
 * @throws {DTypeError} if there is no such dtype
 */
export function scalar(value: number | boolean, dtype: DType): Expr {
  return unrounded(held(checkNumber(value, checkDType(dtype, 'scalar'), 'scalar'), dtype), dtype);
}

/** A rank-0 constant that is not rounded to float32: a hyperparameter, until it meets a tensor. */
export function unrounded(value: number, dtype: DType): Expr {
  return construct({ kind: 'constant', value }, [], [], dtype);
}

/** A size as a rank-0 number, known when its open dimensions are bound. */
export function size(dimension: Dimension, dtype: DType): Expr {
  return typeof dimension === 'number' ? scalar(dimension, dtype) : construct({ kind: 'size', dimension }, [], [], dtype);
}

let nextDataId = 0;

/**
 * A tensor of given values, which are copied: a flat list in row-major order.
 *
 * @throws {InputError} if they do not fill the shape, or the dtype does not have one of them
 * @throws {ShapeError} if it is no shape of known sizes
 * @throws {DTypeError} if there is no such dtype
 * @example literal([1, 2, 3, 4], [2, 2], 'float32')
 */
export function literal(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Expr {
  checkDType(dtype, 'literal');
  const sizes = asList(shape, 'literal', 'the shape');
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ShapeError(`literal: the sizes of a shape must be whole numbers of at least 0, and known; got [${sizes.map(show).join(', ')}]`);
  }
  const given: unknown = values;
  const hasLength = reading('literal', InputError, () => typeof given === 'object' && given !== null && 'length' in given);
  if (!hasLength) throw new InputError(`literal: the values must be a list of numbers, not ${show(given)}`);
  const count = reading('literal', InputError, () => values.length);
  if (count !== sizeOf(sizes)) {
    throw new InputError(`literal: ${count} elements do not fill the shape ${formatShape(sizes)}, which has ${sizeOf(sizes)}`);
  }
  const own = dtypeOfArray(given);
  // What a typed array holds fits its own dtype, and any float.
  const checked = own === undefined || (own !== dtype && !isFloat(dtype)) ? reading('literal', InputError, () => Array.from(values, (value) => literalNumber(value, dtype))) : own === dtype ? checkedArray(values, dtype, 'literal') : values;
  return dataNode(toTypedArray(dtype, checked), [...sizes], dtype);
}

/** Numbers that are not 0 count as true. */
function literalNumber(value: unknown, dtype: DType): number {
  return dtype === 'bool' && typeof value === 'number' ? Number(value !== 0) : checkNumber(value, dtype, 'literal');
}

/** A tensor of values that nobody else holds. */
export function dataNode(data: TypedArray, shape: readonly number[], dtype: DType): Expr {
  return construct({ kind: 'data', id: nextDataId++, data }, [], shape, dtype);
}

/** int32 `[..., size, ...]`: each element is its index along `axis`. */
export function iota(shape: ShapeLike, axis: number): Expr {
  const sizes = toShape(shape, 'iota');
  return construct({ kind: 'iota', axis: normalizeAxis(axis, sizes.length, 'iota') }, [], sizes, 'int32');
}
