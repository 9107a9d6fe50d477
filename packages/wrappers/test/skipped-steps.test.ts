// Steps that are left out leave everything as it is, bit for bit; scales of a loss back off and grow as counted by hand.
import { compile, defineOptimizer, input, interpreter, type TypedArray, type Updates, type Variable, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { accumulate, equalAverage, exponentialAverage, gradientAverage, gradientNoise, lookahead, lossScaling, skipNonFinite } from '../src/index.js';

/** A rule with state of each parameter, state that is shared, and a count. */
const heavy = defineOptimizer({
  name: 'heavy',
  defaults: { learningRate: 0.5 },
  shared: () => ({ total: 0 }),
  state: (param) => ({ m: zerosLike(param) }),
  updateAll: ({ each, total, t }) => ({
    each: each.map(({ param, grad, m, learningRate }) => ({ param: param.sub(learningRate.mul(m.mul(0.5).add(grad)).div(t.cast(param.dtype))), m: m.mul(0.5).add(grad) })),
    total: each.map(({ grad }) => grad.sum()).reduce((a, b) => a.add(b), total),
  }),
});

const BAD = [NaN, Infinity, -Infinity];

describe('skipNonFinite', () => {
  const rules: Readonly<Record<string, typeof heavy>> = {
    'a rule': heavy,
    lookahead: lookahead(heavy, { steps: 2 }),
    accumulate: accumulate(heavy, { steps: 2 }),
    averages: equalAverage(exponentialAverage(heavy)),
    gradientAverage: gradientAverage(heavy),
    gradientNoise: gradientNoise(heavy),
  };
  const [a, b] = [input('float64', [2], 'a'), input('float64', [], 'b')];

  it.each(Object.keys(rules))('over %s leaves every bit in a bad step, and goes on as if it had not been', async (name) => {
    const rule = rules[name] ?? heavy;
    const run = async (gradients: readonly (readonly [readonly number[], number])[]): Promise<{ readonly path: TypedArray[][]; readonly skipped: number }> => {
      const params = [variable([1, -2], { name: 'p', dtype: 'float64' }), variable(3, { name: 'q', dtype: 'float64' })];
      const updates: Updates = skipNonFinite(rule)([a, b], params);
      const step = await compile({ inputs: { a, b }, updates }, interpreter());
      const skipped = updates.slot('skipped');
      const kept: Variable[] = [...updates.keys()].filter((v) => v !== skipped);
      const path: TypedArray[][] = [];
      for (const [x, y] of gradients) {
        await step({ a: [...x], b: y });
        path.push(await Promise.all(kept.map((v) => v.read())));
      }
      return { path, skipped: await skipped.item() };
    };
    const good = [[[0.1, 0.2], 0.3], [[-1, 2], 5], [[0.7, 0], -4]] as const;
    const clean = await run(good);
    for (const bad of BAD) {
      const dirty = await run([[[bad, 1], 1], good[0], [[1, 1], bad], [[1, bad], bad], good[1], good[2], [[0, 0], bad]]);
      expect(dirty.skipped).toBe(4);
      const [, first, again, twice, second, third, last] = dirty.path;
      expect([first, second, third]).toEqual(clean.path);
      expect([again, twice, last]).toEqual([first, first, third]);
    }
    expect(clean.skipped).toBe(0);
  });

  it('takes a loss, whose value alone is not finite, for a step', async () => {
    const w = variable(2, { name: 'w', dtype: 'float64' });
    const s = input('float64', [], 's');
    // The gradient is 1 whatever the loss is.
    const updates = skipNonFinite(heavy)(w.add(s), [w]);
    await (await compile({ inputs: { s }, updates }, interpreter()))({ s: Infinity });
    expect(await w.item()).toBe(1.5);
    expect(await updates.slot('skipped').item()).toBe(0);
  });

  it('sees what NaN in gradients counts as where the rule is told to clear it', async () => {
    const w = variable([1, 1], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2], 'g');
    const updates = skipNonFinite(heavy)([g], [w], { clearNan: true });
    await (await compile({ inputs: { g }, updates }, interpreter()))({ g: [NaN, 1] });
    expect([...(await w.read())]).toEqual([1, 0.5]);
  });
});

describe('lossScaling', () => {
  /** By torch's rule: x `backoff` after a bad step, x `growth` after `interval` good ones in a row. */
  function scales(bad: readonly boolean[], initial: number, interval: number, growth = 2, backoff = 0.5): { readonly scale: number; readonly streak: number; readonly skipped: number }[] {
    let [scale, streak, skipped] = [initial, 0, 0];
    return bad.map((is) => {
      if (is) [scale, streak, skipped] = [scale * backoff, 0, skipped + 1];
      else if (++streak === interval) [scale, streak] = [scale * growth, 0];
      return { scale, streak, skipped };
    });
  }

  it.each<[string, { readonly growth?: number; readonly backoff?: number }]>([['by halves and doubles', {}], ['by what it is told', { growth: 4, backoff: 0.125 }]])('backs off, and grows after some steps in a row: %s', async (_, factors) => {
    const w = variable(0, { name: 'w', dtype: 'float64' });
    const g = input('float64', [], 'g');
    const updates = lossScaling(heavy, { initial: 8, interval: 3, ...factors })(w.mul(g), [w], { learningRate: 0 });
    const step = await compile({ inputs: { g }, updates }, interpreter());
    const bad = [false, false, true, true, false, false, false, false, false, true, false, false, false, false, false, false];
    const path = [];
    for (const is of bad) {
      await step({ g: is ? Infinity : 1 });
      path.push({ scale: await updates.slot('scale').item(), streak: await updates.slot('streak').item(), skipped: await updates.slot('skipped').item() });
    }
    expect(path).toEqual(scales(bad, 8, 3, factors.growth, factors.backoff));
  });

  it('in a bad step leaves the parameters, the state of the rule and its count', async () => {
    const w = variable([1, -2], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2], 'g');
    const updates = lossScaling(heavy, { initial: 4 })(w.mul(g).sum(), [w]);
    const step = await compile({ inputs: { g }, updates }, interpreter());
    const own = new Set(['scale', 'streak', 'skipped'].map((slot) => updates.slot(slot)));
    const kept = [...updates.keys()].filter((v) => !own.has(v));
    expect(kept.map(({ name }) => name)).toEqual(['w', 'heavy/m/w', 'heavy/total', 'heavy/t']);
    const read = (): Promise<TypedArray[]> => Promise.all(kept.map((v) => v.read()));
    await step({ g: [1, 3] });
    const before = await read();
    for (const bad of BAD) await step({ g: [bad, 1] });
    expect(await read()).toEqual(before);
    await step({ g: [1, 3] });
    expect(await read()).not.toEqual(before);
  });

  it('goes the way of the rule by itself: a scale that is a power of 2 changes no bit', async () => {
    const way = async (scaled: boolean): Promise<number[]> => {
      const w = variable([0.3, -0.7], { name: 'w', dtype: 'float64' });
      const rule = scaled ? lossScaling(heavy, { initial: 1024, interval: 2 }) : heavy;
      const step = await compile({ updates: rule(w.square().mul(0.3).sum(), [w]) }, interpreter());
      for (let k = 0; k < 5; k++) await step();
      return [...(await w.read())];
    };
    expect(await way(true)).toEqual(await way(false));
  });
});
