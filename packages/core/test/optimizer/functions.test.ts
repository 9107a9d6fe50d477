// Hyperparameters that are functions of the step count and the parameter.
import { describe, expect, it } from 'vitest';
import { OptimizerError } from '../../src/errors.js';
import type { Expr } from '../../src/graph/expr.js';
import { input } from '../../src/graph/input.js';
import { interpreter } from '../../src/interpreter/backend.js';
import { exp } from '../../src/operations/elementwise.js';
import { type HyperparameterPlace, range } from '../../src/optimizer/hyperparameter.js';
import { defineOptimizer } from '../../src/optimizer/optimizer.js';
import { defineTransform } from '../../src/optimizer/transform.js';
import { compile } from '../../src/run/compile.js';
import { type Variable, variable } from '../../src/values/variable.js';

const descent = defineOptimizer({
  name: 'descent',
  defaults: { learningRate: 1 },
  ranges: { learningRate: range.nonNegative },
  update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.mul(learningRate)) }),
});

const f64 = (value: number | number[], name: string): Variable => variable(value, { name, dtype: 'float64' });
const ones = (...params: readonly Variable[]): Expr[] => params.map((param) => param.mul(0).add(1));

describe('a hyperparameter that is a function', () => {
  it('counts by the steps of the rule, 1 in the first', async () => {
    const w = f64(0, 'w');
    const updates = descent(ones(w), [w], { learningRate: ({ t }) => exp(t.neg()) });
    expect(updates.state.map(({ name }) => name)).toEqual(['descent/t']);
    const step = await compile({ updates }, interpreter());
    for (let k = 0; k < 3; k++) await step();
    expect(await w.item()).toBeCloseTo(-(Math.exp(-1) + Math.exp(-2) + Math.exp(-3)), 15);
    expect(await updates.slot('t').item()).toBe(3);
  });

  it('is computed in float64, whatever the parameter is', async () => {
    const w = variable(0, { name: 'w' });
    const seen: HyperparameterPlace[] = [];
    const updates = descent(ones(w), [w], { learningRate: (place) => (seen.push(place), place.t.mul(0.1)) });
    expect(seen.map(({ t, param }) => [t.dtype, t.rank, param])).toEqual([['float64', 0, w]]);
    const step = await compile({ updates }, interpreter());
    await step();
    // 0.1 and not the float32 nearest to it, until it meets the parameter.
    expect(await w.item()).toBe(Math.fround(-0.1));
  });

  it('is asked for each parameter, by its shape and its name', async () => {
    const [w, b] = [f64([0, 0], 'layer1/w'), f64(0, 'layer1/b')];
    const updates = descent(ones(w, b), [w, b], { learningRate: ({ param }) => (param.rank > 0 ? 2 : param.name.endsWith('/b') ? 3 : 5) });
    // Numbers alone count no steps.
    expect(updates.state).toEqual([]);
    await (await compile({ updates }, interpreter()))();
    expect([Array.from(await w.read()), await b.item()]).toEqual([[-2, -2], -3]);
  });

  it('may answer an input of the step', async () => {
    const w = f64(0, 'w');
    const rate = input('float64', [], 'rate');
    const step = await compile({ inputs: { rate }, updates: descent(ones(w), [w], { learningRate: ({ t }) => rate.mul(t) }) }, interpreter());
    await step({ rate: 2 });
    await step({ rate: 0.5 });
    expect(await w.item()).toBe(-3);
  });

  it('counts by what somebody else counts, where that is given', async () => {
    const w = f64(0, 'w');
    const count = variable(10, { name: 'count', dtype: 'int32' });
    const updates = descent(ones(w), [w], { t: count, learningRate: ({ t }) => t });
    expect(updates.state).toEqual([]);
    await (await compile({ updates }, interpreter()))();
    expect(await w.item()).toBe(-10);
  });

  it('must answer a number in the range, or a scalar expression', () => {
    const w = f64([1, 2], 'w');
    const refused = (learningRate: () => unknown, message: string): void => {
      const call = (): unknown => Reflect.apply(descent, undefined, [[w.mul(1)], [w], { learningRate }]);
      expect(call).toThrow(new OptimizerError(`descent: learningRate, as its function answers for w, ${message}`));
    };
    refused(() => -1, 'must be a finite number of at least 0, not -1');
    refused(() => undefined, 'is required; give a number or a scalar expression');
    refused(() => '0.1', "must be a number or a scalar expression, not '0.1'");
    refused(() => w, 'must be a scalar, and variable w float64[2] is none');
  });

  it('is taken by transforms, too', async () => {
    const w = f64(0, 'w');
    const partly = defineTransform({ name: 'partly', defaults: { part: 1 }, update: ({ param, next, part }) => ({ param: param.add(next.sub(param).mul(part)) }) });
    const updates = partly(descent(ones(w), [w]), undefined, { part: ({ t, param }) => t.mul(param.rank === 0 ? 0.25 : 1) });
    const step = await compile({ updates }, interpreter());
    await step();
    await step();
    expect(await w.item()).toBe(-0.75);
  });
});

describe('the step count', () => {
  it('stays at the largest int32 where that is reached, and does not begin anew below 0', async () => {
    const w = f64(0, 'w');
    const updates = descent(ones(w), [w], { learningRate: ({ t }) => t.sub(2 ** 31 - 3) });
    const count = updates.slot('t');
    await count.set(2 ** 31 - 4);
    const step = await compile({ updates }, interpreter());
    const path: number[] = [];
    for (let k = 0; k < 5; k++) {
      await step();
      path.push(await count.item());
    }
    expect(path.map((at) => at - (2 ** 31 - 1))).toEqual([-2, -1, 0, 0, 0]);
    // Steps of 0, 1 and three of 2.
    expect(await w.item()).toBe(-7);
  });
});

describe('the option t', () => {
  it('must be a scalar number', () => {
    const w = f64([1, 2], 'w');
    expect(() => descent(w.sum(), [w], { t: w })).toThrow(new OptimizerError('descent: the option t must be a scalar number, and variable w float64[2] is none'));
    // @ts-expect-error -- a number does not count
    expect(() => descent(w.sum(), [w], { t: 3 })).toThrow(new OptimizerError('descent: the option t must be a scalar expression, the number of the step, not 3'));
  });
});

describe('maximize', () => {
  it('climbs: the gradient counts with the other sign', async () => {
    const w = f64([1, -2], 'w');
    const step = await compile({ updates: descent(w.square().sum(), [w], { learningRate: 0.25, maximize: true }) }, interpreter());
    await step();
    expect(Array.from(await w.read())).toEqual([1.5, -3]);
  });

  it('is true or false', () => {
    const w = f64(1, 'w');
    // @ts-expect-error -- no flag
    expect(() => descent(w.square(), [w], { maximize: 1 })).toThrow(new OptimizerError('descent: the option maximize must be true or false, not 1'));
  });
});
