// Where tensors are: what a draft writes, and where others read it.
import { variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { BufferTable } from '../../src/emit/buffers.js';
import { Graph } from '../../src/lower/graph.js';
import { Places } from '../../src/emit/places.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, leaf } from '../tensors.js';

const graph = new Graph();
const x = leaf(graph, 0, [3, 4]);
const e = apply(graph, 'exp', x);
const w = graph.make({ kind: 'variable', variable: variable([[1, 2]], { name: 'w' }) }, [], [1, 2], 'float32');

function made(external: readonly Tensor[], outside?: Tensor): { readonly places: Places; readonly buffers: BufferTable } {
  const buffers = new BufferTable();
  const elsewhere = buffers.temporary('elsewhere', 'float32', 12);
  return { buffers, places: new Places(new Set(external), buffers, (position, dtype, size) => buffers.output(position, dtype, size), (t) => (t === outside ? elsewhere : undefined)) };
}

const kinds = (list: readonly { readonly name: string; readonly place: { readonly kind: string } }[]): string[] => list.map(({ place }) => place.kind);

it('outputs are written where they are wanted, and others find them there', () => {
  const { places } = made([e]);
  expect(kinds(places.destinations({ tensor: e, copy: false, outputs: [0, 2], targets: [] }))).toEqual(['output', 'output']);
});

it('what another draft reads has a temporary where no output holds it, and what nobody reads has none', () => {
  const item = { tensor: e, copy: false, outputs: [], targets: [] };
  expect(kinds(made([e]).places.destinations(item))).toEqual(['temporary']);
  expect(kinds(made([]).places.destinations(item))).toEqual([]);
  expect(made([e]).places.destinations(item)[0]).toMatchObject({ dtype: 'float32', size: 12 });
});

it('a variable that takes a value is not where others read it: its old value is there', () => {
  const { places } = made([e]);
  const [first, second] = places.destinations({ tensor: e, copy: false, outputs: [], targets: [w] });
  expect(kinds([first, second].flatMap((b) => b ?? []))).toEqual(['temporary', 'variable']);
  expect([...places.assigned]).toEqual([second]);
  expect(kinds(places.destinations({ tensor: e, copy: true, outputs: [], targets: [w] }))).toEqual(['variable']);
});

it('the buffers beside one', () => {
  const { places, buffers } = made([]);
  const target = buffers.output(0, 'float32', 12);
  expect(kinds(places.extraDestinations({ tensor: e, copy: false, outputs: [0, 1], targets: [] }, target))).toEqual(['output']);
  expect(places.extraDestinations({ tensor: e, copy: false, outputs: [], targets: [] }, target)).toEqual([]);
});

it('a tensor is in the buffer of its leaf, where it was written, or outside, under whatever shape', () => {
  const { places, buffers } = made([], e);
  expect(places.bufferOf(x)?.place).toEqual({ kind: 'input', position: 0 });
  expect(places.bufferOf(e)?.name).toBe('elsewhere');
  expect(places.realizedBuffer(graph.reshape(x, [12]))).toBe(buffers.leaf(x));
  const other = buffers.temporary('other', 'float32', 12);
  places.primary.set(e, other);
  expect(places.bufferOf(e)).toBe(other);
  const lost = apply(graph, 'log', x);
  expect(places.bufferOf(lost)).toBeUndefined();
  expect(() => places.realizedBuffer(lost)).toThrow(`the compiler has lost the memory of tensor ${lost.id}, a elementwise`);
});
