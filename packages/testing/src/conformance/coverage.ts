/**
 * What each section of the suite must have put before a backend, however few cases are run: every elementwise operation of every dtype,
 * every reduction, every kind of node, and the gradient of each that has one. The lists are core's own, or complete by type.
 */
import * as core from '@pappus/core';
import { type DType, type Expr, GraphError, input, isFloat } from '@pappus/core';
import { domainOf, ELEMENTWISE_OPS, type ElementwiseOp, inDomain, isBinary, isUnary, type Node, type ReduceOp } from '@pappus/core/backend';
import { expect, it } from 'vitest';
import type { Section } from '../conformance.js';
import { BINARY, UNARY } from './elementwise.js';
import { elementwiseName, gradientOf } from './recording.js';
import type { FloatDType, Setting } from './setting.js';

/** The sections that compute something and differentiate it; or why none differentiates it. */
type Held = { readonly in: Section; readonly gradient: Section } | { readonly in: Section; readonly noGradient: string };

const LEAF = 'has no operands';

const NODES: Readonly<Record<Node['kind'], Held>> = {
  constant: { in: 'elementwise', noGradient: LEAF },
  size: { in: 'calls', noGradient: LEAF },
  data: { in: 'operands', noGradient: LEAF },
  input: { in: 'elementwise', noGradient: LEAF },
  variable: { in: 'updates', noGradient: LEAF },
  iota: { in: 'movement', noGradient: LEAF },
  placeholder: { in: 'recurrent', noGradient: LEAF },
  elementwise: { in: 'elementwise', gradient: 'gradients' },
  unroundedCast: { in: 'float32', noGradient: 'is of numbers that the host computes, in no kernel' },
  reduce: { in: 'reductions', gradient: 'gradients' },
  cumsum: { in: 'cumulative', gradient: 'cumulative' },
  reshape: { in: 'movement', gradient: 'gradients' },
  broadcast: { in: 'movement', gradient: 'gradients' },
  transpose: { in: 'movement', gradient: 'gradients' },
  slice: { in: 'movement', gradient: 'gradients' },
  pad: { in: 'movement', gradient: 'movement' },
  concat: { in: 'movement', gradient: 'gradients' },
  gather: { in: 'indexing', gradient: 'indexing' },
  scatter: { in: 'indexing', gradient: 'indexing' },
  matmul: { in: 'products', gradient: 'gradients' },
  window: { in: 'windows', gradient: 'windows' },
  customGradient: { in: 'windows', gradient: 'windows' },
  scan: { in: 'recurrent', gradient: 'recurrent' },
  remat: { in: 'recurrent', gradient: 'recurrent' },
  routine: { in: 'linearAlgebra', gradient: 'linearAlgebra' },
  barrier: { in: 'recurrent', gradient: 'recurrent' },
  stopGradient: { in: 'recurrent', noGradient: 'stops gradients' },
};

const REDUCTIONS: Readonly<Record<ReduceOp, Held>> = {
  sum: { in: 'reductions', gradient: 'gradients' },
  prod: { in: 'reductions', gradient: 'gradients' },
  max: { in: 'reductions', gradient: 'gradients' },
  min: { in: 'reductions', gradient: 'gradients' },
  all: { in: 'reductions', noGradient: 'is of bool' },
  any: { in: 'reductions', noGradient: 'is of bool' },
};

const OPS = ELEMENTWISE_OPS.filter((op): op is ElementwiseOp => op === 'where' || op === 'cast' || op in UNARY || op in BINARY);

/** Whether core has a gradient for an elementwise operation of a float dtype. */
function isDifferentiable(op: ElementwiseOp, dtype: FloatDType, floats: readonly FloatDType[]): boolean {
  const x = input(dtype, [1]);
  const value = valueOf(op, x, floats);
  if (value === undefined || !isFloat(value.dtype)) return false;
  try {
    core.grad(value.sum(), x);
    return true;
  } catch (error) {
    if (error instanceof GraphError) return false;
    throw error;
  }
}

/** An operation of one tensor; undefined of a cast where there is no other float dtype. */
function valueOf(op: ElementwiseOp, x: Expr, floats: readonly FloatDType[]): Expr | undefined {
  if (op === 'cast') {
    const other = floats.find((dtype) => dtype !== x.dtype);
    return other === undefined ? undefined : x.cast(other);
  }
  if (op === 'where') return x.eq(0).where(x, 1);
  if (isUnary(op)) return UNARY[op](x);
  return isBinary(op) ? BINARY[op](x, x) : undefined;
}

/** The dtypes on which an operation can be computed; those which a backend has not are missing in its options. */
function dtypesOf(op: ElementwiseOp, dtypes: readonly DType[]): readonly DType[] {
  return op === 'where' || op === 'cast' ? dtypes : dtypes.filter((dtype) => inDomain(domainOf(op), dtype));
}

/** Declares the last test of a suite: that its sections have held all that they are to hold. */
export function coverage(setting: Setting, sections: readonly Section[]): void {
  it('has had every operation, reduction, node and gradient that its sections are to hold', () => {
    const missing = required(setting, sections).filter((name) => !setting.recording.names.has(name));
    expect(missing, `of ${sections.join(', ')}`).toEqual([]);
  });
}

function required({ dtypes, floats }: Setting, sections: readonly Section[]): string[] {
  const named = (table: Readonly<Record<string, Held>>): string[] =>
    Object.entries(table).flatMap(([name, held]) => [
      ...(sections.includes(held.in) ? [name] : []),
      ...('gradient' in held && sections.includes(held.gradient) ? [gradientOf(name)] : []),
    ]);
  const values = sections.includes(NODES.elementwise.in) ? OPS.flatMap((op) => dtypesOf(op, dtypes).map((dtype) => elementwiseName(op, dtype))) : [];
  const gradients = sections.includes('gradients')
    ? OPS.flatMap((op) => dtypesOf(op, floats).filter(isFloat).filter((dtype) => isDifferentiable(op, dtype, floats)).map((dtype) => gradientOf(elementwiseName(op, dtype))))
    : [];
  return [...values, ...gradients, ...named(NODES), ...named(REDUCTIONS)];
}
