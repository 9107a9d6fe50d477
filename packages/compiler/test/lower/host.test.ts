// Scalars of the host: evaluated in float64, folded where they are constant, each made once.
import { variable } from '@pappus/core';
import { expect, it } from 'vitest';
import { HostProgram } from '../../src/lower/host.js';

const rate = variable(0.1, { name: 'rate' });
const nothing = (): number => NaN;

it('evaluates in float64 what float32 would round', () => {
  const host = new HostProgram();
  const t = host.input(0);
  const beta = host.constant(0.999);
  const correction = host.apply('sub', [host.constant(1), host.apply('pow', [beta, t], 'float32', 'float32')], 'float32', 'float32');
  const result = host.apply('div', [host.variable(rate), correction], 'float32', 'float32');
  expect(host.evaluate(() => 7, () => 1e-3)[result]).toBe(1e-3 / (1 - 0.999 ** 7));
});

it('gives each operand to its place', () => {
  const host = new HostProgram();
  const [a, b, c] = [0, 1, 2].map((k) => host.input(k));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three');
  const where = host.apply('where', [host.apply('lt', [a, b], 'float32', 'bool'), b, c], 'float32', 'float32');
  const sub = host.apply('sub', [a, c], 'float32', 'float32');
  const values = [5, 7, 11];
  expect([...host.evaluate((k) => values[k] ?? NaN, nothing)].at(where)).toBe(7);
  values[0] = 8;
  const all = host.evaluate((k) => values[k] ?? NaN, nothing);
  expect([all[where], all[sub]]).toEqual([11, -3]);
});

it('asks each variable and each input for its own value', () => {
  const host = new HostProgram();
  const other = variable(1, { name: 'other' });
  const sum = host.apply('sub', [host.apply('mul', [host.variable(rate), host.input(3)], 'float32', 'float32'), host.variable(other)], 'float32', 'float32');
  expect(host.evaluate((k) => 10 * k, (v) => (v === rate ? 2 : 5))[sum]).toBe(55);
});

it('is of the right length when more was added after an evaluation', () => {
  const host = new HostProgram();
  const a = host.input(0);
  expect(host.evaluate(() => 2, nothing)).toHaveLength(1);
  const b = host.apply('mul', [a, a], 'float32', 'float32');
  expect(host.evaluate(() => 3, nothing)[b]).toBe(9);
});

it('folds constants, and int32 wraps', () => {
  const host = new HostProgram();
  const folded = host.apply('mul', [host.constant(2 ** 30), host.constant(6)], 'int32', 'int32');
  expect(host.constantAt(folded)).toBe(Math.imul(2 ** 30, 6));
  const half = host.apply('div', [host.constant(1), host.constant(3)], 'float32', 'float32');
  expect(host.constantAt(half)).toBe(1 / 3);
  expect(host.constantAt(host.apply('mul', [host.input(0), half], 'float32', 'float32'))).toBeUndefined();
  expect(host.constantAt(99)).toBeUndefined();
});

it('makes each instruction once, and another where one thing is another', () => {
  const host = new HostProgram();
  const [a, b] = [host.input(0), host.input(1)];
  const different = [
    a, b, host.variable(rate), host.variable(variable(0.1)),
    host.constant(0), host.constant(-0), host.constant(1),
    host.apply('sub', [a, b], 'float32', 'float32'), host.apply('sub', [b, a], 'float32', 'float32'), host.apply('add', [a, b], 'float32', 'float32'),
    host.apply('sub', [a, b], 'int32', 'int32'), host.apply('lt', [a, b], 'float32', 'bool'), host.apply('lt', [a, b], 'int32', 'bool'),
    host.apply('cast', [a], 'float32', 'int32'), host.apply('cast', [a], 'float32', 'bool'),
  ];
  expect(new Set(different).size).toBe(different.length);
  expect([host.input(1), host.constant(-0), host.apply('sub', [b, a], 'float32', 'float32')]).toEqual([b, different[5], different[8]]);
  expect(host.instructions).toHaveLength(different.length);
});

it('tells of itself', () => {
  const host = new HostProgram(['time']);
  const scaled = host.apply('mul', [host.variable(rate), host.apply('sqrt', [host.input(0)], 'float32', 'float32')], 'float32', 'float32');
  expect(host.describe(scaled)).toBe('mul(rate, sqrt(time))');
  expect(host.describe(scaled, 1)).toBe('mul(rate, ...)');
  expect(host.describe(host.input(4))).toBe('input 4');
});
