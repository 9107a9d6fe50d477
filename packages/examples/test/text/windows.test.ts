import { describe, expect, it } from 'vitest';

import { seeded } from '../../src/random.js';
import { halfOverlapping, randomWindows } from '../../src/text/windows.js';

const counted = (length: number): Int32Array => Int32Array.from({ length }, (_, k) => k);

describe('randomWindows', () => {
  const { size, tokens, targets } = randomWindows(counted(10), 5000, 4, seeded(1));

  it('are runs of the text, and the targets what follows each of their tokens', () => {
    expect([size, tokens.length, targets.length]).toEqual([5000, 20_000, 20_000]);
    expect(tokens.every((token, at) => at % 4 === 0 || token === (tokens[at - 1] ?? NaN) + 1)).toBe(true);
    expect(targets.every((target, at) => target === (tokens[at] ?? NaN) + 1)).toBe(true);
  });

  it('begin anywhere, the first and the last place included', () => {
    const starts = new Set(tokens.filter((_, at) => at % 4 === 0));
    expect([...starts].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are decided by the seed', () => {
    expect(randomWindows(counted(100), 3, 4, seeded(2))).toEqual(randomWindows(counted(100), 3, 4, seeded(2)));
    expect(randomWindows(counted(100), 3, 4, seeded(2))).not.toEqual(randomWindows(counted(100), 3, 4, seeded(3)));
  });
});

describe('halfOverlapping', () => {
  it('have every target once in a second half, but for the first half window and what is left over', () => {
    const batches = [...halfOverlapping(counted(50), 4, 6)];
    expect(batches.map(({ size }) => size)).toEqual([4, 4, 4, 3]);
    const judged = batches.flatMap(({ targets }) => [...targets].filter((_, at) => at % 6 >= 3));
    expect(judged).toEqual(Array.from({ length: 45 }, (_, k) => k + 4));
  });

  it('are one where the text is just long enough', () => {
    expect([...halfOverlapping(counted(7), 4, 6)].map(({ tokens, targets }) => [[...tokens], [...targets]])).toEqual([
      [[0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6]],
    ]);
  });
});

it('refuses a text that is too short and a length that has no half', () => {
  expect(() => randomWindows(counted(6), 1, 6, seeded(1))).toThrow('a text of 6 tokens has no window of 6 and the token after it');
  expect(() => [...halfOverlapping(counted(6), 1, 6)]).toThrow('a text of 6 tokens has no window of 6');
  expect(() => randomWindows(counted(60), 1, 5, seeded(1))).toThrow('windows have an even length, not 5');
});
