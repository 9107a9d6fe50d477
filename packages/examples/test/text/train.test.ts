import { compile, input, interpreter } from 'pappus';
import { describe, expect, it } from 'vitest';

import { backends } from '../../src/backends.js';
import { DivergedError } from '../../src/diverged-error.js';
import { seeded } from '../../src/random.js';
import type { BuildLanguageModel } from '../../src/text/language-model.js';
import { rateAt, trainLanguageModel, type Result, type Task } from '../../src/text/train.js';
import { transformer } from '../../src/text/transformer.js';
import { vocabularyOf } from '../../src/text/vocabulary.js';

const text = 'a whale in the sea, or a ship; '.repeat(70);
const vocabulary = vocabularyOf(text);
const tokens = vocabulary.encode(text);

/** Models as the example's, but small. */
const small: Readonly<Record<string, BuildLanguageModel>> = {
  transformer: transformer({ layers: 2, heads: 2, width: 16, expansion: 2 }),
};

async function train(build: BuildLanguageModel, changes: Partial<Task> = {}): Promise<Result> {
  return trainLanguageModel({
    build,
    train: tokens.subarray(0, 1800),
    heldOut: tokens.subarray(1800),
    vocabulary: vocabulary.characters.length,
    length: 12,
    batch: 8,
    stages: 2,
    stepsPerStage: 30,
    learningRate: 0.02,
    seed: 1,
    backend: await backends.cpu(),
    ...changes,
  });
}

describe.each(Object.entries(small))('%s', (_, build) => {
  it('begins with every character about equally likely, and learns', async () => {
    const { losses, perplexities } = await train(build);
    expect(losses).toHaveLength(60);
    expect(Math.abs((losses[0] ?? NaN) - Math.log(vocabulary.characters.length))).toBeLessThan(0.3);
    expect(losses.at(-1)).toBeLessThan(0.7);
    expect(perplexities[1]).toBeLessThan(perplexities[0] ?? NaN);
    expect(perplexities[1]).toBeLessThan(2);
  });

  it('repeats itself to the last digit, and differs by seed', async () => {
    const [first, second, other] = [await train(build), await train(build), await train(build, { seed: 2 })];
    expect([second.losses, second.perplexities]).toEqual([first.losses, first.perplexities]);
    expect(other.losses).not.toEqual(first.losses);
  });

  it('writes what it learned', async () => {
    const { write } = await train(build, { stepsPerStage: 100 });
    const prompt = vocabulary.encode('a whale ');
    expect(vocabulary.decode(await write(prompt, { count: 22, temperature: 0, seed: 1 }))).toBe('in the sea, or a ship;');
  });

  it('answers for a position by the tokens up to it alone', async () => {
    const windows = input('int32', [2, 6]);
    const { logits } = build(windows, { vocabulary: 5, length: 6 }, seeded(1));
    const answer = await compile({ inputs: { windows }, outputs: { logits } }, interpreter());
    const read = await (await answer({ windows: [[0, 1, 2, 3, 4, 0], [0, 1, 2, 4, 0, 1]] })).logits.read();
    const [first, second] = [read.slice(0, 30), read.slice(30)];
    expect(second.slice(0, 15)).toEqual(first.slice(0, 15));
    for (let position = 3; position < 6; position++) {
      expect(second.slice(5 * position, 5 * position + 5)).not.toEqual(first.slice(5 * position, 5 * position + 5));
    }
  });

  it('says so when the loss is no number any more', async () => {
    await expect(train(build, { learningRate: 1e30 })).rejects.toThrow(DivergedError);
  });
});

describe('rateAt', () => {
  it('rises over a twentieth of the steps and falls to almost nothing', () => {
    const rates = Array.from({ length: 100 }, (_, step) => rateAt(step, 100));
    expect(rates.slice(0, 6)).toEqual([0.2, 0.4, 0.6, 0.8, 1, 95 / 96]);
    expect(rates[99]).toBeCloseTo(1 / 96, 12);
    expect(rateAt(0, 1)).toBe(1);
  });
});
