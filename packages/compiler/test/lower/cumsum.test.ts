// Cumulative sums as reductions, beside sums written out, for sizes on both sides of a block and of two levels of blocks.
import { expect, it } from 'vitest';
import { lowerCumsum } from '../../src/lower/cumsum.js';
import { Graph } from '../../src/lower/graph.js';
import { reachable } from '../../src/choose/realize.js';
import { elementsOf, leaf, numbered } from '../tensors.js';

const MODES = [[false, false], [true, false], [false, true], [true, true]] as const;

function summed(row: readonly number[], reverse: boolean, exclusive: boolean): number[] {
  const list = reverse ? [...row].reverse() : row;
  let sum = 0;
  const sums = list.map((x) => {
    const before = sum;
    sum += x;
    return exclusive ? before : sum;
  });
  return reverse ? sums.reverse() : sums;
}

it.each([0, 1, 2, 16, 31, 32, 33, 48, 100, 520])('sums %i numbers up, and down, with each and without', (count) => {
  for (const [reverse, exclusive] of MODES) {
    const graph = new Graph();
    const x = leaf(graph, 0, [count]);
    expect(elementsOf(lowerCumsum(graph, x, { axis: 0, reverse, exclusive }), { leaf: numbered })).toEqual(summed(numbered(x), reverse, exclusive));
  }
});

it.each([5, 40])('sums along an axis of %i between others', (count) => {
  for (const [reverse, exclusive] of MODES) {
    const graph = new Graph();
    const x = leaf(graph, 0, [2, count, 3]);
    const values = numbered(x);
    const found = elementsOf(lowerCumsum(graph, x, { axis: 1, reverse, exclusive }), { leaf: numbered });
    for (const [a, b] of [[0, 0], [0, 2], [1, 0], [1, 1]]) {
      const along = (all: readonly number[]): number[] => all.filter((_, k) => Math.floor(k / 3 / count) === a && k % 3 === b);
      expect(along(found)).toEqual(summed(along(values), reverse, exclusive));
    }
  }
});

it('keeps infinities and NaN to the elements that they belong to', () => {
  const graph = new Graph();
  const x = leaf(graph, 0, [4]);
  const given = { leaf: () => [1, Infinity, 2, NaN] };
  expect(elementsOf(lowerCumsum(graph, x, { axis: 0, reverse: false, exclusive: false }), given)).toEqual([1, Infinity, Infinity, NaN]);
  expect(elementsOf(lowerCumsum(graph, x, { axis: 0, reverse: false, exclusive: true }), given)).toEqual([0, 1, Infinity, Infinity]);
});

it('costs one pass where a block is enough, and two levels beyond it', () => {
  const graph = new Graph();
  const reductions = (count: number): number => reachable([lowerCumsum(graph, leaf(graph, count, [count]), { axis: 0, reverse: false, exclusive: false })]).filter((t) => t.op.kind === 'reduce').length;
  expect([reductions(32), reductions(33), reductions(512), reductions(513)]).toEqual([1, 3, 3, 5]);
});
