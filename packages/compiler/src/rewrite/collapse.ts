/** Nests with as few axes as their accesses allow: axes of size 1 go, and neighbours that run on are joined. */
import type { Affine } from '../kernels/affine.js';
import type { Access, Body, Instruction } from '../kernels/kernel.js';
import { itemAt, required } from '../required.js';

/** A nest of axes, and the bodies that run over it. */
export interface Nest {
  /** The sizes of the axes. */
  readonly extents: readonly number[];
  /** Whose accesses say which axes can be joined. */
  readonly bodies: readonly Body[];
}

/** A nest whose axes are marked. */
export interface MarkedNest extends Nest {
  /** The mark of each axis. */
  readonly marks: readonly boolean[];
}

/** Collapses the axes of bodies over one nest; axes with different `marks` are not joined. */
export function collapse(nest: Nest, marks: readonly boolean[] = nest.extents.map(() => false)): MarkedNest {
  const groups = joinedAxes(nest, marks);
  const pick = (a: Affine): Affine => ({ offset: a.offset, strides: groups.map((group) => itemAt(a.strides, required(group.at(-1), 'an axis'), 'the stride of axis')) });
  return {
    extents: groups.map((group) => group.reduce((product, axis) => product * itemAt(nest.extents, axis, 'the extent of axis'), 1)),
    marks: groups.map((group) => itemAt(marks, itemAt(group, 0, 'axis'), 'the mark of axis')),
    bodies: nest.bodies.map((body) => mapAffines(body, pick)),
  };
}

/** Lists of axes that become one; axes of size 1 are in none. */
export function joinedAxes(nest: Nest, marks: readonly unknown[]): readonly (readonly number[])[] {
  const affines = nest.bodies.flatMap(bodyAffines);
  const groups: number[][] = [];
  for (const [axis, extent] of nest.extents.entries()) {
    if (extent === 1) continue;
    const last = groups.at(-1);
    const previous = last?.at(-1);
    const joins =
      last !== undefined &&
      previous !== undefined &&
      marks[previous] === marks[axis] &&
      affines.every((a) => itemAt(a.strides, previous, 'the stride of axis') === itemAt(a.strides, axis, 'the stride of axis') * extent);
    if (joins) last.push(axis);
    else groups.push([axis]);
  }
  return groups;
}

/** All functions of the indices in a body: where it reads and writes, and what it counts. */
export function bodyAffines(body: Body): Affine[] {
  const of = (i: Instruction): Affine[] => (i.kind === 'load' || i.kind === 'gather' ? [i.access] : i.kind === 'index' ? [i.value] : []);
  return [...body.instructions.flatMap(of), ...body.stores.map((s) => s.access)];
}

/** The body with every position rewritten. */
export function mapAffines(body: Body, map: (a: Affine) => Affine): Body {
  const access = (a: Access): Access => ({ buffer: a.buffer, ...map(a) });
  return {
    instructions: body.instructions.map((i) =>
      i.kind === 'load' || i.kind === 'gather' ? { ...i, access: access(i.access) } : i.kind === 'index' ? { ...i, value: map(i.value) } : i,
    ),
    stores: body.stores.map((s) => ({ value: s.value, access: access(s.access) })),
  };
}
