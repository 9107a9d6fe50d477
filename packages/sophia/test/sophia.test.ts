import { compile, input, interpreter, OptimizerError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { sophia } from '../src/index.js';

describe('sophia', () => {
  it('estimates the diagonal of the Hessian without error where it is diagonal and vectors are signs', async () => {
    // The loss 3 a^2 / 2 + 5 b^2 / 2 + 2 a has the Hessian diag(3, 5): u * H u = H u^2 = H.
    const w = variable([1, -2], { name: 'w', dtype: 'float64' });
    const loss = w.square().mul(variable([1.5, 2.5], { name: 'c', dtype: 'float64' })).sum().add(w.sum());
    const updates = sophia(loss, [w], { beta2: 0, vectors: 'signs' });
    await (await compile({ updates }, interpreter()))();
    expect([...(await updates.slot(w, 'h').read())]).toEqual([3, 5]);
  });

  it('takes a clipped Newton step, by hand: m / (gamma h), at most rho', async () => {
    const w = variable([1, 1], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2]);
    const h = input('float64', [2]);
    const updates = sophia([g], [w], { learningRate: 0.5, beta1: 0, beta2: 0, gamma: 0.5, rho: 1, hessian: [h] });
    await (await compile({ inputs: { g, h }, updates }, interpreter()))({ g: [2, 2], h: [8, 1] });
    expect([...(await w.read())]).toEqual([1 - 0.5 * (2 / 4), 1 - 0.5]);
  });

  it('takes a new Hessian in the first of each interval of steps, and others in between leave the mean', async () => {
    const w = variable(1, { name: 'w', dtype: 'float64' });
    const h = input('float64');
    const updates = sophia([w.mul(1)], [w], { beta2: 0, interval: 3, hessian: [h] });
    const step = await compile({ inputs: { h }, updates }, interpreter());
    const seen: number[] = [];
    for (let t = 1; t <= 7; t++) {
      await step({ h: t });
      seen.push(await updates.slot(w, 'h').item());
    }
    expect(seen).toEqual([1, 1, 1, 4, 4, 4, 7]);
  });

  it('draws other vectors in each step, and for each parameter', async () => {
    const [a, b] = [variable(1, { name: 'a', dtype: 'float64' }), variable(1, { name: 'b', dtype: 'float64' })];
    const updates = sophia(a.square().add(b.square()), [a, b], { beta2: 0, interval: 1, gamma: 0 });
    const step = await compile({ updates }, interpreter());
    const seen = new Set<number>();
    for (let t = 0; t < 4; t++) {
      await step();
      for (const w of [a, b]) seen.add(await updates.slot(w, 'h').item());
    }
    expect(seen.size).toBe(8);
  });

  it('counts the Hessian of a parameter in which the loss is linear as 0', async () => {
    const [a, b] = [variable(1, { name: 'a', dtype: 'float64' }), variable(1, { name: 'b', dtype: 'float64' })];
    const updates = sophia(a.square().add(b), [a, b], { vectors: 'signs', beta2: 0 });
    await (await compile({ updates }, interpreter()))();
    expect(await updates.slot(a, 'h').item()).toBe(2);
    expect(await updates.slot(b, 'h').item()).toBe(0);
  });

  it('says what to do where gradients are inputs', () => {
    const w = variable(1, { name: 'w' });
    expect(() => sophia([input('float32')], [w])).toThrow(OptimizerError);
    expect(() => sophia([input('float32')], [w])).toThrow(/call it with the loss or with grad\(loss, params\), or give the diagonals of Hessians/);
  });
});
