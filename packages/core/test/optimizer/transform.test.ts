import { describe, expect, it } from 'vitest';
import { compile } from '../../src/run/compile.js';
import { OptimizerError } from '../../src/errors.js';
import { range } from '../../src/optimizer/hyperparameter.js';
import { zerosLike } from '../../src/values/initializers.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { defineOptimizer } from '../../src/optimizer/optimizer.js';
import { defineTransform } from '../../src/optimizer/transform.js';
import { Updates } from '../../src/optimizer/updates.js';
import { variable } from '../../src/values/variable.js';

const descent = defineOptimizer({
  name: 'descent',
  defaults: { learningRate: 1 },
  update: ({ param, grad, learningRate }) => ({ param: param.sub(learningRate.mul(grad)) }),
});

/** Goes a part of the way, and counts what it went; the part is divided by the step count. */
const partly = defineTransform({
  name: 'partly',
  defaults: { part: 0.5 },
  ranges: { part: range.nonNegative },
  state: (param) => ({ way: zerosLike(param) }),
  update({ param, next, t, part, way }) {
    const step = next.sub(param).mul(part).div(t);
    return { param: param.add(step), way: way.add(step.abs()) };
  },
});

describe('a transform', () => {
  it('sees what the variable becomes, its state, the step count and hyperparameters', async () => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const updates = partly(descent([w.mul(0).sub(1)], [w]));
    expect(updates.params).toEqual([w]);
    expect(updates.state.map((s) => s.name)).toEqual(['partly/way/w', 'partly/t']);
    const step = await compile({ updates }, interpreter());
    await step();
    await step();
    // 1/2, and 1/4 more.
    expect(await w.item()).toBe(0.75);
    expect(await updates.state[0]?.item()).toBe(0.75);
  });

  it('goes over another one: the last sees what the others made of it', async () => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const updates = partly(partly(new Map([[w, w.add(1)]])), undefined, { name: 'again', part: 0.25 });
    await (await compile({ updates }, interpreter()))();
    expect(await w.item()).toBe(0.125);
  });

  it('of no updates gives none', () => {
    expect(partly(new Map()).size).toBe(0);
  });

  it('refuses hyperparameters out of range', () => {
    expect(() => partly(new Map(), undefined, { part: -1 })).toThrow(new OptimizerError('partly: part must be a finite number of at least 0, not -1'));
  });
});

describe('updates.modify', () => {
  it('changes what a variable becomes, in its place and its role', () => {
    const [a, b] = [variable(1, { name: 'a' }), variable(2, { name: 'b' })];
    const updates = new Updates().setState(a, a.add(1)).setParam(b, b.add(1));
    expect(updates.modify(a, (next) => next.minimum(3))).toBe(updates);
    expect(updates.get(a)).toBe(a.add(1).minimum(3));
    expect([[...updates.keys()], updates.state]).toEqual([[a, b], [a]]);
  });

  it('refuses a variable that is not among them', () => {
    const w = variable(1, { name: 'w' });
    expect(() => new Updates().modify(w, (next) => next)).toThrow(new OptimizerError('w is not among the updates, and cannot be modified'));
  });
});
