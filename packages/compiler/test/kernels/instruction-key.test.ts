import { type Buffer, type Instruction, instructionKey } from '@pappus/compiler';
import { expect, test } from 'vitest';

const buffer = (id: number): Buffer => ({ id, name: `b${id}`, dtype: 'float32', size: 8, place: { kind: 'temporary' } });
const place = { offset: 1, strides: [2, 3] };
const load: Instruction = { kind: 'load', access: { buffer: buffer(1), ...place }, dtype: 'float32' };
const gather = { kind: 'gather', access: load.access, index: 4, stride: 5, count: 6, outside: NaN, dtype: 'float32' } as const;
const apply = { kind: 'apply', op: 'where', args: [0, 1, 2], operand: 'float32', dtype: 'float32' } as const;
const byId = ({ id }: Buffer): string => String(id);

/** Each differs from every other in one thing alone. */
const different: readonly Instruction[] = [
  load,
  { ...load, access: { ...load.access, buffer: buffer(2) } },
  { ...load, access: { ...load.access, offset: 0 } },
  { ...load, access: { ...load.access, strides: [23] } },
  gather,
  { ...gather, index: 3 },
  { ...gather, stride: 3 },
  { ...gather, count: 3 },
  { ...gather, outside: 0 },
  { kind: 'constant', value: 0, dtype: 'float32' },
  { kind: 'constant', value: -0, dtype: 'float32' },
  { kind: 'constant', value: 0, dtype: 'int32' },
  { kind: 'uniform', index: 0, dtype: 'float32' },
  { kind: 'uniform', index: 1, dtype: 'float32' },
  { kind: 'result', index: 0, dtype: 'float32' },
  { kind: 'index', value: place, dtype: 'int32' },
  apply,
  { ...apply, args: [0, 12] },
  { ...apply, operand: 'bool' },
  { ...apply, dtype: 'bool' },
  { ...apply, op: 'add', args: [0, 1] },
];

test('instructions that differ in one thing have different keys', () => {
  const keys = different.map((i) => instructionKey(i, byId));
  expect(new Set(keys).size).toBe(different.length);
});

test('equal instructions have equal keys', () => {
  expect(different.map((i) => instructionKey(structuredClone(i), byId))).toEqual(different.map((i) => instructionKey(i, byId)));
});

test('buffers are told apart as the caller says', () => {
  const other: Instruction = { ...load, access: { ...load.access, buffer: buffer(2) } };
  expect(instructionKey(other, () => 'same')).toBe(instructionKey(load, () => 'same'));
});
