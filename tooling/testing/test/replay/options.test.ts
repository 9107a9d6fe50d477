// Options that the recorded files have not: two steps of two numbers, which torch 2.13 and Optax 0.2.8 computed in float64.
import { interpreter } from '@pappus/core';
import { expect, it } from 'vitest';
import { trajectoryOutcome } from '../../src/replay/outcome.js';
import { parseRecordedFile } from '../../src/rules/recorded-file.js';

const steps = { shapes: [[2]], initial: [[1, -2]], gradients: [[[0.5, 0.25]], [[-1, 0.75]]] };

async function outcomeOf(recording: object): ReturnType<typeof trajectoryOutcome> {
  const { trajectories: [read] } = parseRecordedFile(JSON.stringify({ trajectories: [{ ...steps, ...recording }] }), 'options');
  if (read === undefined) throw new Error('nothing was read');
  return trajectoryOutcome(read, interpreter(), 'float64');
}

it.each([
  [
    'NAdam without beta1, whose product of momenta is 0',
    { peer: 'torch.optim', function: 'NAdam', options: { betas: [0, 0.9] }, expected: [[[0.99800000004, -2.00199999992]], [[1.0004907994052885, -2.0046285148366305]]] },
  ],
  [
    'Polyak\'s rate of gradients that are scaled before their norm is taken',
    { peer: 'optax', function: 'polyak_sgd', options: { scaling: 0.5, f_min: 0.25 }, losses: [0.375, 0.5], expected: [[[0.75, -2.125]], [[1.07, -2.365]]] },
  ],
  [
    'a base with a pair of options in its text',
    {
      peer: 'torch', function: 'torch.optim.swa_utils.AveragedModel (SWA)', options: {}, base: 'torch Adam(lr=0.125, betas=(0.5, 0.75))', expected: [[[0.8750000025, -2.124999995]], [[0.9508721239123079, -2.2485672808258634]]],
      expectedAverage: [[[0.8750000025, -2.124999995]], [[0.912936063206154, -2.1867836379129315]]],
    },
  ],
  [
    'SAM uphill along a centralised gradient, by the class\'s formula',
    {
      peer: 'pytorch_optimizer', function: 'pytorch_optimizer.SAM', options: { use_gc: true, rho: 0.5 }, base: 'torch SGD(lr=0.125)', gradients: undefined,
      shapes: [[2, 2]], initial: [[1, -2, 0.5, 3]], problem: { a: [[1, 0.5, 2, 0.25]], c: [[0.5, 1, -1, 2]] },
      expected: [
        [[0.8210387086905219, -1.7735845407918942, 0.4373249847542147, 3.150423433630261]],
        [[0.6550418286988245, -1.5870162559156782, 0.39532864821278235, 3.304182113448855]],
      ],
    },
  ],
])('follows %s', async (_, recording) => {
  const { status, message } = await outcomeOf(recording);
  expect([status, message]).toEqual(['followed', undefined]);
});

it.each([
  [{ mu_dtype: 'float32' }, 'the option mu_dtype must be null or "float64", and is "float32"'],
  [{ mask: 'kernels' }, 'the option mask must be null, and is "kernels"'],
])('names %j, which no rule of ours has', async (options, message) => {
  const outcome = await outcomeOf({ peer: 'optax', function: 'adamw', options: { learning_rate: 0.1, ...options }, expected: steps.gradients });
  expect(outcome.message).toContain(message);
});
