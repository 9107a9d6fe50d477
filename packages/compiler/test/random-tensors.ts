// Random graphs of tensors with small whole numbers, of which every operation is exact: for properties that hold of any graph.
import { Graph } from '../src/lower/graph.js';
import type { Tensor } from '../src/lower/tensor.js';
import { apply, at, leaf } from './tensors.js';

export interface RandomTensors {
  readonly graph: Graph;
  readonly inputs: readonly Tensor[];
  /** All that was made, inputs first. */
  readonly tensors: readonly Tensor[];
  /** Some of them, to be computed. */
  readonly outputs: readonly Tensor[];
}

/** @param numbers decide what is made: three for each tensor */
export function randomTensors(numbers: readonly number[]): RandomTensors {
  const graph = new Graph();
  const inputs = [[3, 4], [4, 3], [4], [3], [12], []].map((shape, k) => leaf(graph, k, shape));
  const tensors = [...inputs];
  let products = 0;
  for (let k = 0; k + 2 < numbers.length; k += 3) {
    const [kind, first, second] = [at(numbers, k) % 12, at(numbers, k + 1), at(numbers, k + 2)];
    const a = at(tensors, tensors.length - 1 - (first % Math.min(tensors.length, 9)));
    const { shape } = a;
    const like = tensors.filter((t) => t.shape.join() === shape.join());
    const b = at(like, second % like.length);
    const size = shape.reduce((product, d) => product * d, 1);
    switch (kind) {
      case 0:
      case 1:
        tensors.push(apply(graph, at(['add', 'sub', 'maximum', 'minimum'] as const, second % 4), a, b));
        break;
      case 2:
        tensors.push(apply(graph, at(['neg', 'abs', 'relu'] as const, second % 3), a));
        break;
      case 3: {
        // Costly enough to be kept.
        const seven = graph.broadcast(graph.constant(7, 'float32'), shape);
        tensors.push(apply(graph, 'mod', a, seven));
        break;
      }
      case 4:
      case 5:
        if (shape.length > 0) tensors.push(graph.reduce(second % 2 === 0 ? 'sum' : 'max', second % 3 === 0 ? shape.map((_, axis) => axis) : [second % shape.length], a));
        break;
      case 6:
        if (shape.length === 1 && (shape[0] === 4 || shape[0] === 3)) tensors.push(graph.broadcast(a, [shape[0] === 4 ? 3 : 4, at(shape, 0)]));
        else if (shape.length === 0) tensors.push(graph.broadcast(a, [3, 4]));
        else tensors.push(graph.transpose(a, shape.map((_, axis) => shape.length - 1 - axis)));
        break;
      case 7:
        if (size === 12) tensors.push(graph.reshape(a, at([[12], [3, 4], [4, 3], [2, 6], [3, 1, 4]], second % 5)));
        break;
      case 8:
        if (size > 3) tensors.push(graph.slice(a, shape.map((d) => (second % 2 === 0 ? d - 1 : 0)), shape.map(() => (second % 2 === 0 ? -1 : 1)), shape.map((d) => (second % 3 === 0 ? d : d - 1))));
        break;
      case 9:
        if (shape.length > 0 && size < 20) tensors.push(graph.pad(a, shape.map(() => second % 2), shape.map(() => 1), shape.map((d) => d + 1 + (second % 2))));
        break;
      case 10:
        if (shape.length > 0 && size < 20) tensors.push(graph.make({ kind: 'concat', axis: second % shape.length }, [a, b], shape.map((d, axis) => (axis === second % shape.length ? 2 * d : d)), 'float32'));
        break;
      default:
        if (shape.length !== 2 || products++ > 1) break;
        tensors.push(graph.make({ kind: 'matmul', rows: 1, columns: 1, depth: 1 }, [a, graph.transpose(b, [1, 0])], [at(shape, 0), at(shape, 0)], 'float32'));
    }
  }
  const made = tensors.slice(inputs.length);
  return { graph, inputs, tensors, outputs: made.filter((_, k) => k === made.length - 1 || k % 4 === 3) };
}
