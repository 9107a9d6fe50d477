/** Where the elements of operations that only move come from. */
import { type Expr } from '@pappus/core';
import { bindPosition } from '@pappus/core/backend';

interface Shaped {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** The elements at positions; 0 where there is none. */
export function moved(elements: Float64Array, sources: Int32Array): Float64Array {
  return Float64Array.from(sources, (source) => (source < 0 ? 0 : (elements[source] ?? 0)));
}

/** For each element of the result, its position in the operand, or among those of all operands one behind the other; -1 for none. */
export function sourcesOf({ node }: Expr, args: readonly Shaped[], shape: readonly number[], sizes: ReadonlyMap<string, number>): Int32Array {
  const [a] = args;
  const from = a?.shape ?? [];
  switch (node.kind) {
    case 'broadcast':
      return each(shape, (index) => flat(from, index.slice(shape.length - from.length).map((i, k) => (from[k] === 1 ? 0 : i))));
    case 'transpose':
      return each(shape, (index) => {
        const at = from.map(() => 0);
        for (const [k, axis] of node.permutation.entries()) at[axis] = index[k] ?? 0;
        return flat(from, at);
      });
    case 'slice':
      return each(shape, (index) => flat(from, index.map((i, k) => bindPosition(node.starts[k] ?? 0, sizes) + i * (node.steps[k] ?? 1))));
    case 'pad': {
      const sources = new Int32Array(shape.reduce((x, y) => x * y, 1)).fill(-1);
      each(from, (index) => {
        const at = flat(shape, index.map((i, k) => bindPosition(node.starts[k] ?? 0, sizes) + i * (node.steps[k] ?? 1)));
        sources[at] = flat(from, index);
        return 0;
      });
      return sources;
    }
    case 'window':
      return each(shape, (index) => {
        const along = (index[node.axis] ?? 0) * node.stride + (index[node.axis + 1] ?? 0) * node.dilation;
        return flat(from, [...index.slice(0, node.axis), along, ...index.slice(node.axis + 2)]);
      });
    case 'gather': {
      const indices = args[1] ?? { shape: [], values: new Float64Array(0) };
      const rank = indices.shape.length;
      return each(shape, (index) => {
        const at = indices.values[flat(indices.shape, index.slice(node.axis, node.axis + rank))] ?? NaN;
        const count = from[node.axis] ?? 1;
        if (!(at >= 0 && at < count)) return -1;
        return flat(from, [...index.slice(0, node.axis), at, ...index.slice(node.axis + rank)]);
      });
    }
    case 'concat': {
      const starts: { readonly first: number; readonly offset: number; readonly shape: readonly number[] }[] = [];
      let first = 0;
      let offset = 0;
      for (const part of args) {
        starts.push({ first, offset, shape: part.shape });
        first += part.shape[node.axis] ?? 0;
        offset += part.values.length;
      }
      return each(shape, (index) => {
        const i = index[node.axis] ?? 0;
        const part = starts.filter((s) => s.first <= i && (s.shape[node.axis] ?? 0) > 0).at(-1);
        return part === undefined ? -1 : part.offset + flat(part.shape, index.map((j, k) => (k === node.axis ? j - part.first : j)));
      });
    }
    default:
      throw new Error(`${node.kind} does not only move`);
  }
}

export function each(shape: readonly number[], source: (index: readonly number[]) => number): Int32Array {
  const size = shape.reduce((x, y) => x * y, 1);
  const sources = new Int32Array(size);
  const index = shape.map(() => 0);
  for (let k = 0; k < size; k++) {
    sources[k] = source(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] ?? 0) + 1;
      if ((index[axis] ?? 0) < (shape[axis] ?? 0)) break;
      index[axis] = 0;
    }
  }
  return sources;
}

export function flat(shape: readonly number[], index: readonly number[]): number {
  let at = 0;
  for (const [k, size] of shape.entries()) at = at * size + (index[k] ?? 0);
  return at;
}
