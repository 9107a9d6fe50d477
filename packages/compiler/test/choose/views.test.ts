// The mathematics of views: the element that a view leads to is the one that a look at every element finds.
import { BackendError } from '@pappus/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Affine, axisIndex, constantAffine, scaled } from '../../src/kernels/affine.js';
import { Graph } from '../../src/lower/graph.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { gatheredFrom, identityIndices, reshapedFrom, type Viewed, Views } from '../../src/choose/views.js';
import { apply, at, elementsOf, indicesOf, leaf, numbered, overAll } from '../tensors.js';

/** Follows an element of a tensor to the leaf under its views; undefined where the indices are lost on the way. */
function followed(tensor: Tensor, views: Views, start: readonly Affine[]): { readonly leaf: Tensor; readonly position: Affine } | undefined {
  let here: Viewed = { tensor, view: views.of({ indices: start }) };
  while (here.tensor.args.length > 0) {
    const operands = views.operands(here.tensor, here.view);
    if (operands === undefined) return undefined;
    here = at(operands, 0);
  }
  return { leaf: here.tensor, position: views.position(here.tensor, here.view) };
}

function check(tensor: Tensor): boolean {
  const { shape } = tensor;
  const found = followed(tensor, new Views(shape), identityIndices(shape, shape));
  if (found === undefined) return false;
  const held = numbered(found.leaf);
  expect(overAll(found.position, shape).map((position) => held[position])).toEqual(elementsOf(tensor, { leaf: numbered }));
  return true;
}

describe('an element of a view', () => {
  const graph = new Graph();
  const x = leaf(graph, 0, [3, 4, 5]);
  const make = (op: Tensor['op'], source: Tensor, shape: readonly number[]): Tensor => graph.make(op, [source], shape, source.dtype);

  it.each<[string, Tensor]>([
    ['transposed', make({ kind: 'transpose', permutation: [2, 0, 1] }, x, [5, 3, 4])],
    ['sliced', make({ kind: 'slice', starts: [2, 0, 1], steps: [-1, 3, 2] }, x, [3, 2, 2])],
    ['repeated', make({ kind: 'broadcast' }, make({ kind: 'reshape' }, leaf(graph, 1, [4]), [4, 1]), [3, 4, 5])],
    ['in windows', make({ kind: 'window', axis: 1, stride: 2, dilation: 1 }, x, [3, 2, 2, 5])],
    ['in windows with gaps', make({ kind: 'window', axis: 2, stride: 1, dilation: 2 }, x, [3, 4, 3, 2])],
    ['reshaped', make({ kind: 'reshape' }, x, [12, 5])],
    ['reshaped by axes of size 1', make({ kind: 'reshape' }, x, [1, 3, 4, 1, 5])],
    ['reshaped and sliced', make({ kind: 'slice', starts: [4, 0], steps: [2, 1] }, make({ kind: 'reshape' }, make({ kind: 'transpose', permutation: [1, 0, 2] }, x, [4, 3, 5]), [12, 5]), [4, 5])],
  ])('%s', (_, tensor) => {
    if (!check(tensor)) expect(tensor.args[0]?.op.kind).toBe('reshape');
  });

  it('has its indices through a reshape that only brings or takes axes of size 1, in whatever direction they run', () => {
    const flat = leaf(graph, 2, [3, 2]);
    const wide = make({ kind: 'reshape' }, flat, [3, 1, 2]);
    const views = new Views([3, 2]);
    const view = views.of({ indices: [scaled(axisIndex(0, 2), -1, 2), constantAffine(0, 2), axisIndex(1, 2)] });
    expect(views.operands(wide, view)).toEqual([{ tensor: flat, view: { indices: [scaled(axisIndex(0, 2), -1, 2), axisIndex(1, 2)] } }]);
    const narrow = make({ kind: 'reshape' }, leaf(graph, 3, [3, 1, 2]), [3, 2]);
    expect(views.operands(narrow, views.of({ indices: [axisIndex(0, 2), scaled(axisIndex(1, 2), -1, 1)] }))).toMatchObject([{ view: { indices: [axisIndex(0, 2), constantAffine(0, 2), scaled(axisIndex(1, 2), -1, 1)] } }]);
  });

  it('is given up, and not another one, where its place is no function of the indices', () => {
    const flat = leaf(graph, 4, [3, 2]);
    const turned = make({ kind: 'transpose', permutation: [1, 0] }, flat, [2, 3]);
    const part = make({ kind: 'slice', starts: [1], steps: [1] }, make({ kind: 'reshape' }, turned, [6]), [3]);
    expect(check(part)).toBe(false);
    expect(check(make({ kind: 'slice', starts: [3], steps: [1] }, make({ kind: 'reshape' }, turned, [6]), [3]))).toBe(true);
  });

  it('is right wherever there is one, of any views of views', () => {
    let answered = 0;
    const step = fc.tuple(fc.nat(4), fc.array(fc.nat(100), { minLength: 6, maxLength: 6 }));
    fc.assert(
      fc.property(fc.constantFrom([6], [2, 3], [3, 1, 4], [2, 2, 3]), fc.array(step, { minLength: 2, maxLength: 5 }), (shape, steps) => {
        const own = new Graph();
        let tensor = leaf(own, 0, shape);
        for (const [kind, numbers] of steps) tensor = viewed(own, tensor, kind, numbers);
        if (check(tensor)) answered++;
      }),
      { seed: 3, numRuns: 600 },
    );
    expect(answered).toBeGreaterThan(350);
  });
});

/** Some view of a tensor. */
function viewed(graph: Graph, tensor: Tensor, kind: number, numbers: readonly number[]): Tensor {
  const { shape, dtype } = tensor;
  const pick = (k: number, below: number): number => at(numbers, k) % below;
  if (shape.length > 4 || shape.reduce((a, b) => a * b, 1) > 200) return tensor;
  switch (kind) {
    case 0: {
      const permutation = shape.map((_, k) => k).sort((a, b) => pick(a, 97) - pick(b, 97) || a - b);
      return graph.make({ kind: 'transpose', permutation }, [tensor], permutation.map((axis) => at(shape, axis)), dtype);
    }
    case 1: {
      const size = shape.reduce((a, b) => a * b, 1);
      const first = [1, 2, 3, 4].filter((d) => size % d === 0);
      const rows = at(first, pick(0, first.length));
      return graph.make({ kind: 'reshape' }, [tensor], [rows, size / rows], dtype);
    }
    case 2: {
      const starts = shape.map((d, k) => pick(k, d));
      const steps = shape.map((_, k) => [1, 2, -1][pick(k + 1, 3)] ?? 1);
      const sizes = shape.map((d, k) => (at(steps, k) < 0 ? at(starts, k) + 1 : Math.ceil((d - at(starts, k)) / at(steps, k))));
      return graph.make({ kind: 'slice', starts, steps }, [tensor], sizes, dtype);
    }
    case 3:
      return graph.make({ kind: 'broadcast' }, [tensor], [1 + pick(0, 3), ...shape.map((d, k) => (d === 1 ? 1 + pick(k, 2) : d))], dtype);
    default: {
      const axis = pick(0, shape.length);
      const [stride, dilation] = [1 + pick(1, 2), 1 + pick(2, 2)];
      if (at(shape, axis) < 1 + dilation) return tensor;
      const count = Math.floor((at(shape, axis) - 1 - dilation) / stride) + 1;
      return graph.make({ kind: 'window', axis, stride, dilation }, [tensor], [...shape.slice(0, axis), count, 2, ...shape.slice(axis + 1)], dtype);
    }
  }
}

describe('operands', () => {
  const graph = new Graph();
  const [x, y] = [leaf(graph, 0, [2, 3]), leaf(graph, 1, [2, 3])];

  it('of an operation are the elements at the same place, and of numbers there are none', () => {
    const views = new Views([2, 3]);
    const view = views.of({ indices: identityIndices([2, 3], [2, 3]) });
    expect(views.operands(apply(graph, 'sub', x, y), view)).toEqual([{ tensor: x, view }, { tensor: y, view }]);
    expect(views.operands(graph.constant(1, 'float32'), view)).toEqual([]);
    expect(views.operands(graph.make({ kind: 'iota', axis: 1 }, [], [2, 3], 'int32'), view)).toEqual([]);
    expect(views.operands(graph.broadcast(graph.constant(1, 'float32'), [2, 3]), view)).toMatchObject([{ view: { indices: [] } }]);
  });

  it('of what a kernel of its own computes are asked for by mistake', () => {
    const views = new Views([2]);
    expect(() => views.operands(graph.reduce('sum', [1], x), views.of({ indices: [axisIndex(0, 1)] }))).toThrow(BackendError);
  });

  it('of a look-up are its indices, and what it reads lies where an index of 0 does', () => {
    const table = leaf(graph, 2, [4, 5, 6]);
    const by = leaf(graph, 3, [2, 3], 'int32');
    const shape = [4, 2, 3, 6];
    const found = graph.make({ kind: 'gather', axis: 1, outside: NaN }, [table, by], shape, 'float32');
    const views = new Views(shape);
    const indices = identityIndices(shape, shape);
    expect(views.operands(found, views.of({ indices }))).toEqual([{ tensor: by, view: { indices: indices.slice(1, 3) } }]);
    expect(overAll(gatheredFrom(found, 1, indices, 4), shape)).toEqual(indicesOf(shape).map(([i = 0, , , l = 0]) => i * 30 + l));
  });
});

describe('indices along an iteration', () => {
  it('are the identity, axes of size 1 aside', () => {
    expect(identityIndices([2, 1, 3], [2, 3]).map((index) => overAll(index, [2, 3]))).toEqual([[0, 0, 0, 1, 1, 1], [0, 0, 0, 0, 0, 0], [0, 1, 2, 0, 1, 2]]);
    expect(identityIndices([3], [1, 3])).toEqual([axisIndex(1, 2)]);
  });

  it('leave out axes that are not kept', () => {
    expect(identityIndices([2, 4], [2, 3, 4], [true, false, true])).toEqual([axisIndex(0, 3), axisIndex(2, 3)]);
    expect(() => identityIndices([2, 3], [2, 3], [true, false])).toThrow('an axis of an iteration over [2, 3] for one of [2, 3]');
  });
});

it('a reshaped tensor is where the first one was', () => {
  const graph = new Graph();
  const x = leaf(graph, 0, [6]);
  expect(reshapedFrom(graph.make({ kind: 'reshape' }, [graph.reshape(x, [2, 3])], [3, 2], 'float32'))).toBe(x);
  expect(reshapedFrom(x)).toBe(x);
});

it('equal views over one iteration are one, and others are not', () => {
  const views = new Views([2, 3]);
  const [i, j] = [axisIndex(0, 2), axisIndex(1, 2)];
  expect(views.of({ indices: [i, j] })).toBe(views.of({ indices: [axisIndex(0, 2), axisIndex(1, 2)] }));
  const different = [views.of({ indices: [i, j] }), views.of({ indices: [j, i] }), views.of({ indices: [i] }), views.of({ position: i }), views.of({ position: j }), views.of({ indices: [i, scaled(j, 1, 1)] })];
  expect(new Set(different).size).toBe(different.length);
});
