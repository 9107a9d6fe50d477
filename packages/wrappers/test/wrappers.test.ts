import { compile, defineOptimizer, type Expr, input, interpreter, scalar, scan, substitute, type Updates, type Variable, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { accumulate, averagesOf, cautious, equalAverage, exponentialAverage, gradientAverage, gradientNoise, lookahead, lossScaling, polynomialAverage, sam, skipNonFinite } from '../src/index.js';

const descent = defineOptimizer({ name: 'descent', defaults: { learningRate: 1 }, update: ({ param, grad, learningRate }) => ({ param: param.sub(grad.mul(learningRate)) }) });
const counted = defineOptimizer({ name: 'counted', defaults: {}, state: (param) => ({ m: zerosLike(param) }), update: ({ param, grad, m, t }) => ({ param: param.sub(grad.mul(t)), m: m.add(grad) }) });

const g = input('float64', []);
const one = (): Variable => variable(0, { name: 'w', dtype: 'float64' });

/** The parameter after each step. */
async function along(w: Variable, updates: Updates, grads: readonly number[]): Promise<number[]> {
  const step = await compile({ inputs: { g }, updates }, interpreter());
  const path: number[] = [];
  for (const value of grads) {
    await step({ g: value });
    path.push(await w.item());
  }
  return path;
}

describe('accumulate', () => {
  it('makes one update of the mean of some gradients, and the rule counts updates', async () => {
    const w = one();
    const updates = accumulate(counted, { steps: 2 })([g], [w]);
    expect(await along(w, updates, [1, 3, 5, 7, 100])).toEqual([0, -2, -2, -14, -14]);
    expect(await updates.slot('counted/t').item()).toBe(2);
  });

  it('takes a schedule of the updates', async () => {
    const w = one();
    expect(await along(w, accumulate(descent, { steps: ({ t }) => t })([g], [w]), [1, 3, 5, 1, 1, 1])).toEqual([-1, -1, -5, -5, -5, -6]);
  });

  it('takes the mean of all that it has summed, where a schedule asks for parts of a step', async () => {
    // 2.5 steps are reached by the third.
    const w = one();
    expect(await along(w, accumulate(descent, { steps: () => 2.5 })([g], [w]), [1, 3, 5, 7])).toEqual([0, 0, -3, -3]);
  });

  it('refuses what is no number of steps', () => {
    expect(() => accumulate(descent, { steps: 1.5 })).toThrow('accumulate: steps must be a whole number of at least 1, not 1.5');
  });
});

describe('averages', () => {
  it('are the parameter until a first value is taken, then the mean of every second', async () => {
    const w = one();
    const updates = equalAverage(descent, { start: 2, every: 2 })([g], [w]);
    const [average] = substitute([w.mul(1)], averagesOf(updates));
    const backend = interpreter();
    const read = await compile({ outputs: { average } }, backend);
    const step = await compile({ inputs: { g }, updates }, backend);
    const path: number[] = [];
    for (let t = 1; t <= 6; t++) {
      await step({ g: -1 });
      path.push(await (await read()).average.item());
    }
    expect(path).toEqual([1, 2, 2, 3, 3, 4]);
  });

  it('are found by name where there are several', () => {
    const w = one();
    const updates = equalAverage(exponentialAverage(descent))([g], [w]);
    expect(() => averagesOf(updates)).toThrow('several averages of w');
    expect([...averagesOf(updates, 'equalAverage').keys()]).toEqual([w]);
  });
});

describe('wrappers', () => {
  it('take the rule\'s options, nest, and name a collision', () => {
    const w = one();
    const twice = lookahead(lookahead(descent), { name: 'outer' })([g], [w], { learningRate: 0.1 });
    expect(twice.state.map(({ name }) => name)).toEqual(['lookahead/slow/w', 'lookahead/t', 'outer/slow/w', 'outer/t']);
    expect(() => lookahead(lookahead(descent))([g], [w])).toThrow('give this one another name');
    expect(lookahead(counted)([g], [w], { name: 'group' }).state.map(({ name }) => name)).toContain('group/lookahead/slow/w');
  });

  it('let the state of the rule be found, and their own', () => {
    const w = one();
    const all: Readonly<Record<string, readonly [Updates, ...string[]]>> = {
      accumulate: [accumulate(counted, { steps: 2 })([g], [w]), 'sum'],
      equalAverage: [equalAverage(counted)([g], [w]), 'mean'],
      exponentialAverage: [exponentialAverage(counted)([g], [w]), 'mean'],
      polynomialAverage: [polynomialAverage(counted)([g], [w]), 'mean'],
      gradientAverage: [gradientAverage(counted)([g], [w]), 'mean'],
      gradientNoise: [gradientNoise(counted)([g], [w])],
      lookahead: [lookahead(counted)([g], [w]), 'slow'],
      lossScaling: [lossScaling(counted)(w.mul(g), [w])],
      sam: [sam(counted)(w.mul(g), [w])],
      skipNonFinite: [skipNonFinite(counted)([g], [w])],
      cautious: [cautious(counted)([g], [w])],
    };
    for (const [name, [updates, ...slots]] of Object.entries(all)) {
      expect(updates.params).toEqual([w]);
      expect(updates.slot(w, 'm').name).toBe('counted/m/w');
      expect(updates.slot('counted/t').name).toBe('counted/t');
      for (const slot of slots) expect(updates.slot(w, slot).name).toBe(`${name}/${slot}/w`);
    }
  });

  it('skip steps that are not finite, and count them', async () => {
    const w = one();
    const updates = skipNonFinite(counted)([g], [w]);
    expect(await along(w, updates, [1, NaN, Infinity, 1])).toEqual([-1, -1, -1, -3]);
    expect(await updates.slot('skipped').item()).toBe(2);
  });

  it('scale a loss, and back off', async () => {
    const w = variable(1, { name: 'w', dtype: 'float64' });
    const updates = lossScaling(descent, { initial: 4, interval: 2 })(w.mul(g), [w]);
    expect(await along(w, updates, [1, 1, Infinity, 1])).toEqual([0, -1, -1, -2]);
    // 4, then 8 after two steps, then 4.
    expect(await updates.slot('scale').item()).toBe(4);
    expect(await updates.slot('skipped').item()).toBe(1);
  });

  it('step by the gradient uphill', async () => {
    // The loss w^2 at 1 has the gradient 2; uphill by 0.5, at 1.5, it is 3.
    const w = variable(1, { name: 'w', dtype: 'float64' });
    await (await compile({ updates: sam(descent, { rho: 0.5, epsilon: 0 })(w.square(), [w]) }, interpreter()))();
    expect(await w.item()).toBe(-2);
    expect(() => sam(descent)([g], [w])).toThrow('sam: needs the loss itself');
  });

  it('step uphill by less where epsilon is added to the norm', async () => {
    // Uphill by 0.5 2 / (2 + 2), at 1.25, the gradient is 2.5.
    const w = variable(1, { name: 'w', dtype: 'float64' });
    await (await compile({ updates: sam(descent, { rho: 0.5, epsilon: 2 })(w.square(), [w]) }, interpreter()))();
    expect(await w.item()).toBe(-1.5);
  });

  it('step by the gradient uphill of a loss with a scan', async () => {
    // w after two steps of x <- w x is w^2 from 1: as above.
    const w = variable(1, { name: 'w', dtype: 'float64' });
    const run = scan((x: Expr) => ({ carry: x.mul(w) }), { carry: scalar(1, 'float64'), length: 2 });
    await (await compile({ updates: sam(descent, { rho: 0.5, epsilon: 0 })(run.carry, [w]) }, interpreter()))();
    expect(await w.item()).toBe(-2);
  });

  it('add noise whose variance falls', async () => {
    const w = variable(new Array<number>(4000).fill(0), { name: 'w', dtype: 'float64' });
    const step = await compile({ updates: gradientNoise(descent, { eta: 4, gamma: 2 })([zerosLike(w)], [w]) }, interpreter());
    let before = await w.read();
    for (const variance of [4, 1]) {
      await step();
      const now = await w.read();
      const found = Array.from(now).reduce((sum, value, i) => sum + (value - (before[i] ?? 0)) ** 2, 0) / now.length;
      // The variance of 4000 squares is 2 / 4000 of theirs squared: 5 deviations are 11 %.
      expect(Math.abs(found / variance - 1)).toBeLessThan(0.11);
      before = now;
    }
  });
});
