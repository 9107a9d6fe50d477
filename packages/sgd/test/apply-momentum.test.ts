import { compile, defineOptimizer, DTypeError, type Expr, interpreter, OptimizerError, Updates, variable, type Variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { applyMomentum, applyNesterovMomentum, momentum, nesterovMomentum, sgd } from '../src/index.js';

const f64 = (value: number | number[], name: string): Variable => variable(value, { name, dtype: 'float64' });
const run = async (updates: ReadonlyMap<Variable, Expr>, steps: number): Promise<void> => {
  const step = await compile({ updates }, interpreter());
  for (let t = 0; t < steps; t++) await step();
};

/** A rule with an accumulator that only grows, and a step count. */
const counted = defineOptimizer({
  name: 'counted',
  defaults: {},
  state: (param) => ({ sum: zerosLike(param) }),
  update: ({ param, grad, sum, t }) => ({ param: param.sub(grad.div(t)), sum: sum.add(grad.square()) }),
});

const both = [['applyMomentum', applyMomentum, momentum], ['applyNesterovMomentum', applyNesterovMomentum, nesterovMomentum]] as const;

describe.each(both)('%s', (name, transform, rule) => {
  it('over sgd is the rule with momentum', async () => {
    const [a, b] = [f64([1, -2, 3], 'w'), f64([1, -2, 3], 'w')];
    const loss = (w: Variable): Expr => w.square().mul(variable([1, 0.5, 0.25], { dtype: 'float64' })).sum();
    await run(transform(sgd(loss(a), [a], { learningRate: 0.1 }), undefined, { momentum: 0.75 }), 20);
    await run(rule(loss(b), [b], { learningRate: 0.1, momentum: 0.75 }), 20);
    const expected = await b.read();
    (await a.read()).forEach((value, i) => expect(value).toBeCloseTo(expected[i] ?? NaN, 13));
  });

  it('has a momentum of 0.9 by default', async () => {
    const [a, b] = [f64(1, 'w'), f64(1, 'w')];
    await run(transform(sgd(a.square(), [a], { learningRate: 0.1 })), 5);
    await run(transform(sgd(b.square(), [b], { learningRate: 0.1 }), [b], { momentum: 0.9 }), 5);
    expect(await a.item()).toBe(await b.item());
  });

  it('keeps a velocity for each parameter, named, and none for the state of the rule', () => {
    const w = variable([1, 2], { name: 'w' });
    const base = counted(w.square().sum(), [w]);
    const updates = transform(base);
    expect(updates.params).toEqual([w]);
    expect(updates.state.map((s) => `${s.name} ${s.dtype}[${s.shape.join()}]`)).toEqual([
      'counted/sum/w float32[2]', 'counted/t int32[]', `${name}/velocity/w float32[2]`,
    ]);
    expect(updates.state.slice(0, 2).map((s) => updates.get(s))).toEqual(base.state.map((s) => base.get(s)));
  });

  it('answers a copy', () => {
    const w = variable(1, { name: 'w' });
    const base = sgd(w.square(), [w]);
    const before = base.get(w);
    expect(transform(base).get(w)).not.toBe(before);
    expect([base.size, base.get(w)]).toEqual([1, before]);
  });

  it('covers only the variables that are named, and state that is named stays state', () => {
    const [w, b] = [variable(1, { name: 'w' }), variable(2, { name: 'b' })];
    const base = counted(w.add(b).square(), [w, b]);
    expect(transform(base, [b]).get(w)).toBe(base.get(w));
    const [sum] = base.state;
    if (sum === undefined) throw new Error('no state');
    const updates = transform(base, [sum]);
    expect(updates.params).toEqual([w, b]);
    expect(updates.state.map((s) => s.name).at(-1)).toBe(`${name}/velocity/counted/sum/w`);
  });

  it('covers the floats of a plain Map', () => {
    const [w, n] = [variable(1, { name: 'w' }), variable(0, { name: 'n', dtype: 'int32' })];
    const updates = transform(new Map<Variable, Expr>([[w, w.mul(0.5)], [n, n.add(1)]]));
    expect(updates).toBeInstanceOf(Updates);
    expect([...updates.keys()].map((key) => key.name)).toEqual(['w', 'n', `${name}/velocity/w`]);
  });

  it('takes another name for its state, and a momentum that is set between steps', async () => {
    const [w, factor] = [f64(0, 'w'), f64(0, 'factor')];
    const updates = transform(new Map([[w, w.add(1)]]), undefined, { name: 'ball', momentum: factor });
    expect(updates.state.map((s) => s.name)).toEqual(['ball/velocity/w']);
    const step = await compile({ updates }, interpreter());
    await step();
    expect(await w.item()).toBe(1);
    await factor.set(0.5);
    await step();
    // The velocity was 1 and is 0.5 + 1; Nesterov adds half of it to the 2 of the updates.
    expect(await w.item()).toBe(name === 'applyMomentum' ? 2.5 : 2.75);
  });

  it('covers every key of the updates, and leaves their step count as it is', () => {
    const w = variable(1, { name: 'w' });
    const base = counted(w.square(), [w]);
    const covered = transform(base, [...base.keys()]);
    expect(covered.get(base.slot('t'))).toBe(base.get(base.slot('t')));
    expect(covered.slot(w, 'velocity').name).toBe(`${name}/velocity/w`);
  });

  it('refuses a variable that is not among the updates, is given twice or is no float', () => {
    const [w, other] = [variable(1, { name: 'w' }), variable([1, 2], { name: 'other' })];
    const base = counted(w.square(), [w]);
    expect(() => transform(base, [w, other])).toThrow(new OptimizerError(`${name}: variable other float32[2] is not among the updates`));
    expect(() => transform(base, [w, w])).toThrow(new OptimizerError(`${name}: the variable w is given twice`));
    const count = variable(0, { name: 'count', dtype: 'int32' });
    expect(() => transform(new Map([[count, count.add(1)]]), [count])).toThrow(new DTypeError(`${name}: variable count int32[] is no float; leave it out`));
  });

  it('refuses options that do not fit', () => {
    const w = variable(1, { name: 'w' });
    const base = sgd(w.square(), [w]);
    expect(() => transform(base, undefined, { momentum: 1 })).toThrow(new OptimizerError(`${name}: momentum must be from 0 to 1 (excluded), not 1`));
    const options = { momentum: 0.5, momentun: 0.5 };
    expect(() => transform(base, undefined, options)).toThrow(new OptimizerError(`${name}: there is no option 'momentun'; did you mean momentum? The options are momentum, name, t`));
  });
});

describe('rmsprop-like updates', () => {
  const rms = defineOptimizer({
    name: 'rms',
    defaults: { learningRate: 0.01 },
    state: (param) => ({ mean: zerosLike(param) }),
    update({ param, grad, mean, learningRate }) {
      const next = mean.mul(0.9).add(grad.square().mul(0.1));
      return { param: param.sub(learningRate.mul(grad).div(next.add(1e-6).sqrt())), mean: next };
    },
  });

  /** A gradient that is 1 at first and then 0: the accumulator falls, and momentum carries it below 0. */
  const trained = async (every: boolean): Promise<number> => {
    const [w, steps] = [f64(1, 'w'), f64(0, 'steps')];
    const base = rms([steps.lt(1).cast('float64')], [w]);
    const updates = applyMomentum(base, every ? [...base.keys()] : undefined);
    await run(updates.set(steps, steps.add(1)), 40);
    return w.item();
  };

  it('become NaN where momentum is applied to the accumulator too, and not by default', async () => {
    expect(await trained(true)).toBeNaN();
    expect(await trained(false)).toBeGreaterThan(0);
  });
});
