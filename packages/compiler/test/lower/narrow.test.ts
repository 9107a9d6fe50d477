// float64 scalars that depend on tensors, for a device that has no float64.
import { type Expr, input, scalar, stopGradient, variable, type Variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { checkProgram } from '../../src/check/index.js';
import { compileProgram, type Program } from '../../src/index.js';
import { kernelBodies } from '../../src/kernels/kernel-parts.js';
import { computationOf, type Spec } from '../programs.js';

function narrowed(spec: Spec, narrow = true): Program {
  const program = compileProgram(computationOf(spec), new Map(), { narrow });
  checkProgram(program);
  return program;
}

const dtypes = ({ kernels }: Program): ReadonlySet<string> => new Set(kernels.flatMap(kernelBodies).flatMap(({ instructions }) => instructions.flatMap((i) => [i.dtype, ...(i.kind === 'apply' ? [i.operand] : [])])));

const w = variable(zeros([3]), { name: 'w' });
const s = variable(0.1, { name: 's', dtype: 'float64' });
const t = variable(0, { name: 't', dtype: 'int32' });
const isGood = w.sum().lt(1);
const count = t.add(1);

describe('single float64 numbers', () => {
  const rate = count.cast('float64').pow(scalar(-0.5, 'float64')).mul(s);
  const updates = new Map<Variable, Expr>([[w, w.sub(rate.cast('float32'))], [t, isGood.where(count, t)], [s, isGood.where(rate, s)]]);

  it('that depend on tensors are float32 where that is asked for, and the variables that keep them', () => {
    expect(dtypes(narrowed({ updates })).has('float64')).toBe(false);
    expect(dtypes(narrowed({ updates }, false)).has('float64')).toBe(true);
    const { buffers } = narrowed({ updates });
    expect(buffers.filter(({ place }) => place.kind === 'variable').map(({ name, dtype }) => `${name} ${dtype}`).sort()).toEqual(['s float32', 't int32', 'w float32']);
  });

  it('that the host has stay what they are: it keeps them in float64, and kernels get them unrounded', () => {
    const spec = { updates: new Map<Variable, Expr>([[w, w.sub(rate.cast('float32'))], [t, count], [s, rate]]) };
    const described = ({ host, hostUpdates, uniforms }: Program): readonly string[] => [...hostUpdates.map(({ variable: { name }, index }) => `${name} = ${host.describe(index)}`), ...uniforms.map(({ index }) => host.describe(index))];
    expect(described(narrowed(spec)).slice(0, 2)).toEqual(['t = add(t, 1)', expect.stringMatching(/^s = mul\(/)]);
    expect(described(narrowed(spec))).toEqual(described(narrowed(spec, false)));
  });

  it('that are asked for as outputs, and tensors, stay float64: the backend refuses them', () => {
    const x = input('float32', [3], 'x');
    expect(dtypes(narrowed({ inputs: [x], outputs: [x.sum().cast('float64').mul(2)] })).has('float64')).toBe(true);
    expect(dtypes(narrowed({ inputs: [x], outputs: [x.cast('float64').sum().cast('float32')] })).has('float64')).toBe(true);
    expect(dtypes(narrowed({ inputs: [x], outputs: [x.cast('float64').mul(0.1).cast('float32')] })).has('float64')).toBe(true);
  });

  it('that are no part of gradients are float32, too', () => {
    const x = input('float32', [3], 'x');
    expect(dtypes(narrowed({ inputs: [x], outputs: [stopGradient(x.sum().cast('float64')).mul(2).cast('float32')] })).has('float64')).toBe(false);
  });

  it('of the host stay float64 where a variable that nothing reads keeps them', () => {
    const { host, hostUpdates } = narrowed({ updates: new Map<Variable, Expr>([[t, count], [s, count.cast('float64').mul(0.1)]]) });
    const values = host.evaluate(() => NaN, () => 2);
    // 0.1 is not the float32 nearest to it.
    expect(hostUpdates.map(({ variable: { name }, index }) => [name, values[index]])).toEqual([['t', 3], ['s', 3 * 0.1]]);
  });
});
