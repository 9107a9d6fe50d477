import { describe, expect, it } from 'vitest';

import { seeded } from '../../src/random.js';
import { continuation, sample } from '../../src/text/sampling.js';

/** How often each class comes in 40,000 draws. */
function frequencies(logits: readonly number[], temperature: number): number[] {
  const random = seeded(5);
  const counts = logits.map(() => 0);
  for (let draw = 0; draw < 40_000; draw++) {
    const drawn = sample(logits, temperature, random);
    counts[drawn] = (counts[drawn] ?? NaN) + 1;
  }
  return counts.map((times) => times / 40_000);
}

describe('sample', () => {
  // Five standard deviations of a frequency are at most 0.0125.
  it.each([
    [1, [0.7, 0.2, 0.1]],
    [0.5, [0.49 / 0.54, 0.04 / 0.54, 0.01 / 0.54]],
    [0, [1, 0, 0]],
  ])('draws by the softmax of logits / %d', (temperature, expected) => {
    frequencies([0.7, 0.2, 0.1].map(Math.log), temperature).forEach((frequency, k) => {
      expect(Math.abs(frequency - (expected[k] ?? NaN))).toBeLessThan(0.0125);
    });
  });

  it('neither overflows nor draws what is impossible', () => {
    const random = seeded(1);
    for (let draw = 0; draw < 100; draw++) expect(sample([-Infinity, 1000, -Infinity], 1, random)).toBe(1);
  });
});

describe('continuation', () => {
  /** Foretells the sum of the last two tokens, modulo 5, and counts what it is asked. */
  const length = 4;
  const sums = async (window: Int32Array): Promise<Float32Array> =>
    Float32Array.from({ length: length * 5 }, (_, at) => {
      const [row, token] = [Math.floor(at / 5), at % 5];
      return token === ((window[row] ?? NaN) + (window[row - 1] ?? 0)) % 5 ? 1 : 0;
    });
  const options = { length, vocabulary: 5, temperature: 0, random: seeded(1) };

  it('goes on from a prompt shorter than a window, and past its length', async () => {
    expect(await continuation({ ...options, prompt: Int32Array.of(0, 1), count: 10 }, sums)).toEqual([1, 2, 3, 0, 3, 3, 1, 4, 0, 4]);
  });

  it('goes on from the end of a prompt longer than a window', async () => {
    expect(await continuation({ ...options, prompt: Int32Array.of(9, 9, 9, 9, 0, 1), count: 3 }, sums)).toEqual([1, 2, 3]);
  });

  it('needs something to go on from', async () => {
    await expect(continuation({ ...options, prompt: new Int32Array(), count: 1 }, sums)).rejects.toThrow('a prompt has at least one token');
  });
});
