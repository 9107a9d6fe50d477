import { compile, defineOptimizer, input, interpreter, OptimizerError, range, setting, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { partition } from '../src/index.js';

const descent = defineOptimizer({ name: 'descent', defaults: { learningRate: 0.5 }, ranges: { learningRate: range.nonNegative }, update: ({ param, grad: g, learningRate }) => ({ param: param.sub(g.mul(learningRate)) }) });
const counted = defineOptimizer({
  name: 'counted',
  defaults: { size: 1 },
  state: (param) => ({ m: zerosLike(param) }),
  update: ({ param, grad: g, m, t, size }) => ({ param: param.sub(g.mul(size).div(t)), m: m.add(g) }),
});
const byLoss = defineOptimizer({ name: 'byLoss', defaults: {}, settings: { loss: setting.loss }, update: ({ param, grad: g, loss }) => ({ param: param.sub(g.mul(loss)) }) });

const three = () => [variable([1, 2], { name: 'w', dtype: 'float64' }), variable([3], { name: 'b', dtype: 'float64' }), variable([4], { name: 'embedding', dtype: 'float64' })] as const;

describe('partition', () => {
  it('gives each parameter to the first group that takes it, and leaves frozen ones alone',  () => {
    const [w, b, e] = three();
    const loss = w.sum().add(b.sum()).add(e.sum());
    const rule = partition({ frozen: { params: /^emb/ }, first: { params: [w], rule: counted, options: { size: 2 } }, rest: { rule: descent, options: { learningRate: ({ param }) => (param.rank > 0 ? 0.1 : 0) } } });
    const updates = rule(loss, [w, b, e]);
    expect([...updates.keys()].map(({ name }) => name)).toEqual(['w', 'first/m/w', 'b', 'partition/t']);
    expect(updates.params).toEqual([w, b]);
  });

  it('hands each rule the loss, and gradients that were changed over all groups', async () => {
    const [w, b, e] = three();
    const loss = w.sum().add(b.sum()).add(e.sum()).mul(0.1);
    const rule = partition({ one: { params: [w], rule: byLoss }, two: { rule: descent } }, { gradients: (grads) => grads.map((g) => g.mul(10)) });
    const step = await compile({ updates: rule(loss, [w, b, e]) }, interpreter());
    await step();
    // The loss is 1, its gradients 0.1.
    expect(Array.from(await w.read())).toEqual([0, 1]);
    expect(Array.from(await b.read())).toEqual([2.5]);
  });

  it('changes gradients beside the parameters that they are of, frozen ones left out', async () => {
    const [w, b, e] = three();
    const rule = partition({ frozen: { params: [e] }, rest: { rule: descent } }, { gradients: (grads, params) => grads.map((g, k) => g.add(params[k] ?? 0)) });
    await (await compile({ updates: rule(w.sum().add(b.sum()).add(e.sum()), [e, w, b]) }, interpreter()))();
    // p - (1 + p) / 2.
    expect([await w.read(), await b.read(), await e.read()].map((values) => Array.from(values))).toEqual([[0, 0.5], [1], [4]]);
  });

  it('takes gradients in the place of a loss, and counts steps once', async () => {
    const [w, b, e] = three();
    const g = [input('float64', [2]), input('float64', [1]), input('float64', [1])] as const;
    const updates = partition({ a: { params: [w], rule: counted }, b: { rule: counted } })([...g], [w, b, e]);
    expect(updates.state.map(({ name }) => name)).toEqual(['a/m/w', 'b/m/b', 'b/m/embedding', 'partition/t']);
    const step = await compile({ inputs: { x: g[0], y: g[1], z: g[2] }, updates }, interpreter());
    for (let k = 0; k < 2; k++) await step({ x: [1, 1], y: [2], z: [4] });
    expect(Array.from(await w.read())).toEqual([-0.5, 0.5]);
    expect(Array.from(await e.read())).toEqual([-2]);
  });

  it('counts by what a group says, and has options of a group in the place of those for all', async () => {
    const [w, b, e] = three();
    const count = variable(4, { name: 'count', dtype: 'int32' });
    const ones = [w, b, e].map((param) => param.mul(0).add(1));
    const rule = partition({ w: { params: [w], rule: counted, options: { t: count } }, b: { params: [b], rule: counted, options: { maximize: false } }, e: { rule: counted } });
    await (await compile({ updates: rule(ones, [w, b, e], { maximize: true }) }, interpreter()))();
    expect([await w.read(), await b.read(), await e.read()].map((values) => Array.from(values))).toEqual([[1.25, 2.25], [2], [5]]);
  });

  it('names what does not fit', () => {
    const [w, b, e] = three();
    const loss = w.sum().add(b.sum());
    expect(() => partition({ a: { params: [w], rule: descent } })(loss, [w, b])).toThrow('b is in no group');
    expect(() => partition({ a: { rule: descent }, late: { rule: descent } })(loss, [w, b])).toThrow('the group late takes none of the parameters w, b');
    expect(() => partition({ a: { params: [e], rule: descent }, rest: { rule: descent } })(loss, [w, b])).toThrow(OptimizerError);
  });
});
