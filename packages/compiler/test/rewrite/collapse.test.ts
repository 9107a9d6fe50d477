// Loop nests with fewer axes: the same elements are reached, in the same order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affine } from '../../src/kernels/affine.js';
import { bodyAffines, collapse, joinedAxes, mapAffines } from '../../src/rewrite/collapse.js';
import type { Body } from '../../src/kernels/kernel.js';
import { at, buffer, overAll } from '../tensors.js';

const [a, b] = [buffer(0, 1000), buffer(1, 1000)];

/** A body that reads, looks up, counts and writes at these places. */
function bodyAt(load: Affine, gather: Affine, index: Affine, store: Affine): Body {
  return {
    instructions: [
      { kind: 'load', access: { buffer: a, ...load }, dtype: 'float32' },
      { kind: 'index', value: index, dtype: 'int32' },
      { kind: 'gather', access: { buffer: b, ...gather }, index: 1, stride: 1, count: 9, outside: 0, dtype: 'float32' },
      { kind: 'apply', op: 'add', args: [0, 2], operand: 'float32', dtype: 'float32' },
    ],
    stores: [{ access: { buffer: b, ...store }, value: 3 }],
  };
}

const everywhere = (place: Affine): Body => bodyAt(place, place, place, place);

describe('collapse', () => {
  it('joins neighbours that run on, and leaves out axes of size 1', () => {
    const { extents, bodies } = collapse({ extents: [2, 1, 3, 4], bodies: [everywhere({ offset: 5, strides: [12, 99, 4, 1] })] });
    expect(extents).toEqual([24]);
    expect(bodyAffines(at(bodies, 0))).toMatchObject([1, 2, 3, 4].map(() => ({ offset: 5, strides: [1] })));
  });

  it('joins only where each of the places runs on', () => {
    const on = { offset: 0, strides: [4, 1] };
    for (const k of [0, 1, 2, 3]) {
      const places = [on, on, on, on].map((place, j) => (j === k ? { offset: 0, strides: [5, 1] } : place));
      const [load = on, gather = on, index = on, store = on] = places;
      expect(collapse({ extents: [3, 4], bodies: [bodyAt(load, gather, index, store)] }).extents).toEqual([3, 4]);
    }
    expect(collapse({ extents: [3, 4], bodies: [everywhere(on)] }).extents).toEqual([12]);
    expect(collapse({ extents: [3, 4], bodies: [everywhere(on), everywhere({ offset: 0, strides: [1, 3] })] }).extents).toEqual([3, 4]);
    expect(collapse({ extents: [3, 4], bodies: [everywhere({ offset: 0, strides: [0, 0] })] }).extents).toEqual([12]);
    expect(collapse({ extents: [3, 4], bodies: [everywhere({ offset: 0, strides: [0, 1] })] }).extents).toEqual([3, 4]);
  });

  it('joins no axes of different marks', () => {
    const place = everywhere({ offset: 0, strides: [20, 5, 1] });
    expect(collapse({ extents: [3, 4, 5], bodies: [place] }, [true, false, false])).toMatchObject({ extents: [3, 20], marks: [true, false] });
    expect(collapse({ extents: [3, 4, 5], bodies: [place] }, [false, true, true])).toMatchObject({ extents: [3, 20], marks: [false, true] });
    expect(collapse({ extents: [3, 1, 5], bodies: [everywhere({ offset: 0, strides: [5, 5, 1] })] }, [true, false, true])).toMatchObject({ extents: [15], marks: [true] });
  });

  it('says which axes are joined', () => {
    const nest = { extents: [2, 1, 3, 4], bodies: [everywhere({ offset: 0, strides: [24, 7, 4, 1] })] };
    expect(joinedAxes(nest, [0, 0, 0, 0])).toEqual([[0], [2, 3]]);
  });

  it('of any nest reaches the same elements in the same order', () => {
    const extent = fc.integer({ min: 1, max: 4 });
    let joined = 0;
    fc.assert(
      fc.property(fc.array(extent, { minLength: 1, maxLength: 4 }), fc.array(fc.tuple(fc.nat(12), fc.nat(2)), { minLength: 16, maxLength: 16 }), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (extents, draws, marks) => {
        // Strides of a row-major tensor, some of them twice as large, or none.
        const places = [0, 1, 2, 3].map((k): Affine => {
          let weight = 1;
          const strides = extents.map(() => 0);
          for (let axis = extents.length - 1; axis >= 0; axis--) {
            const [kind, factor] = at(draws, 4 * k + axis);
            strides[axis] = kind === 0 ? 0 : weight;
            weight *= at(extents, axis) * (factor === 0 && kind === 1 ? 2 : 1);
          }
          return { offset: k, strides };
        });
        const body = bodyAt(at(places, 0), at(places, 1), at(places, 2), at(places, 3));
        const own = marks.slice(0, extents.length);
        const result = collapse({ extents, bodies: [body] }, own);
        if (result.extents.length < extents.filter((n) => n > 1).length) joined++;
        for (const [k, place] of bodyAffines(at(result.bodies, 0)).entries()) expect(overAll(place, result.extents)).toEqual(overAll(at(bodyAffines(body), k), extents));
        const marked = (list: readonly boolean[], sizes: readonly number[]): number => list.reduce((product, mark, k) => (mark ? product * at(sizes, k) : product), 1);
        expect(marked(result.marks, result.extents)).toBe(marked(own, extents));
      }),
      { seed: 1, numRuns: 400 },
    );
    expect(joined).toBeGreaterThan(50);
  });
});

it('mapAffines leaves all but the places as it is', () => {
  const body = everywhere({ offset: 1, strides: [2] });
  const moved = mapAffines(body, ({ offset, strides }) => ({ offset: offset + 1, strides: [...strides, 0] }));
  expect(bodyAffines(moved).map(({ offset, strides }) => [offset, strides])).toEqual([1, 2, 3, 4].map(() => [2, [2, 0]]));
  expect(mapAffines(moved, ({ offset, strides }) => ({ offset: offset - 1, strides: strides.slice(0, 1) }))).toEqual(body);
});
