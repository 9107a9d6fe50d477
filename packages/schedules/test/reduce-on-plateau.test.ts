// What makes a rate fall, and by how much, at the very limits: numbers that floats have exactly.
import { compile, input, interpreter } from '@pappus/core';
import { describe, expect, it } from 'vitest';
import { type PlateauOptions, reduceOnPlateau } from '../src/index.js';

/** The rate, 1 at first and halved, after each loss; no patience. */
async function rates(options: Partial<PlateauOptions>, losses: readonly number[]): Promise<number[]> {
  const loss = input('float64', [], 'loss');
  const { rate, updates } = reduceOnPlateau(loss, { initial: 1, factor: 0.5, patience: 0, ...options });
  const step = await compile({ inputs: { loss }, updates }, interpreter());
  const path: number[] = [];
  for (const value of losses) {
    await step({ loss: value });
    path.push(await rate.item());
  }
  return path;
}

describe('reduceOnPlateau', () => {
  it.each<[string, Partial<PlateauOptions>, number[], number[]]>([
    ['what is as large as a share of the best is no better', { threshold: 0.25 }, [8, 6, 5.9], [1, 0.5, 0.5]],
    ['what is as small as more than the best is no better', { mode: 'max', threshold: 0.25 }, [8, 10, 10.1], [1, 0.5, 0.5]],
    ['what is the threshold below the best is no better', { thresholdMode: 'absolute', threshold: 2 }, [8, 6, 5.9], [1, 0.5, 0.5]],
    ['what is the threshold above the best is no better', { mode: 'max', thresholdMode: 'absolute', threshold: 2 }, [8, 10, 10.1], [1, 0.5, 0.5]],
    ['losses that are negative grow by a share towards 0', { threshold: 0.25 }, [-8, -6.1, -6, -8.1], [1, 1, 1, 1]],
    ['a change as small as epsilon is none', { epsilon: 0.25 }, [1, 1, 1], [1, 0.5, 0.5]],
    ['the rate falls to the least one', { minRate: 0.375 }, [1, 1, 1, 1], [1, 0.5, 0.375, 0.375]],
    ['steps of rest count no bad ones', { cooldown: 2 }, [1, 1, 1, 1, 1, 1], [1, 0.5, 0.5, 0.5, 0.25, 0.25]],
    ['bad losses in a row are more than the patience', { patience: 2 }, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25]],
  ])('%s', async (_, options, losses, expected) => {
    expect(await rates(options, losses)).toEqual(expected);
  });
});
