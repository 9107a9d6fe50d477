// Sums of many reductions: which of them are parts of longer ones, and what these then reduce.
import { expect, it } from 'vitest';
import { Graph } from '../../src/lower/graph.js';
import { reachable } from '../../src/choose/realize.js';
import { absorbedTotals, partsOfTotal } from '../../src/choose/totals.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, at, leaf } from '../tensors.js';

const graph = new Graph();
const leaves = Array.from({ length: 7 }, (_, k) => leaf(graph, k, [k + 2]));
const sums = leaves.map((t) => graph.reduce('sum', [0], t));
const add = (a: Tensor, b: Tensor): Tensor => apply(graph, 'add', a, b);

/** What the last of some roots reduces, as positions of the leaves. */
function parts(...roots: readonly Tensor[]): (number | string)[] {
  const absorbed = absorbedTotals(reachable(roots), new Set(roots));
  return partsOfTotal(at(roots, roots.length - 1), absorbed).map(({ op }) => (op.kind === 'input' ? op.position : op.kind));
}

it('a chain of sums is one, in the order in which it was written', () => {
  expect(parts(sums.slice(0, 5).reduce(add))).toEqual([0, 1, 2, 3, 4]);
  expect(parts(add(add(at(sums, 0), at(sums, 1)), add(at(sums, 2), at(sums, 3))))).toEqual([0, 1, 2, 3]);
});

it('a sum that is wanted itself, or used elsewhere, is no part', () => {
  const two = add(at(sums, 4), at(sums, 5));
  const three = add(two, at(sums, 6));
  expect(parts(three)).toEqual([4, 5, 6]);
  expect(parts(two, three)).toEqual(['total', 6]);
  expect(parts(apply(graph, 'exp', two), three)).toEqual(['total', 6]);
});

it('a sum that is in two others is in none of them', () => {
  const two = add(at(sums, 4), at(sums, 5));
  const [left, right] = [add(two, at(sums, 6)), graph.make({ kind: 'total', op: 'sum' }, [at(leaves, 0), two], [], 'float32')];
  expect(absorbedTotals(reachable([left, right]), new Set([left, right])).has(two)).toBe(false);
  const twice = graph.make({ kind: 'total', op: 'sum' }, [two, two], [], 'float32');
  expect(absorbedTotals(reachable([twice]), new Set([twice])).has(two)).toBe(false);
});

it('a sum of largest numbers keeps them apart', () => {
  const largest = graph.make({ kind: 'total', op: 'max' }, [at(leaves, 0), at(leaves, 1)], [], 'float32');
  const sum = graph.make({ kind: 'total', op: 'sum' }, [largest, at(leaves, 2)], [], 'float32');
  expect(parts(sum)).toEqual(['total', 2]);
});
