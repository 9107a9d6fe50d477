// Which buffers the code of a kernel wants in which steps, and whether it matters that another kernel overwrites one.
import { describe, expect, it } from 'vitest';
import { ALWAYS, type Condition, Conditions, negated } from '../../src/kernels/condition.js';
import type { Body, Buffer, Instruction, Kernel } from '../../src/kernels/kernel.js';
import { neverMeet, wantedReads } from '../../src/kernels/wanted-reads.js';
import { HostProgram } from '../../src/lower/host.js';
import { required } from '../../src/required.js';
import { buffer } from '../tensors.js';

const host = new HostProgram();
const conditions = new Conditions(host);
const [due, late] = [host.input(0), host.input(1)];
const isDue = required(conditions.of(due), 'a condition');

const [rows, table, other, to] = [0, 1, 2, 3].map((id) => buffer(id, 8));
if (rows === undefined || table === undefined || other === undefined || to === undefined) throw new Error('four');
const place = { offset: 0, strides: [1] };

/** `to = due ? table[rows] : other`. */
const instructions: readonly Instruction[] = [
  { kind: 'load', access: { buffer: rows, ...place }, dtype: 'int32' },
  { kind: 'uniform', index: due, dtype: 'bool' },
  { kind: 'gather', access: { buffer: table, offset: 0, strides: [0] }, index: 0, stride: 1, count: 8, outside: 0, dtype: 'float32' },
  { kind: 'load', access: { buffer: other, ...place }, dtype: 'float32' },
  { kind: 'apply', op: 'where', args: [1, 2, 3], operand: 'bool', dtype: 'float32' },
];
const body: Body = { instructions, stores: [{ access: { buffer: to, ...place }, value: 4 }] };

const nest = (own: Body, when?: number): Kernel => ({ kind: 'elementwise', extents: [8], body: own, update: true, segments: [{ size: 8, buffers: [...new Set([...own.instructions.flatMap((i) => ('access' in i ? [i.access.buffer] : [])), ...own.stores.map(({ access }) => access.buffer)])] }], ...(when === undefined ? {} : { when }) });
const writer = (written: Buffer, when?: number): Kernel => nest({ instructions: [{ kind: 'constant', value: 1, dtype: 'float32' }], stores: [{ access: { buffer: written, ...place }, value: 0 }] }, when);
const reader = (read: Buffer, when?: number): Kernel => nest({ instructions: [{ kind: 'load', access: { buffer: read, ...place }, dtype: 'float32' }], stores: [{ access: { buffer: to, ...place }, value: 0 }] }, when);

const wanted = (kernel: Kernel): [number, Condition][] => [...wantedReads(kernel, conditions)].map(([{ id }, condition]): [number, Condition] => [id, condition]).sort(([a], [b]) => a - b);

describe('a kernel wants', () => {
  it('what it looks up, and by what, where that is chosen', () => {
    expect(wanted(nest(body))).toEqual([[0, isDue], [1, isDue], [2, negated(isDue)]]);
  });

  it('what it is asked for in two ways in the steps of both', () => {
    const twice: Body = { ...body, stores: [...body.stores, { access: { buffer: to, ...place }, value: 2 }] };
    expect(wanted(nest(twice))).toEqual([[0, ALWAYS], [1, ALWAYS], [2, negated(isDue)]]);
  });

  it('the index of a scatter always, whatever is chosen of its values', () => {
    expect(wanted({ kind: 'scatter', extents: [8], body, index: 0, stride: 1, count: 8 })).toEqual([[0, ALWAYS], [1, isDue], [2, negated(isDue)]]);
  });
});

describe('it matters what overwrites a buffer', () => {
  const meet = (one: Kernel, another: Kernel, shared: Buffer): boolean => !neverMeet(one, another, shared, conditions);
  const never = host.apply('not', [due], 'bool', 'bool');

  it('but in steps in which nothing wants it', () => {
    expect(meet(nest(body), writer(table, due), table)).toBe(true);
    expect(meet(nest(body), writer(table, never), table)).toBe(false);
    expect(meet(nest(body), writer(other, due), other)).toBe(false);
    expect(meet(nest(body), writer(other, late), other)).toBe(true);
    expect(meet(nest(body), writer(other), other)).toBe(true);
  });

  it('but where the reader runs in other steps', () => {
    expect(meet(reader(table), writer(table, due), table)).toBe(true);
    expect(meet(reader(table, due), writer(table, due), table)).toBe(true);
    expect(meet(reader(table, never), writer(table, due), table)).toBe(false);
  });
});
