import { compile, input, interpreter, OptimizerError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { sgd } from '../src/index.js';

describe('sgd', () => {
  it('keeps no state', () => {
    const w = variable([1, 2], { name: 'w' });
    const updates = sgd(w.square().sum(), [w]);
    expect([updates.params, updates.state]).toEqual([[w], []]);
  });

  it('steps by the learning rate times the gradient: 1e-4 by default', async () => {
    const w = variable([1, -2], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2]);
    const step = await compile({ inputs: { g }, updates: sgd([g], [w]) }, interpreter());
    await step({ g: [10, 1] });
    expect(Array.from(await w.read())).toEqual([1 - 1e-3, -2 - 1e-4]);
  });

  it('refuses a negative learning rate', () => {
    const w = variable(1, { name: 'w' });
    expect(() => sgd(w.square(), [w], { learningRate: -0.1 })).toThrow(OptimizerError);
    expect(() => sgd(w.square(), [w], { learningRate: -0.1 })).toThrow(/^sgd: learningRate must be .*, not -0\.1$/);
  });
});
