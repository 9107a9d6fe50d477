/** Making expressions: hash-consing, and the leaves. Every node is built by `construct`. */
import type { Dimension } from './dimension.js';
import { checkRepresentable, type DType, toTypedArray, type TypedArray } from './dtype.js';
import { InputError } from './errors.js';
import { Expr, type Node } from './expr.js';
import { formatShape, normalizeAxis, type Shape, type ShapeLike, sizeOf, toShape } from './shape.js';

/** Expressions by structure; an entry goes when its expression is collected. */
const known = new Map<string, WeakRef<Expr>>();
const collected = new FinalizationRegistry<string>((key) => {
  if (known.get(key)?.deref() === undefined) known.delete(key);
});

/** The expression of this node: the one that exists, or a new one. */
export function construct(node: Node, args: readonly Expr[], shape: Shape, dtype: DType): Expr {
  const key = `${keyOf(node)}(${args.map((a) => a.id).join()})${dtype}[${shape.join()}]`;
  const existing = known.get(key)?.deref();
  if (existing !== undefined) return existing;
  const expr = new Expr(node, args, shape, dtype);
  known.set(key, new WeakRef(expr));
  collected.register(expr, key);
  return expr;
}

function keyOf(node: Node): string {
  switch (node.kind) {
    case 'constant':
      return Object.is(node.value, -0) ? 'constant -0' : `constant ${node.value}`;
    case 'size':
      return `size ${node.dimension.toString()}`;
    case 'data':
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
      return `${node.op} ${node.axes.join()}`;
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
      return `scan ${node.loop.id} ${node.result} ${node.of.id}`;
    case 'barrier':
    case 'reshape':
    case 'broadcast':
    case 'stopGradient':
      return node.kind;
  }
}

/**
 * A rank-0 constant.
 *
 * @throws {InputError} if the dtype does not have the number
 */
export function scalar(value: number, dtype: DType): Expr {
  checkRepresentable(value, dtype, 'scalar');
  return construct({ kind: 'constant', value }, [], [], dtype);
}

/** A size as a rank-0 number, known when its open dimensions are bound. */
export function size(dimension: Dimension, dtype: DType): Expr {
  return typeof dimension === 'number' ? scalar(dimension, dtype) : construct({ kind: 'size', dimension }, [], [], dtype);
}

let nextDataId = 0;

/**
 * A tensor of given values, which are copied.
 *
 * @throws {InputError} if they do not fill the shape
 */
export function literal(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Expr {
  if (values.length !== sizeOf(shape)) {
    throw new InputError(`literal: ${values.length} elements do not fill the shape ${formatShape(shape)}, which has ${sizeOf(shape)}`);
  }
  const data: TypedArray = toTypedArray(dtype, values);
  return construct({ kind: 'data', id: nextDataId++, data }, [], shape, dtype);
}

/** int32 `[..., size, ...]`: each element is its index along `axis`. */
export function iota(shape: ShapeLike, axis: number): Expr {
  const sizes = toShape(shape);
  return construct({ kind: 'iota', axis: normalizeAxis(axis, sizes.length, 'iota') }, [], sizes, 'int32');
}
