import { compile, defineOptimizer, input, interpreter, OptimizerError, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { cautious, type CautiousOptions } from '../src/index.js';

/** Momentum that is kept whole: a step against the gradient of now in some elements. */
const heavy = defineOptimizer({
  name: 'heavy',
  defaults: { learningRate: 1 },
  state: (param) => ({ m: zerosLike(param) }),
  update: ({ param, grad, m, learningRate }) => ({ param: param.sub(learningRate.mul(m.add(grad))), m: m.add(grad) }),
});

/** Two steps of four elements from 1: the second gradient has the other sign in one element, and is 0 in another. */
async function twoSteps(options: CautiousOptions, call: { readonly learningRate?: number; readonly maximize?: boolean } = { learningRate: 1 }): Promise<number[]> {
  const w = variable([1, 1, -1, -1], { name: 'w', dtype: 'float64' });
  const g = input('float64', [4]);
  const step = await compile({ inputs: { g }, updates: cautious(heavy, options)([g], [w], call) }, interpreter());
  const sign = call.maximize === true ? -1 : 1;
  await step({ g: [2, 2, 2, 2].map((x) => sign * x) });
  await w.set([1, 1, -1, -1]);
  await step({ g: [1, -1, 0, 1].map((x) => sign * x) });
  return Array.from(await w.read());
}

describe('cautious', () => {
  it('takes the steps that go against the gradient of now, and scales them', async () => {
    expect(await twoSteps({ scale: 'none' })).toEqual([-2, 1, -1, -4]);
    expect(await twoSteps({ scale: 'mean' })).toEqual([1 - 3 * 2, 1, -1, -1 - 3 * 2]);
    expect(await twoSteps({ scale: 'count' })).toEqual([1 - 4, 1, -1, -1 - 4]);
  });

  it('climbs where the rule does', async () => {
    expect(await twoSteps({ scale: 'none' }, { learningRate: 1, maximize: true })).toEqual([-2, 1, -1, -4]);
  });

  it('decays beside the mask, times the rate; or only where the rule does not lead away from 0', async () => {
    expect(await twoSteps({ scale: 'none', weightDecay: 0.5 }, { learningRate: 0.5 })).toEqual([1 - 0.25 - 1.5, 0.75, -0.75, -0.75 - 1.5]);
    expect(await twoSteps({ scale: 'none', weightDecay: 0.5, decay: 'agreeing' }, { learningRate: 0.5 })).toEqual([1 - 0.25 - 1.5, 0.75, -1, -1 - 1.5]);
  });

  it('decays where the rule rests, which leads nowhere', async () => {
    const w = variable([1, -1], { dtype: 'float64' });
    const updates = cautious(heavy, { weightDecay: 0.5, decay: 'agreeing' })([w.mul(0)], [w], { learningRate: 0.5 });
    await (await compile({ updates }, interpreter()))();
    expect(Array.from(await w.read())).toEqual([0.75, -0.75]);
  });

  it('multiplies by no more than 1000, and rests where nothing agrees', async () => {
    const w = variable([1], { dtype: 'float64' });
    const g = input('float64', [1]);
    const step = await compile({ inputs: { g }, updates: cautious(heavy)([g], [w]) }, interpreter());
    await step({ g: [2] });
    await step({ g: [-1] });
    expect(Array.from(await w.read())).toEqual([-1]);
  });

  it('lets NaN through, which a mask would hide', async () => {
    const w = variable([1, 1], { dtype: 'float64' });
    const g = input('float64', [2]);
    await (await compile({ inputs: { g }, updates: cautious(heavy, { scale: 'none' })([g], [w]) }, interpreter()))({ g: [NaN, 2] });
    expect(Array.from(await w.read())).toEqual([NaN, -1]);
  });

  it('takes the gradients of a loss', async () => {
    const w = variable([3, -2], { dtype: 'float64' });
    const step = await compile({ updates: cautious(heavy)(w.square().sum().mul(0.25), [w], { learningRate: 1 }) }, interpreter());
    await step();
    expect(Array.from(await w.read())).toEqual([1.5, -1]);
  });

  it('needs the rate for its decay, which may be a function of the step', async () => {
    const w = variable([1], { name: 'w', dtype: 'float64' });
    expect(() => cautious(heavy, { weightDecay: 0.1 })([w.mul(0)], [w])).toThrow(OptimizerError);
    const updates = cautious(heavy, { weightDecay: 0.5 })([w.mul(0)], [w], { learningRate: ({ t }) => t.mul(0.5) });
    const step = await compile({ updates }, interpreter());
    await step();
    await step();
    expect(Array.from(await w.read())).toEqual([0.375]);
  });

  it('names options that do not exist', () => {
    const w = variable([1], { dtype: 'float64' });
    const options = { scale: 'median' };
    // @ts-expect-error: as someone without types writes it
    expect(() => cautious(heavy, options)([w], [w])).toThrow(/cautious: the option scale must be/);
  });
});
