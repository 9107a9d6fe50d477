/** Tables of the graph from which the host takes elements by itself: given values, under views that are known. */
import type { Expr, TypedArray } from '@pappus/core';
import { sizeOf } from '@pappus/core/backend';
import { itemAt } from '../required.js';

/** Given values, and where in them each element of a vector is. */
export interface Table {
  /** Tells it from other tables. */
  readonly key: string;
  /** The values. */
  readonly data: TypedArray;
  /** How many elements the table has. */
  readonly count: number;
  /** Where an element is among the values. */
  readonly position: (element: number) => number;
}

/** The table that an expression is: values that stand in the graph, reshaped or sliced. Elements are counted in row-major order. */
export function tableOf({ node, shape, args: [source] }: Expr): Table | undefined {
  const sizes = shape.filter((d) => typeof d === 'number');
  if (sizes.length < shape.length) return undefined;
  const count = sizeOf(sizes);
  if (node.kind === 'data') return { key: `${node.id}`, data: node.data, count, position: (element) => element };
  const under = source === undefined ? undefined : tableOf(source);
  if (source === undefined || under === undefined) return undefined;
  if (node.kind === 'reshape') return { ...under, count };
  if (node.kind !== 'slice') return undefined;
  const { steps } = node;
  const starts = node.starts.filter((d) => typeof d === 'number');
  const whole = source.shape.filter((d) => typeof d === 'number');
  if (starts.length < whole.length) return undefined;
  const position = (element: number): number => {
    let [rest, place, stride] = [element, 0, 1];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const size = itemAt(sizes, axis, 'the size of axis');
      place += (itemAt(starts, axis, 'the start of axis') + (rest % size) * itemAt(steps, axis, 'the step of axis')) * stride;
      rest = Math.floor(rest / size);
      stride *= itemAt(whole, axis, 'the size of axis');
    }
    return under.position(place);
  };
  return { ...under, key: `${under.key} ${whole.join()} ${starts.join()} ${steps.join()} ${sizes.join()}`, count, position };
}
