import { describe, expect, it } from 'vitest';
import { rateOf, rungOf, searchRate } from '../../src/choosing/search.js';

describe('the ladder of rates', () => {
  it('is 1, 3, 10, 30 and so on, up and down', () => {
    expect([-5, -4, -3, -2, -1, 0, 1, 2, 3].map(rateOf)).toEqual([0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30]);
    expect([0.002, 0.004, 0.5, 1, 2].map((rate) => rateOf(rungOf(rate)))).toEqual([0.003, 0.003, 0.3, 1, 3]);
  });
});

describe('the search', () => {
  /** The loss is the distance to a best rate on the ladder; from some rate on the training diverges. */
  const search = async (start: number, best: number, divergesAt = Infinity): Promise<{ readonly best: number; readonly tried: readonly number[] }> => {
    const found = await searchRate(start, (rate) => Promise.resolve(rate >= divergesAt ? undefined : { loss: Math.abs(Math.log(rate / best)), result: rate }));
    expect(found.best.result).toBe(found.best.rate);
    return { best: found.best.rate, tried: found.trials.map(({ rate }) => rate) };
  };

  it('goes up while that helps, and then looks at nothing below', async () => {
    expect(await search(0.01, 0.1)).toEqual({ best: 0.1, tried: [0.01, 0.03, 0.1, 0.3] });
  });

  it('goes down where up is worse', async () => {
    expect(await search(0.1, 0.01)).toEqual({ best: 0.01, tried: [0.1, 0.3, 0.03, 0.01, 0.003] });
  });

  it('looks at both sides of a start that is best', async () => {
    expect(await search(1, 1)).toEqual({ best: 1, tried: [1, 3, 0.3] });
  });

  it('goes down from a start that diverges', async () => {
    const { best } = await search(1, 0.01, 0.3);
    expect(best).toBe(0.01);
  });

  it('ends, and says that nothing was found, where all diverges', async () => {
    const { best, trials } = await searchRate(1, () => Promise.resolve(undefined));
    expect([best.loss, best.result, trials.length]).toEqual([Infinity, undefined, 13]);
  });
});
