// Which operands a shader's compiler must not recognise, and that no others are written differently.
import type { Instruction } from '@pappus/compiler';
import { describe, expect, it } from 'vitest';
import { opaqueOperands } from '../src/codegen/opaque-operands.js';

type Apply = Extract<Instruction, { kind: 'apply' }>;

const constant = (value: number): Instruction => ({ kind: 'constant', value, dtype: 'float32' });
const uniform = (index: number): Instruction => ({ kind: 'uniform', index, dtype: 'float32' });
const apply = (op: Apply['op'], args: readonly number[], dtype: 'float32' | 'int32' = 'float32'): Apply => ({ kind: 'apply', op, args, operand: dtype, dtype });

/** 0: x, 1: y, 2: z, 3: the constant 0, 4: 2, 5: 3; from 6 on, what is given. */
const after = (...more: readonly Instruction[]): readonly Instruction[] => [uniform(0), uniform(1), uniform(2), constant(0), constant(2), constant(3), ...more];

describe('the operands of an operation', () => {
  it('are hidden where a compiler would cancel them', () => {
    expect(opaqueOperands(apply('mul', [0, 3]), after())).toEqual(['none', 'zero']);
    expect(opaqueOperands(apply('div', [3, 0]), after())).toEqual(['zero', 'none']);
    expect(opaqueOperands(apply('add', [0, 3]), after())).toEqual(['none', 'zero']);
    expect(opaqueOperands(apply('add', [6, 1]), after(apply('sub', [0, 1])))).toEqual(['bits', 'none']);
    expect(opaqueOperands(apply('sub', [1, 6]), after(apply('sub', [1, 0])))).toEqual(['none', 'bits']);
    expect(opaqueOperands(apply('mul', [6, 1]), after(apply('div', [0, 1])))).toEqual(['bits', 'none']);
    expect(opaqueOperands(apply('mul', [6, 5]), after(apply('mul', [0, 4])))).toEqual(['bits', 'none']);
    expect(opaqueOperands(apply('add', [6, 7]), after(apply('mul', [0, 1]), apply('mul', [2, 0])))).toEqual(['bits', 'none']);
  });

  it('are themselves elsewhere', () => {
    expect(opaqueOperands(apply('mul', [0, 4]), after())).toEqual(['none', 'none']);
    expect(opaqueOperands(apply('maximum', [0, 3]), after())).toEqual(['none', 'none']);
    expect(opaqueOperands(apply('add', [6, 2]), after(apply('sub', [0, 1])))).toEqual(['none', 'none']);
    expect(opaqueOperands(apply('add', [6, 2]), after(apply('mul', [0, 1])))).toEqual(['none', 'none']);
    expect(opaqueOperands(apply('mul', [0, 3], 'int32'), after())).toEqual(['none', 'none']);
  });
});
