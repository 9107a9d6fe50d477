/** Products with as few axes as their operands allow: the nests of operands and epilogue share axes, and are collapsed together. */
import { type Affine, strideAlong } from '../kernels/affine.js';
import { joinedAxes, mapAffines } from './collapse.js';
import type { Body, MatmulKernel } from '../kernels/kernel.js';
import { itemAt } from '../required.js';

/** Groups of axes, in the order in which they lie side by side here. */
const GROUPS = ['batch', 'rows', 'depth', 'columns'] as const;

type Group = (typeof GROUPS)[number];

const LEFT: readonly Group[] = ['batch', 'rows', 'depth'];
const RIGHT: readonly Group[] = ['batch', 'depth', 'columns'];
const PRODUCT: readonly Group[] = ['batch', 'rows', 'columns'];

export function collapsedProduct(kernel: MatmulKernel): MatmulKernel {
  const marks = GROUPS.flatMap((group) => kernel[group].map(() => group));
  const extents = GROUPS.flatMap((group) => kernel[group]);
  /** A body over some groups as one over all axes. */
  const spread = (body: Body, groups: readonly Group[]): Body =>
    mapAffines(body, ({ offset, strides }) => {
      let next = 0;
      return { offset, strides: marks.map((mark) => (groups.includes(mark) ? itemAt(strides, next++, 'the stride of axis') : 0)) };
    });
  const [left, right, epilogue] = [spread(kernel.left, LEFT), spread(kernel.right, RIGHT), spread(kernel.epilogue, PRODUCT)];
  const joined = joinedAxes({ extents, bodies: [left, right, epilogue] }, marks);
  const axesOf = (group: Group): readonly (readonly number[])[] => {
    const own = joined.filter(([first = 0]) => marks[first] === group);
    // A product has one axis of each kind at least; one of size 1 is added where none is left.
    return own.length === 0 && group !== 'batch' ? [[]] : own;
  };
  const extentsOf = (group: Group): number[] => axesOf(group).map((axes) => axes.reduce((size, axis) => size * itemAt(extents, axis, 'the extent of axis'), 1));
  const project = (body: Body, groups: readonly Group[]): Body => {
    const axes = groups.flatMap(axesOf);
    return mapAffines(body, ({ offset, strides }): Affine => ({ offset, strides: axes.map((joint) => strideAlong(strides, joint.at(-1) ?? -1)) }));
  };
  return {
    ...kernel,
    batch: extentsOf('batch'),
    rows: extentsOf('rows'),
    columns: extentsOf('columns'),
    depth: extentsOf('depth'),
    left: project(left, LEFT),
    right: project(right, RIGHT),
    epilogue: project(epilogue, PRODUCT),
  };
}
