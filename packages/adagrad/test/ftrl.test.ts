import { compile, input, interpreter, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { ftrl } from '../src/index.js';

const initial = [0.5, -1.25, 0];
const gradients = [[2, -2.5, 0.375], [-0.625, -0.5, -0.25], [-2, -0.25, -0.875], [3.375, 0.25, -0.375], [-0.25, -0.625, -1]];

/** What keras.optimizers.Ftrl of Keras 3.15.1 answers on PyTorch in float64: our options, and the parameter after each step. */
const KERAS: readonly (readonly [Parameters<typeof ftrl>[2], readonly (readonly number[])[]])[] = [
  [{ learningRate: 0.5 }, [
    [-0.07195167926909793, -0.5970886798826196, -0.3822353935782191],
    [0.07551592565630809, -0.4997763118624292, -0.15519708898496926],
    [0.4187024054048889, -0.4513488840983005, 0.2679973902458708],
    [0.04024070327224515, -0.49955075205328164, 0.4384959751134892],
    [0.06823094197905695, -0.3824004276542122, 0.7748799410811213],
  ]],
  [{ learningRate: 0.3, l1: 0.2, l2: 0.1, beta: 1, l2Shrinkage: 0.05, initialAccumulator: 0.25 }, [
    [0.03388582950459061, -0.47496400107173786, -0.031157270029673587],
    [0.09190424383793686, -0.43006364620149645, 0],
    [0.24123385205241668, -0.40611267233519727, 0.07598747874711964],
    [0.057020437941581195, -0.42317303150074376, 0.12550419889284725],
    [0.07024335086814684, -0.3698655803485474, 0.2396151155202764],
  ]],
  [{ learningRate: 0.3, learningRatePower: -0.75, l1: 0.4 }, [
    [0.21925344001956476, -0.9769415338243592, 0],
    [0.28003490727910957, -0.9405137033009948, 0],
    [0.4006624567555421, -0.9224280855789453, 0.09989234381267832],
    [0.2931243795306816, -0.9403874948222335, 0.1974433565477315],
    [0.301071433223139, -0.897350545094325, 0.3629895420027906],
  ]],
];

const course = async (options: Parameters<typeof ftrl>[2]): Promise<number[][]> => {
  const w = variable(initial, { name: 'w', dtype: 'float64' });
  const g = input('float64', [3]);
  const step = await compile({ inputs: { g }, updates: ftrl([g], [w], options) }, interpreter());
  const values: number[][] = [];
  for (const now of gradients) {
    await step({ g: now });
    values.push(Array.from(await w.read()));
  }
  return values;
};

describe('ftrl', () => {
  it.each(KERAS)('goes where that of Keras goes with %o', async (options, expected) => {
    // Differences of roots lose a digit or two.
    for (const [t, values] of (await course(options)).entries()) for (const [i, value] of values.entries()) expect(value).toBeCloseTo(expected[t]?.[i] ?? NaN, 13);
  });

  it('takes -1/2 as a power for the same root', async () => {
    const [root, power] = [await course({ learningRate: 0.5 }), await course({ learningRate: 0.5, learningRatePower: -0.5 })];
    for (const [t, values] of power.entries()) for (const [i, value] of values.entries()) expect(value).toBeCloseTo(root[t]?.[i] ?? NaN, 14);
  });

  it('leaves elements exactly 0 whose gradients do not outweigh the L1 penalty', async () => {
    const w = variable([0, 0], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2]);
    const step = await compile({ inputs: { g }, updates: ftrl([g], [w], { learningRate: 1, l1: 1 }) }, interpreter());
    for (let t = 0; t < 10; t++) await step({ g: [t % 2 === 0 ? 0.9 : -0.9, 0.9] });
    const [first, second] = await w.read();
    expect(first).toBe(0);
    expect(second).toBeLessThan(0);
  });
});
