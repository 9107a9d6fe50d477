// Slow weights against plain arithmetic.
import { compile, defineOptimizer, input, interpreter, OptimizerError, type Variable, variable, zerosLike } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { lookahead, type LookaheadOptions } from '../src/index.js';

const heavy = defineOptimizer({ name: 'heavy', defaults: { beta: 0.5 }, state: (param) => ({ m: zerosLike(param) }), update: ({ param, grad, m, beta }) => ({ param: param.sub(beta.mul(m).add(grad)), m: beta.mul(m).add(grad) }) });

const GRADIENTS = [1, -2, 0.5, 3, -1, 0.25, 2];

/** The paper's algorithm 1 over momentum: fast and slow weights after each step. */
function byHand(start: number, steps: number, alpha: number, resets: boolean): { fast: number; slow: number }[] {
  let [fast, slow, m] = [start, start, 0];
  return GRADIENTS.map((g, k) => {
    m = 0.5 * m + g;
    fast -= m;
    if ((k + 1) % steps === 0) {
      slow += alpha * (fast - slow);
      fast = slow;
      if (resets) m = 0;
    }
    return { fast, slow };
  });
}

async function run(options: LookaheadOptions): Promise<{ fast: number; slow: number }[]> {
  const w = variable(10, { name: 'w', dtype: 'float64' });
  const g = input('float64', [], 'g');
  const updates = lookahead(heavy, options)([g], [w]);
  const slow: Variable = updates.slot(w, 'slow');
  const step = await compile({ inputs: { g }, updates }, interpreter());
  const path = [];
  for (const value of GRADIENTS) {
    await step({ g: value });
    path.push({ fast: await w.item(), slow: await slow.item() });
  }
  return path;
}

describe('lookahead', () => {
  it.each<[string, LookaheadOptions, number, number, boolean]>([
    ['every third step half of the way', { steps: 3, alpha: 0.5 }, 3, 0.5, false],
    ['with state that starts anew', { steps: 3, alpha: 0.25, reset: ['m'] }, 3, 0.25, true],
    ['that never follows', { steps: 2, alpha: 0 }, 2, 0, false],
    ['that follows all the way: the rule itself', { steps: 2, alpha: 1 }, 2, 1, false],
    ['in every step', { steps: 1, alpha: 0.5 }, 1, 0.5, false],
    ['of defaults', {}, 5, 0.5, false],
  ])('has slow weights %s', async (_, options, steps, alpha, resets) => {
    expect(await run(options)).toEqual(byHand(10, steps, alpha, resets));
  });

  it('begins where the parameter is in the first step, not where it was when the rule was called', async () => {
    const w = variable(10, { name: 'w', dtype: 'float64' });
    const updates = lookahead(heavy, { steps: 1, alpha: 0 })([w.mul(0).add(1)], [w]);
    await w.set(4);
    await (await compile({ updates }, interpreter()))();
    expect(await w.item()).toBe(4);
  });

  it('names state that the rule has not', () => {
    const w = variable(1, { name: 'w' });
    expect(() => lookahead(heavy, { reset: ['velocity'] })([w], [w])).toThrow(new OptimizerError("updates: there is no state of w named 'velocity'; there is heavy/m"));
  });
});
