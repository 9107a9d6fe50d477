// adam along the trajectories of Dandelion's own code, and to the values that Lasagne publishes, on any backend.
import { type Backend, compile, variable } from '@pappus/core';
import { allClose, publishedValues, trajectories } from '@pappus/testing';
import { expectPath, replay } from '@pappus/testing/rules';
import { describe, expect, it } from 'vitest';
import { adam } from '../src/index.js';

export interface TrajectoryOptions {
  readonly dtype: 'float32' | 'float64';
  /** Relative to the expected value of each element after each step. */
  readonly rtol: number;
}

/**
 * Declares the tests of a backend.
 *
 * @example adamTrajectories('the interpreter', interpreter, { dtype: 'float64', rtol: 1e-12 });
 */
export function adamTrajectories(name: string, makeBackend: () => Backend | Promise<Backend>, { dtype, rtol }: TrajectoryOptions): void {
  describe(`adam on ${name}, ${dtype}`, () => {
    const cases = trajectories('adam');

    it('has a trajectory for defaults, other options, clearNan and a symbolic learning rate', () => {
      const kinds = cases.map((c) => (c.learningRatePerStep === undefined ? Object.keys(c.options).join() : 'symbolic'));
      expect(kinds).toEqual(['', 'learningRate,beta1,beta2,epsilon', 'learningRate,clearNan', 'symbolic']);
    });

    it.each(cases)('follows Dandelion: $name', async (recording) => {
      const path = await replay(
        (grads, params, rate) => adam(grads, params, { ...recording.options, ...(rate === undefined ? {} : { learningRate: rate }) }),
        recording,
        await makeBackend(),
        { dtype },
      );
      expectPath(path, recording.expected, rtol, recording.name);
    });

    it('arrives at the values that Lasagne publishes', async () => {
      const { initial, steps, values } = publishedValues();
      const [hyperparameters, expected] = values.adam;
      const x = variable([...initial], { name: 'x', dtype });
      const loss = x.square().mul(variable([0.1, 0.2, 0.3], { dtype })).sum();
      const step = await compile({ updates: adam(loss, [x], hyperparameters) }, await makeBackend());
      for (let t = 0; t < steps; t++) await step();
      allClose(await x.read(), expected, { rtol: 1e-5, atol: 1e-5 });
    });
  });
}
