import { variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { BufferTable } from '../../src/emit/buffers.js';
import { Graph } from '../../src/lower/graph.js';
import { NO_NAMES } from '../../src/lower/tensor-names.js';
import { leaf } from '../tensors.js';

const graph = new Graph();

it('each leaf and each output has one buffer, each temporary and part its own', () => {
  const buffers = new BufferTable();
  const w = variable([[1, 2, 3]], { name: 'w' });
  const [x, y] = [leaf(graph, 0, [2, 3]), leaf(graph, 1, [2, 3], 'int32')];
  const data = graph.make({ kind: 'data', id: 4, data: new Float32Array(2) }, [], [2], 'float32');
  const held = graph.make({ kind: 'variable', variable: w }, [], [1, 3], 'float32');
  const all = [buffers.leaf(x), buffers.leaf(y), buffers.leaf(data), buffers.leaf(held), buffers.output(0, 'float32', 5), buffers.output(1, 'float32', 5), buffers.temporary('t', 'bool', 7), buffers.temporary('t', 'bool', 7), buffers.slice('p', 'float32', 2)];
  expect(new Set(all).size).toBe(9);
  expect(all.map((b) => b?.size)).toEqual([6, 6, 2, 3, 5, 5, 7, 7, 2]);
  expect(buffers.all.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect([buffers.leaf(leaf(graph, 1, [2, 3], 'int32')), buffers.variable(w), buffers.output(1, 'float32', 5), buffers.leaf(data)]).toEqual([all[1], all[3], all[5], all[2]]);
  expect(buffers.leaf(graph.constant(1, 'float32'))).toBeUndefined();
  expect(buffers.all).toHaveLength(9);
});

it('each buffer has a name of its own, and a variable its own one', () => {
  const w = variable([1], { name: 'w' });
  const buffers = new BufferTable({ ...NO_NAMES, variables: ['w'] });
  const names = ['w', 'exp', 'exp', 'exp (2)', 'exp'].map((name) => buffers.temporary(name, 'float32', 1).name);
  expect(new Set([...names, buffers.variable(w).name]).size).toBe(6);
  expect(names.slice(0, 3)).toEqual(['w (2)', 'exp', 'exp (2)']);
  expect(buffers.variable(w).name).toBe('w');
});
