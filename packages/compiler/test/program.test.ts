// What a program says besides its kernels: outputs, scalars of the host, variables that the host updates.
import { constant, type Expr, hyperparameter, input, variable, type Variable } from '@pappus/core';
import { GRAPH_VERSION } from '@pappus/core/backend';
import { describe, expect, it } from 'vitest';
import { compileProgram, type KernelPass } from '../src/index.js';
import { programOf } from './programs.js';

const x = input('float32', [3], 'x');
const s = input('float32', [], 's');
const t = variable(1, { name: 't' });
const inputs = [x, s];

describe('outputs', () => {
  it('are buffers, or scalars of the host, which may be constant, or have axes of size 1', () => {
    const { outputs, host } = programOf({ inputs, outputs: [x.neg(), s.mul(2), constant(7, [1]), s.add(t).reshape([1, 1]), x.sum()] });
    expect(outputs.map(({ kind, shape }) => `${kind} ${shape.join()}`)).toEqual(['buffer 3', 'host ', 'host 1', 'host 1,1', 'buffer ']);
    const values = host.evaluate(() => 5, () => 3);
    expect(outputs.map((o) => (o.kind === 'host' ? values[o.index] : o.buffer.size))).toEqual([3, 10, 7, 8, 1]);
  });

  it('that are one tensor are buffers of their own, with its shape as it was asked for', () => {
    const { outputs } = programOf({ inputs, outputs: [x, x, x.reshape([3, 1])] });
    expect(outputs.map((o) => (o.kind === 'buffer' ? [o.buffer.place, o.shape] : []))).toEqual([0, 1, 2].map((position) => [{ kind: 'output', position }, position === 2 ? [3, 1] : [3]]));
  });
});

describe('scalars of the host', () => {
  it('that kernels read are listed once for each dtype, those that they do not read are not', () => {
    const { uniforms, host } = programOf({ inputs, outputs: [x.mul(s.exp()), x.add(s.exp()).sum(), s.add(1)] });
    expect(uniforms.map(({ index, dtype }) => `${host.describe(index)} ${dtype}`)).toEqual(['exp(s) float32'].map((text) => text.replace('(s)', '(input 1)')));
    // A hyperparameter is the same number in both dtypes.
    const wide = input('float64', [3], 'wide');
    const { uniforms: both } = programOf({ inputs: [x, s, wide], outputs: [x.mul(s), wide.mul(hyperparameter(s, 'float64', 'rate'))] });
    expect(both.map(({ dtype }) => dtype)).toEqual(['float32', 'float64']);
    expect(new Set(both.map(({ index }) => index)).size).toBe(1);
  });

  it('are what some variables become', () => {
    const v = variable(2, { name: 'v' });
    const { hostUpdates, host, kernels } = programOf({ inputs, updates: new Map<Variable, Expr>([[t, t.mul(s)], [v, constant(4, [])]]) });
    expect(kernels).toEqual([]);
    const values = host.evaluate(() => 5, () => 3);
    expect(hostUpdates.map(({ variable: { name }, index }) => [name, values[index]])).toEqual([['t', 15], ['v', 4]]);
  });
});

it('every pass is shown its kernels, in the order in which they run', () => {
  const passes: KernelPass[] = [];
  const named = (exprs: readonly Expr[]): { name: string; expr: Expr }[] => exprs.map((expr, k) => ({ name: `${k}`, expr }));
  const options = { inspect: (pass: KernelPass): void => void passes.push(pass) };
  const { kernels } = compileProgram({ graphVersion: GRAPH_VERSION, inputs: named(inputs), outputs: named([x.neg().exp(), x.sum()]), updates: [] }, new Map(), options);
  expect(passes).toEqual(['emit', 'collapse', 'merge', 'order']);
  expect(kernels).toHaveLength(2);
  const { kernels: apart } = compileProgram({ graphVersion: GRAPH_VERSION, inputs: named(inputs), outputs: named([x.neg().exp(), x.sum()]), updates: [] }, new Map(), { fuse: false });
  expect(apart).toHaveLength(3);
});
