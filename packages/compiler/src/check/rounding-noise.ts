/** Values that are off by a little more than rounding takes them: how far results move then is what rounding alone can do to them. */
import { type DType, type Expr } from '@pappus/core';
import type { ElementwiseOp, Noise } from '@pappus/core/backend';

/** The most that a value is off: as a part of it 16 roundings, or 8 units in the last place; and the smallest normal number, below which a device may see 0. */
const LARGEST: Readonly<Partial<Record<DType, { readonly part: number; readonly smallest: number }>>> = {
  float32: { part: 8 * 2 ** -23, smallest: 2 ** -126 },
  float64: { part: 8 * 2 ** -52, smallest: 2 ** -1022 },
};

/** Operations whose results are exact. */
const EXACT: ReadonlySet<ElementwiseOp> = new Set<ElementwiseOp>(['neg', 'abs', 'sign', 'floor', 'ceil', 'round', 'maximum', 'minimum', 'where']);

/** Noise for `interpret`: other in each trial, and the same whenever it is asked for. */
export function roundingNoise(trial: number): Noise {
  let state = Math.imul(trial + 1, 0x9e3779b1);
  /** From -1 to 1. */
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
  return (value, expr, user) => {
    const largest = LARGEST[expr.dtype];
    if (largest === undefined || !(user === undefined ? rounds(expr) : sums(user))) return value;
    // Whole numbers are mostly counts, labels and zeros, which are exact.
    const { part, smallest } = largest;
    return { ...value, data: value.data.map((v) => (Number.isInteger(v) ? v : v * (1 + part * next()) + smallest * next())) };
  };
}

/** Whether what it adds up may cancel: its terms are rounded, too. */
function sums({ node }: Expr): boolean {
  return node.kind === 'matmul' || node.kind === 'cumsum' || node.kind === 'scatter' || (node.kind === 'reduce' && node.op === 'sum');
}

function rounds(expr: Expr): boolean {
  const { node } = expr;
  return sums(expr) || (node.kind === 'reduce' && node.op === 'prod') || (node.kind === 'elementwise' && !EXACT.has(node.op));
}
