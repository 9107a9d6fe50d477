/** Which elements of its operands an element of a tensor is computed of, for what is computed element by element: the mathematics of views. */
import { BackendError } from '@pappus/core';
import { type Affine, axisIndex, constantAffine, delinearize, linear, scaled, sumOf } from '../kernels/affine.js';
import { placeKey } from '../kernels/instruction-key.js';
import { itemAt, lost, required } from '../required.js';
import type { Tensor } from '../lower/tensor.js';

/** Which element of a tensor: its indices, or its row-major position where they are not known; functions of the indices of an iteration. */
export type View = { readonly indices: readonly Affine[] } | { readonly position: Affine };

/** An element of a tensor. */
export interface Viewed {
  readonly tensor: Tensor;
  readonly view: View;
}

/** Views over one iteration: equal ones are one object. */
export class Views {
  private readonly known = new Map<string, View>();

  constructor(readonly extents: readonly number[]) {}

  of(view: View): View {
    const key = 'position' in view ? `position ${placeKey(view.position)}` : `indices ${view.indices.map(placeKey).join(';')}`;
    const existing = this.known.get(key);
    if (existing !== undefined) return existing;
    this.known.set(key, view);
    return view;
  }

  /** The row-major position of an element. */
  position(tensor: Tensor, view: View): Affine {
    return 'position' in view ? view.position : linear(view.indices, tensor.shape, this.extents.length);
  }

  /** The indices of an element; undefined where its position does not give them. */
  indices(tensor: Tensor, view: View): readonly Affine[] | undefined {
    return 'indices' in view ? view.indices : delinearize(view.position, tensor.shape, this.extents);
  }

  /**
   * The elements that an element of a tensor is computed of, without what is looked up by an index; undefined where the indices are needed and
   * the position does not give them.
   *
   * @throws {BackendError} of a tensor that is not computed element by element
   */
  operands(tensor: Tensor, view: View): readonly Viewed[] | undefined {
    const { op, args } = tensor;
    switch (op.kind) {
      case 'constant':
      case 'host':
        return [];
      case 'elementwise':
        return args.map((arg) => ({ tensor: arg, view }));
      case 'reshape': {
        const source = operandOf(tensor, 0);
        return [{ tensor: source, view: this.of(this.reshaped(tensor, source, view)) }];
      }
      case 'iota':
      case 'broadcast':
      case 'transpose':
      case 'slice':
      case 'window':
      case 'gather':
        break;
      default:
        throw new BackendError(`the compiler asked for one element of tensor ${tensor.id}, a ${op.kind}, which a kernel of its own computes; please report the computation`);
    }
    // Of one element repeated none of the indices matters.
    if (op.kind === 'broadcast' && operandOf(tensor, 0).shape.length === 0) return [{ tensor: operandOf(tensor, 0), view: this.of({ indices: [] }) }];
    const indices = this.indices(tensor, view);
    if (indices === undefined) return undefined;
    const zero = constantAffine(0, this.extents.length);
    const of = (source: Tensor, at: readonly Affine[]): readonly Viewed[] => [{ tensor: source, view: this.of({ indices: at }) }];
    switch (op.kind) {
      case 'iota':
        return [];
      case 'broadcast': {
        const source = operandOf(tensor, 0);
        const own = indices.slice(tensor.shape.length - source.shape.length);
        return of(source, own.map((index, k) => (source.shape[k] === 1 ? zero : index)));
      }
      case 'transpose': {
        const at = new Map(op.permutation.map((axis, k) => [axis, indices[k]]));
        return of(operandOf(tensor, 0), op.permutation.map((_, axis) => required(at.get(axis), 'an axis of a permutation')));
      }
      case 'slice':
        return of(operandOf(tensor, 0), indices.map((index, k) => scaled(index, required(op.steps[k], 'the step of a slice'), required(op.starts[k], 'the start of a slice'))));
      case 'window': {
        const along = sumOf(scaled(required(indices[op.axis], 'the windows of a view'), op.stride, 0), scaled(required(indices[op.axis + 1], 'the places in a window'), op.dilation, 0));
        return of(operandOf(tensor, 0), [...indices.slice(0, op.axis), along, ...indices.slice(op.axis + 2)]);
      }
      case 'gather': {
        const by = operandOf(tensor, 1);
        return of(by, indices.slice(op.axis, op.axis + by.shape.length));
      }
    }
  }

  /** Where only axes of size 1 come or go, indices stay indices; otherwise the position stays. */
  private reshaped(tensor: Tensor, source: Tensor, view: View): View {
    if ('indices' in view) {
      const zero = constantAffine(0, this.extents.length);
      const from = longAxes(tensor.shape);
      const to = longAxes(source.shape);
      if (from.length === to.length && from.every(([size], k) => size === to[k]?.[0])) {
        const at = new Map(to.map(([, axis], k) => [axis, from[k]?.[1]]));
        return { indices: source.shape.map((_, axis) => {
          // An axis of one element has the index 0.
          const other = at.get(axis);
          return other === undefined ? zero : itemAt(view.indices, other, 'the index of axis');
        }) };
      }
    }
    return { position: this.position(tensor, view) };
  }
}

/** The sizes and numbers of the axes that are longer than 1. */
function longAxes(shape: readonly number[]): (readonly [size: number, axis: number])[] {
  return shape.flatMap((size, axis) => (size === 1 ? [] : [[size, axis] as const]));
}

/** The operand of a tensor at a position. */
export function operandOf({ id, op, args }: Tensor, position: number): Tensor {
  return args[position] ?? lost(`operand ${position} of tensor ${id}, a ${op.kind}`);
}

/** The element of the first operand of a gather that an index of 0 names. */
export function gatheredFrom(tensor: Tensor, axis: number, indices: readonly Affine[], rank: number): Affine {
  const [a, by] = [operandOf(tensor, 0), operandOf(tensor, 1)];
  return linear([...indices.slice(0, axis), constantAffine(0, rank), ...indices.slice(axis + by.shape.length)], a.shape, rank);
}

/** What a tensor was before it was reshaped. */
export function reshapedFrom(tensor: Tensor): Tensor {
  let whole = tensor;
  while (whole.op.kind === 'reshape') whole = operandOf(whole, 0);
  return whole;
}

/**
 * Indices into `shape` that run along the axes of an iteration, sizes of 1 left aside on both sides: the identity where
 * the iteration is over `shape` itself.
 */
export function identityIndices(shape: readonly number[], extents: readonly number[], along?: readonly boolean[]): Affine[] {
  const rank = extents.length;
  const axes = extents.flatMap((n, k) => (n !== 1 && along?.[k] !== false ? [k] : []));
  let next = 0;
  return shape.map((size) => {
    if (size === 1) return constantAffine(0, rank);
    return axisIndex((axes[next++] ?? lost(`an axis of an iteration over [${extents.join(', ')}] for one of [${shape.join(', ')}]`)), rank);
  });
}
