import { expect, it } from 'vitest';

import { perplexity, type Judge } from '../../src/text/perplexity.js';

/** A model that ignores what came before: a given probability for each token. */
const unigram = (probabilities: readonly number[]): Judge => async ({ targets }) => Float64Array.from(targets, (target) => -Math.log(probabilities[target] ?? NaN));
const text = Int32Array.from({ length: 4001 }, (_, k) => [0, 1, 0, 2][k % 4] ?? 0);

it('is the number of tokens for a model that knows nothing, and 1 for one that knows all', async () => {
  expect(await perplexity(text, 8, 16, unigram([1 / 5, 1 / 5, 1 / 5]))).toBeCloseTo(5, 10);
  expect(await perplexity(text, 8, 16, async ({ targets }) => new Float32Array(targets.length))).toBe(1);
});

it('is the exponential of the entropy for a model that knows the frequencies: 2^1.5 for 1/2, 1/4, 1/4', async () => {
  expect(await perplexity(text, 8, 16, unigram([1 / 2, 1 / 4, 1 / 4]))).toBeCloseTo(2 ** 1.5, 10);
});

it('judges no first half of a window', async () => {
  const blind: Judge = async ({ targets }) => Float64Array.from(targets, (_, at) => (at % 8 < 4 ? 100 : Math.log(3)));
  expect(await perplexity(text, 8, 16, blind)).toBeCloseTo(3, 10);
});

it('is NaN where a loss is', async () => {
  expect(await perplexity(text, 8, 16, async () => [])).toBeNaN();
});
