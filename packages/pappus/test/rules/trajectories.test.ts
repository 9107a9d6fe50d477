// Every rule along the trajectories that Lasagne's and Dandelion's own code took.
import { trajectories } from '@pappus/test-support';
import { changes, expectPath, expectWay, replay } from '@pappus/testing/rules';
import { describe, expect, it } from 'vitest';
import { cpu, interpreter } from '../../src/index.js';
import { replayed } from './reference-rules.js';
import { float32OfTheWay } from './tolerance.js';

describe.each(trajectories())('$name', (trajectory) => {
  const rule = replayed(trajectory);
  const { name, expected, initial } = trajectory;

  it('on the interpreter, to 12 digits', async () => {
    expectPath(await replay(rule, trajectory, interpreter(), { dtype: 'float64' }), expected, 1e-12, name);
  });

  it('on the CPU in float64, to 9 digits', async () => {
    expectPath(await replay(rule, trajectory, await cpu(), { dtype: 'float64' }), expected, 1e-9, name);
  });

  it('on the CPU in float32, to 2e-6 of the way', async () => {
    const path = await replay(rule, trajectory, await cpu(), { dtype: 'float32', from: 'zero' });
    expectWay(path, changes(expected, initial), float32OfTheWay, name);
  });
});

it('are all there', () => {
  expect(trajectories()).toHaveLength(44);
});
