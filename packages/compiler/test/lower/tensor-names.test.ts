import { variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { Graph } from '../../src/lower/graph.js';
import { type GivenNames, inputName, NO_NAMES, outputName, tensorName } from '../../src/lower/tensor-names.js';
import type { Tensor } from '../../src/lower/tensor.js';
import { apply, at, leaf } from '../tensors.js';

const graph = new Graph();
const [x, y] = [leaf(graph, 0, [2, 3]), leaf(graph, 1, [2, 3])];
const w = graph.make({ kind: 'variable', variable: variable([[1, 2, 3], [4, 5, 6]], { name: 'w' }) }, [], [2, 3], 'float32');
const given: GivenNames = { ...NO_NAMES, inputs: ['images', 'w'], outputs: ['loss', 'w', 'images'], variables: ['w'] };
const name = (tensor: Tensor, values: ReadonlyMap<Tensor, string> = new Map(), held?: Tensor): string => tensorName(tensor, { ...given, values }, (t) => (t === held ? 'held' : undefined));

it('inputs and outputs have their own names, or a word before it where another has that', () => {
  expect([0, 1, 2].map((k) => inputName(given, k))).toEqual(['images', 'input w', 'input 2']);
  expect([0, 1, 2, 3].map((k) => outputName(given, k))).toEqual(['loss', 'output w', 'output images', 'output 3']);
});

it('tensors are called by what computes them from what', () => {
  expect(name(apply(graph, 'add', x, w))).toBe('add of images and w');
  expect(name(apply(graph, 'neg', apply(graph, 'mul', x, w)))).toBe('neg of images and w');
  expect(name(graph.reduce('sum', [1], x))).toBe('sum over axis 1 of images');
  expect(name(graph.reduce('max', [0, 1], x))).toBe('max of images');
  expect(name(graph.make({ kind: 'iota', axis: 0 }, [], [3], 'int32'))).toBe('iota');
  const four = [3, 4, 5].map((k) => leaf(graph, k, [2, 3])).reduce((a, b) => apply(graph, 'add', a, b), x);
  expect(name(four)).toBe('add of images, input 3, input 4, ...');
  const many = [2, 3, 4, 5].map((k) => leaf(graph, k, [2, 3])).reduce((a, b) => apply(graph, 'add', a, b), x);
  expect(name(many)).toBe('add of images, input 2, input 3, ...');
});

it('a name that is given, or memory on the way, ends the search', () => {
  const inner = apply(graph, 'mul', x, y);
  const outer = apply(graph, 'neg', inner);
  expect(name(outer, new Map([[outer, 'grad of w']]))).toBe('grad of w');
  expect(name(outer, new Map([[inner, 'hidden']]))).toBe('neg of hidden');
  expect(name(outer, new Map(), inner)).toBe('neg of mul');
});

it('a scan is called by what it stacks, or keeps', () => {
  const carry = graph.placeholder([3], 'float32');
  const scan = { id: 1, count: 2, reverse: false, carries: [{ leaf: carry, initial: at([leaf(graph, 6, [3])], 0), next: carry }], inputs: [], captured: [] };
  const of = apply(graph, 'exp', carry);
  expect(name(graph.make({ kind: 'scan', scan, result: 'stack', of }, [leaf(graph, 6, [3])], [2, 3], 'float32'))).toBe('steps of exp of input 6');
  expect(name(graph.make({ kind: 'scan', scan, result: 'final', of: carry }, [leaf(graph, 6, [3])], [3], 'float32'))).toBe('last placeholder of input 6');
});
