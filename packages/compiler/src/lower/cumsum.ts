/**
 * Cumulative sums as reductions: the axis is cut into blocks; within a block, element i sums the elements that come before
 * it; and each block adds what all blocks before it sum up to, by a cumulative sum of their totals. Elements that do not count
 * are left out by a mask: a product with 0 would make NaN of infinities.
 */
import type { Graph } from './graph.js';
import type { Tensor } from './tensor.js';
import { itemAt } from '../required.js';

/** A block costs as many additions an element as it has elements, and halves the depth with its square. */
const BLOCK = 16;
/** Up to here one block is cheaper than two levels. */
const DIRECT = 32;

export interface Cumsum {
  readonly axis: number;
  readonly reverse: boolean;
  readonly exclusive: boolean;
}

export function lowerCumsum(graph: Graph, a: Tensor, cumsum: Cumsum): Tensor {
  const { axis } = cumsum;
  const count = itemAt(a.shape, axis, 'the size of axis');
  if (count <= DIRECT) return direct(graph, a, cumsum);
  const blocks = Math.ceil(count / BLOCK);
  const sized = (...sizes: readonly number[]): number[] => [...a.shape.slice(0, axis), ...sizes, ...a.shape.slice(axis + 1)];
  const none = a.shape.map(() => 0);
  const steps = a.shape.map(() => 1);
  const whole = sized(blocks * BLOCK);
  // What is missing from the last block counts as 0 from either side.
  const padded = count === blocks * BLOCK ? a : graph.make({ kind: 'pad', starts: none, steps }, [a], whole, a.dtype);
  const cut = graph.reshape(padded, sized(blocks, BLOCK));
  // The offsets come first, so that they are added where the blocks are summed.
  const offsets = lowerCumsum(graph, graph.reduce('sum', [axis + 1], cut), { ...cumsum, exclusive: true });
  const within = direct(graph, cut, { ...cumsum, axis: axis + 1 });
  const spread = graph.broadcast(graph.reshape(offsets, sized(blocks, 1)), within.shape);
  const sums = graph.reshape(graph.elementwise('add', [within, spread], a.dtype), whole);
  return count === blocks * BLOCK ? sums : graph.make({ kind: 'slice', starts: none, steps }, [sums], a.shape, a.dtype);
}

/** Every element sums those that come before it: the terms along an axis of their own, before that of the results, which lanes run along. */
function direct(graph: Graph, a: Tensor, { axis, reverse, exclusive }: Cumsum): Tensor {
  const count = itemAt(a.shape, axis, 'the size of axis');
  const sized = (...sizes: readonly number[]): number[] => [...a.shape.slice(0, axis), ...sizes, ...a.shape.slice(axis + 1)];
  const square = sized(count, count);
  const term = graph.make({ kind: 'iota', axis }, [], square, 'int32');
  const result = graph.make({ kind: 'iota', axis: axis + 1 }, [], square, 'int32');
  const counts = graph.elementwise(reverse ? (exclusive ? 'gt' : 'ge') : exclusive ? 'lt' : 'le', [term, result], 'bool');
  const terms = graph.broadcast(graph.reshape(a, sized(count, 1)), square);
  const zeros = graph.broadcast(graph.constant(0, a.dtype), square);
  return graph.reduce('sum', [axis], graph.elementwise('where', [counts, terms, zeros], a.dtype));
}
