import { evaluate, InputError, OptimizerError, ShapeError, variable } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { adaptiveClip, centralize, clipByBlockRms, l1Penalty, l2Penalty } from '../src/index.js';

const w = variable([[3, 0], [4, 0]], { name: 'w', dtype: 'float64' });
const g = variable([[6, 0], [8, 1]], { name: 'g', dtype: 'float64' });
const values = async (expr: Parameters<typeof evaluate>[0]): Promise<number[]> => Array.from((await evaluate(expr)).data);

describe('changes of gradients', () => {
  it('clip by the norm of the weights into a unit, those of 0 by epsilon', async () => {
    // Columns: |w| = 5 and 0, |g| = 10 and 1.
    const [clipped] = adaptiveClip([g], [w], { clipping: 0.1, epsilon: 0.5 });
    (await values(clipped)).forEach((value, i) => expect(value).toBeCloseTo([0.3, 0, 0.4, 0.05][i] ?? NaN, 14));
    expect(() => adaptiveClip([g], [])).toThrow(OptimizerError);
  });

  it.each([
    ['axes', [0], 'the option axes must be a function that answers axes, as in () => [0], not an array of 1'],
    ['an answer', () => undefined, 'the axes that the option answers must be in a list, as in () => [0], not undefined'],
  ])('take a function that answers axes, and not %s', (_, axes, message) => {
    expect(() => Reflect.apply(adaptiveClip, undefined, [[g], [w], { axes }]) as unknown).toThrow(new InputError(`adaptiveClip: ${message}`));
    expect(() => Reflect.apply(centralize, undefined, [[g], { axes }]) as unknown).toThrow(new InputError(`centralize: ${message}`));
  });

  it('name axes that there are not', () => {
    expect(() => adaptiveClip([g], [w], { axes: () => [7] })).toThrow(new ShapeError('adaptiveClip: axis 7 is not one of -2 to 1 of a tensor of 2 dimensions'));
    expect(() => centralize([g], { axes: () => [7] })).toThrow(new ShapeError('centralize: axis 7 is not one of -2 to 1 of a tensor of 2 dimensions'));
  });

  it('clip a unit that has a NaN to NaN, and one of almost 0 as if its norm were 1e-6: as Optax', async () => {
    const [spread] = adaptiveClip([variable([[6, NaN], [8, 1]], { dtype: 'float64' })], [w], { clipping: 0.1, epsilon: 0.5 });
    expect(await values(spread)).toEqual([expect.closeTo(0.3, 14), NaN, expect.closeTo(0.4, 14), NaN]);
    // The limit is 0.1 1e-8, the norm 5e-8.
    const [small] = adaptiveClip([variable([3e-8, 4e-8], { dtype: 'float64' })], [variable([0, 0], { dtype: 'float64' })], { clipping: 0.1, epsilon: 1e-8 });
    (await values(small)).forEach((value, i) => expect(value / 1e-11).toBeCloseTo([3, 4][i] ?? NaN, 12));
  });

  it('clip by the root of the mean of squares', async () => {
    // sqrt(101 / 4) is 5.02.
    expect(await values(clipByBlockRms(g, 6))).toEqual([6, 0, 8, 1]);
    const squares = (await values(clipByBlockRms(g, 2))).map((value) => value ** 2);
    expect(squares.reduce((sum, value) => sum + value, 0) / 4).toBeCloseTo(4, 13);
  });

  it('take the mean of a unit away, and leave vectors alone', async () => {
    const b = variable([1, 2], { dtype: 'float64' });
    const [centred, same] = centralize([g, b]);
    expect(await values(centred)).toEqual([-1, -0.5, 1, 0.5]);
    expect(same).toBe(b);
    // Filters are units by their first axis.
    const [filters] = centralize([variable([[[1, 2], [3, 6]], [[0, 4], [8, 12]]], { dtype: 'float64' })]);
    expect(await values(filters)).toEqual([-2, -1, 0, 3, -6, -2, 2, 6]);
  });

  it('add penalties, to those that a function chooses', async () => {
    const [l1] = l1Penalty([g], [w], 0.5);
    const [l2] = l2Penalty([g], [w], 0.5);
    expect(await values(l1)).toEqual([6.5, 0, 8.5, 1]);
    expect(await values(l2)).toEqual([7.5, 0, 10, 1]);
    expect(l2Penalty([g], [w], (p) => (p.name === 'w' ? 0 : 1))[0]).toBe(g);
  });
});
