import { compile, input, interpreter, OptimizerError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adam } from '../src/index.js';

describe('adam', () => {
  it('keeps two moments for each parameter, and the step count', () => {
    const w = variable([1, 2], { name: 'w' });
    const b = variable(0, { name: 'b', dtype: 'float64' });
    const { params, state } = adam([w.mul(1), b.mul(1)], [w, b]);
    expect(params).toEqual([w, b]);
    expect(state.map((s) => `${s.name} ${s.dtype}[${s.shape.join()}]`)).toEqual([
      'adam/m/w float32[2]', 'adam/v/w float32[2]', 'adam/m/b float64[]', 'adam/v/b float64[]', 'adam/t int32[]',
    ]);
  });

  it('takes a first step of the learning rate, whatever the size of the gradient', async () => {
    const w = variable([0, 0, 0], { name: 'w', dtype: 'float64' });
    const g = input('float64', [3]);
    const step = await compile({ inputs: { g }, updates: adam([g], [w], { learningRate: 0.5, epsilon: 0 }) }, interpreter());
    await step({ g: [1e-6, -3, 1e6] });
    (await w.read()).forEach((value, i) => expect(value).toBeCloseTo([-0.5, 0.5, -0.5][i] ?? NaN, 12));
  });

  it('adds epsilon to the root before the correction of its bias', async () => {
    // One step from 0: m = 0.1 g, sqrt(v) = sqrt(0.001) |g|, and the rate times sqrt(0.001) / 0.1.
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const g = input('float64');
    const step = await compile({ inputs: { g }, updates: adam([g], [w], { learningRate: 1, epsilon: 1 }) }, interpreter());
    await step({ g: 2 });
    const root = Math.sqrt(0.001);
    expect(await w.item()).toBeCloseTo(-(root / 0.1) * (0.2 / (2 * root + 1)), 12);
  });

  it.each([
    [{ learningRate: -1 }, 'learningRate'],
    [{ beta1: 1 }, 'beta1'],
    [{ beta2: -0.1 }, 'beta2'],
    [{ epsilon: -1e-8 }, 'epsilon'],
  ])('refuses %o', (options, name) => {
    const w = variable(1, { name: 'w' });
    expect(() => adam(w.square(), [w], options)).toThrow(OptimizerError);
    expect(() => adam(w.square(), [w], options)).toThrow(new RegExp(`^adam: ${name} must be `));
  });
});
