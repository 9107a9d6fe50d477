import { compile, input, interpreter, variable, zeros } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adafactor, came, sm3 } from '../src/index.js';

const shapesOf = (state: readonly { readonly name: string; readonly shape: readonly number[] }[]): string[] => state.map(({ name, shape }) => `${name} [${shape.join()}]`);

describe('adafactor', () => {
  it('keeps rows and columns of the two largest axes, and all of a vector', () => {
    const [w, b] = [variable(zeros([2, 5, 3]), { name: 'w' }), variable(zeros([4]), { name: 'b' })];
    expect(shapesOf(adafactor([w.mul(1), b.mul(1)], [w, b]).state)).toEqual(['adafactor/rows/w [2,1,3]', 'adafactor/columns/w [2,5,1]', 'adafactor/v/b [4]', 'adafactor/t []']);
    expect(shapesOf(adafactor([w.mul(1)], [w], { axes: 'lastTwo' }).state)).toEqual(['adafactor/rows/w [2,5,1]', 'adafactor/columns/w [2,1,3]', 'adafactor/t []']);
    expect(shapesOf(adafactor([w.mul(1)], [w], { minLength: 4, momentum: 0.9 }).state)).toEqual(['adafactor/v/w [2,5,3]', 'adafactor/m/w [2,5,3]', 'adafactor/t []']);
  });

  it('has the full root of squares of rank 1, so that the first step is of signs', async () => {
    const w = variable([[0, 0], [0, 0]], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2, 2]);
    const step = await compile({ inputs: { g }, updates: adafactor([g], [w], { parameterScale: false }) }, interpreter());
    await step({ g: [[1, -2], [3, -6]] });
    const now = await w.read();
    for (const [i, value] of [-0.01, 0.01, -0.01, 0.01].entries()) expect(now[i]).toBeCloseTo(value, 12);
  });

  /** Parameters of 2 and 4 after one step by gradients that are all alike, which is one of the signs; as a vector and as a matrix. */
  async function oneStep(size: number, options: Parameters<typeof adafactor>[2]): Promise<number[][]> {
    const [b, w] = [variable([2, 4], { name: 'b', dtype: 'float64' }), variable([[2, 4], [4, 2]], { name: 'w', dtype: 'float64' })];
    await (await compile({ updates: adafactor([b, w].map((param) => param.mul(0).add(size)), [b, w], { learningRate: 0.25, parameterScale: false, ...options }) }, interpreter()))();
    return Promise.all([b, w].map(async (param) => Array.from(await param.read()).slice(0, 2)));
  }

  it('decays by itself, or times the rate', async () => {
    const near = (values: readonly number[]): unknown[] => values.map((value): unknown => expect.closeTo(value, 12));
    expect(await oneStep(1, { weightDecay: 0.5, decay: 'independent' })).toEqual([near([0.75, 1.75]), near([0.75, 1.75])]);
    expect(await oneStep(1, { weightDecay: 0.5 })).toEqual([near([1.5, 3.25]), near([1.5, 3.25])]);
  });

  it('divides by epsilon at least, where it is the least root', async () => {
    // Gradients of 0.25 over 0.5, and of 1 over 1.
    expect(await oneStep(0.25, { epsilonPlace: 'least', epsilon: 0.5 })).toEqual([[1.875, 3.875], [1.875, 3.875]]);
    expect(await oneStep(1, { epsilonPlace: 'least', epsilon: 0.5 })).toEqual([[1.75, 3.75], [1.75, 3.75]]);
  });

  it('stays finite in float32 where a row of gradients is 0', async () => {
    const w = variable([[1, 1], [1, 1]], { name: 'w' });
    const g = input('float32', [2, 2]);
    const step = await compile({ inputs: { g }, updates: adafactor([g], [w]) }, interpreter());
    for (let t = 0; t < 3; t++) await step({ g: [[0, 0], [1e-3, 0]] });
    expect(Array.from(await w.read()).every(Number.isFinite)).toBe(true);
  });
});

describe('came', () => {
  it('keeps rows and columns of squares and of differences, and all of a vector', () => {
    const [w, b] = [variable(zeros([5, 3]), { name: 'w' }), variable(zeros([4]), { name: 'b' })];
    expect(shapesOf(came([w.mul(1), b.mul(1)], [w, b]).state)).toEqual([
      'came/m/w [5,3]', 'came/rows/w [5,1]', 'came/columns/w [1,3]', 'came/differenceRows/w [5,1]', 'came/differenceColumns/w [1,3]', 'came/m/b [4]', 'came/v/b [4]',
    ]);
  });
});

it('came adds its second epsilon to the square of what the mean is off', async () => {
  // Signs of 1; their mean is 0.5, and off by 0.5: a square of 0.25, and 0.75.
  const w = variable([[0, 0], [0, 0]], { name: 'w', dtype: 'float64' });
  await (await compile({ updates: came([w.mul(0).add(3)], [w], { learningRate: 1, beta1: 0.5, beta2: 0, beta3: 0, epsilon: 0, epsilon2: 0.75 }) }, interpreter()))();
  for (const value of await w.read()) expect(value).toBeCloseTo(-0.5, 12);
});

describe('sm3', () => {
  it('keeps the greatest sum of each row and column, by hand', async () => {
    const w = variable([[0, 0], [0, 0]], { name: 'w', dtype: 'float64' });
    const g = input('float64', [2, 2]);
    const updates = sm3([g], [w], { learningRate: 1, epsilon: 0 });
    const step = await compile({ inputs: { g }, updates }, interpreter());
    await step({ g: [[1, 2], [3, 4]] });
    expect(Array.from(await w.read())).toEqual([-1, -1, -1, -1]);
    expect(Array.from(await updates.slot(w, 'axis0').read())).toEqual([4, 16]);
    expect(Array.from(await updates.slot(w, 'axis1').read())).toEqual([9, 16]);
    // The least of row and column, plus the square: 4 + 1 in the first element, 9 + 1 in the one below.
    await step({ g: [[1, 1], [1, 1]] });
    const now = await w.read();
    expect(now[0]).toBeCloseTo(-1 - 1 / Math.sqrt(5), 12);
    expect(now[2]).toBeCloseTo(-1 - 1 / Math.sqrt(10), 12);
  });

  it('has one accumulator of a vector, and of a scalar', () => {
    const [b, s] = [variable(zeros([4]), { name: 'b' }), variable(0, { name: 's' })];
    expect(shapesOf(sm3([b.mul(1), s.mul(1)], [b, s], { momentum: 0.9 }).state)).toEqual(['sm3/axis0/b [4]', 'sm3/m/b [4]', 'sm3/axis0/s []', 'sm3/m/s []']);
  });
});
