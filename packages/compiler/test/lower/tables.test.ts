// Elements of tables are taken on the host: which program of the host that gives, and no kernel.
import { type Expr, input, literal, scalar, type Variable, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { programOf, type Spec } from '../programs.js';

const t = variable(0, { name: 't', dtype: 'int32' });
const w = variable(zeros([4]), { name: 'w' });
const g = input('float32', [4], 'g');
const table = literal([10, 20, 30, 40, 50, 60], [6], 'float32');

/** What the host makes of a rate in steps 0, 1 and so on, and how many kernels there are beside the one that uses it. */
function rates(rate: Expr, steps: number): { values: number[]; kernels: number } {
  const spec: Spec = { inputs: [g], outputs: [rate], updates: new Map<Variable, Expr>([[w, w.sub(g.mul(rate.cast('float32')))], [t, t.add(1)]]) };
  const { host, outputs, kernels } = programOf(spec);
  const [output] = outputs;
  if (output?.kind !== 'host') throw new Error('the rate is no scalar of the host');
  return { values: Array.from({ length: steps }, (_, step) => host.evaluate(() => NaN, () => step)[output.index] ?? NaN), kernels: kernels.length - 1 };
}

describe('a table', () => {
  it('is looked up by the host, at any scalar of it', () => {
    expect(rates(table.take(t), 7)).toEqual({ values: [10, 20, 30, 40, 50, 60, NaN], kernels: 0 });
    expect(rates(table.take(t.mul(2).add(1), 0, { mode: 'clamp' }), 4)).toEqual({ values: [20, 40, 60, 60], kernels: 0 });
    expect(rates(table.take(t, 0, { mode: 'wrap' }).mul(0.5), 8).values).toEqual([5, 10, 15, 20, 25, 30, 5, 10]);
  });

  it('may be a part of another, of any dtype', () => {
    expect(rates(table.slice([1, null, 2]).take(t), 4).values).toEqual([20, 40, 60, NaN]);
    expect(rates(table.reshape([2, 3]).slice([null, null, -1], 1).take(t), 3).values).toEqual([50, 20, NaN]);
    expect(rates(table.slice(3), 2)).toEqual({ values: [40, 40], kernels: 0 });
    expect(rates(literal([1e-3, 1 / 3], [2], 'float64').take(t), 2).values).toEqual([1e-3, 1 / 3]);
    expect(rates(literal([3, 5], [2], 'int32').take(t), 3).values).toEqual([3, 5, -(2 ** 31)]);
    expect(rates(literal([1, 0], [2], 'bool').take(t).where(scalar(2, 'float32'), 3), 3).values).toEqual([2, 3, 3]);
  });

  it('is another than another part of the same', () => {
    expect(rates(table.slice([0, 3]).take(t).mul(100).add(table.slice([3, 6]).take(t)), 3).values).toEqual([1040, 2050, 3060]);
    expect(rates(table.slice([0, null, 2]).take(t).mul(100).add(table.slice([0, 3]).take(t)), 3).values).toEqual([1010, 3020, 5030]);
  });

  it('may say what a scalar becomes', () => {
    const rate = variable(0, { name: 'rate' });
    const { hostUpdates, kernels } = programOf({ inputs: [g], updates: new Map<Variable, Expr>([[rate, table.take(t).add(rate)], [w, w.sub(g.mul(rate))], [t, t.add(1)]]) });
    expect(hostUpdates.map(({ variable: { name } }) => name).sort()).toEqual(['rate', 't']);
    expect(kernels).toHaveLength(1);
  });

  it('that is computed, or looked up at several places or by a tensor, is one of kernels', () => {
    const kernelsOf = (outputs: readonly Expr[]): number => programOf({ inputs: [g, input('int32', [2], 'rows')], outputs }).kernels.length;
    expect(kernelsOf([table.mul(g.sum()).take(t)])).toBeGreaterThan(0);
    expect(kernelsOf([table.take(g.sum().cast('int32'))])).toBeGreaterThan(0);
    expect(kernelsOf([table.take(t.add(0).broadcastTo([2]))])).toBe(1);
    expect(kernelsOf([table.reshape([2, 3]).take(t)])).toBe(1);
  });

  it('is no scalar where the variable is none: one of shape [1] is written by a kernel', () => {
    const one = variable(zeros([1]), { name: 'one' });
    const { kernels, hostUpdates } = programOf({ updates: new Map<Variable, Expr>([[one, table.take(t).reshape([1])], [t, t.add(1)]]) });
    expect(kernels).toHaveLength(1);
    expect(hostUpdates).toHaveLength(1);
  });
});
